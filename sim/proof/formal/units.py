"""The stream units at small sizes, and what their outputs are of their inputs."""

from collections.abc import Callable, Iterator

import numpy as np

from qhw.exact.num import Int, Rounding
from qhw.exact.window import Window
from qhw.hw.storage.memory import Replay
from qhw.hw.streams.fifo import Fifo
from qhw.hw.streams.reorder import ReorderUnit
from qhw.hw.streams.stream import Buffer, Narrow, Widen
from qhw.hw.streams.wide_window import WideWindow
from qhw.hw.streams.window import WindowUnit
from qhw.hw.units.argmax import ArgMaxUnit
from qhw.hw.units.combine import CombineUnit
from qhw.hw.units.history import HistoryUnit
from qhw.hw.units.join import ConcatUnit, Fork, SumUnit, TakeUnit
from qhw.hw.units.lookup import LookupUnit
from qhw.hw.units.matvec import MatVecUnit
from qhw.hw.units.multiply import MultiplyUnit
from qhw.hw.units.reduce import ReduceUnit
from qhw.hw.units.requant import RequantUnit
from qhw.hw.units.threshold import ThresholdUnit
from qhw.schemes import schemes

from .streams import Element, Stream


def streams() -> Iterator[Stream]:
    yield from queues()
    yield from joins()
    yield from orders()
    yield from sums()
    yield from functions()


def moved(x: Element, places: range | list[int]) -> list[str]:
    """Elements of the only input."""
    return [x("i", k) for k in places]


def after(each: int) -> Callable[[int], list[int]]:
    """An output beat for ``each`` input beats."""
    return lambda n: [each * n + each]


def queues() -> Iterator[Stream]:
    def same(x: Element, n: int) -> list[str]:
        return moved(x, [n])

    yield Stream("Buffer", Buffer(2, 1), same, after(1), outputs=5, late=1)
    for depth in (2, 4, 6):
        yield Stream(f"Fifo of {depth}", Fifo(1, 1, depth), same, after(1), outputs=depth + 1,
                     steps=depth + 6, late=2, induction=depth > Fifo.SMALL)
    for k in range(2):
        yield Stream(f"Fork, output {k}", Fork(2, 1, 2), same, after(1), o=f"o{k}", outputs=4,
                     steps=7, late=1)
    yield Stream("Widen by 3", Widen(2, 2, 3), lambda x, n: moved(x, range(6 * n, 6 * n + 6)),
                 after(3), outputs=2, late=3)
    yield Stream("Narrow by 3", Narrow(2, 1, 3), same, lambda n: [n // 3 + 1], outputs=6, late=1)


def joins() -> Iterator[Stream]:
    yield Stream("Take 2 of 4", TakeUnit(2, 1, 1, 2, 4),
                 lambda x, n: moved(x, [n // 2 * 4 + 1 + n % 2]),
                 lambda n: [n // 2 * 4 + 2 + n % 2], outputs=4, late=2)
    yield Stream("Concat of 1 and 2", ConcatUnit([Int(0, 3), Int(-2, 1)], Int(-2, 3), [1, 2], 1),
                 lambda x, n: [x("i0", n // 3) if n % 3 == 0 else x("i1", n // 3 * 2 + n % 3 - 1)],
                 lambda n: [n // 3 + 1, n // 3 * 2 + n % 3], outputs=6, steps=9, late=1)
    a, b = np.array([2, -1]), np.array([1, 3])
    yield Stream("Sum, 2 channels",
                 SumUnit(a, b, xs=(Int(0, 3), Int(-2, 1)), y=Int(-9, 9), lanes=1),
                 lambda x, n: [f"({a[n % 2]}) * {x('i0', n)} + ({b[n % 2]}) * {x('i1', n)}"],
                 lambda n: [n + 1, n + 1], outputs=4, steps=8, late=2)
    yield Stream("Multiply", MultiplyUnit((1, -2), xs=(Int(0, 3), Int(-2, 1)), y=Int(-3, 6),
                                          lanes=1),
                 lambda x, n: [f"({x('i0', n)} - 1) * ({x('i1', n)} + 2)"],
                 lambda n: [n + 1, n + 1], outputs=4, steps=8, late=2)


def orders() -> Iterator[Stream]:
    yield Stream("Replay 2 beats 2 times", Replay(2, 1, 2, 2),
                 lambda x, n: moved(x, [n // 4 * 2 + n % 2]), lambda n: [n // 4 * 2 + n % 2 + 1],
                 outputs=6, steps=11, late=2)
    yield Stream("Reorder 2 x 2", ReorderUnit(2, 1, 4, ((2, 1), (2, 2))),
                 lambda x, n: moved(x, [n // 4 * 4 + n % 2 * 2 + n % 4 // 2]),
                 lambda n: [n // 4 * 4 + 4], outputs=5, steps=12, late=5)
    for kept, new, newest_first in ((2, 1, False), (1, 2, False), (2, 1, True)):
        initial = np.arange(1, kept + 1).reshape(-1, 1)
        unit = HistoryUnit(initial, new, x=Int(0, 3), y=Int(0, 3), newest_first=newest_first)
        yield Stream(f"History of {kept} kept and {new} new{', newest first' * newest_first}",
                     unit, lambda x, n, u=unit: [kept_or_new(x, n, u)],
                     lambda n, u=unit: [n // u.depth * u.count + u.needs(n % u.depth)],
                     outputs=6, steps=12, late=3)
    window, shape = Window((2, 2), pads=(1, 0, 0, 0)), (2, 2, 1)
    seen = window.patches(np.arange(1, 5).reshape(1, *shape), 0).reshape(-1)
    yield Stream("Window of 2 x 2, a pad above", WindowUnit(2, window, shape),
                 lambda x, n: ["0" if seen[n] == 0 else x("i", int(seen[n]) - 1)],
                 lambda n: [max(seen[:n + 1])] if n < len(seen) else [4],
                 outputs=len(seen), steps=13, late=5)
    window, shape = Window((2, 2), pads=(1, 1, 0, 0)), (2, 2, 1)
    taps = window.patches(np.arange(1, 5).reshape(1, *shape), 0)
    yield Stream("Whole windows of 2 x 2, pads above and left", WideWindow(2, window, shape),
                 lambda x, n: whole(x, n, taps),
                 lambda n: [n + 1], outputs=6, steps=9, late=2)


def whole(x: Element, n: int, seen: np.ndarray) -> list[str]:
    """The taps of a window; ``seen`` has the place of each element in an image, from 1."""
    image, place = divmod(n, 4)
    return ["0" if k == 0 else x("i", 4 * image + int(k) - 1) for k in seen.reshape(4, -1)[place]]


def kept_or_new(x: Element, n: int, unit: HistoryUnit) -> str:
    """An output beat of a ring: an input beat, or an initial one that is not overwritten yet."""
    inference, place = divmod(n, unit.depth)
    if unit.newest_first:
        block, k = divmod(place, unit.count)
        initial = place - (inference + 1) * unit.count
        return str(1 + initial) if initial >= 0 else x("i", (inference - block) * unit.count + k)
    k = inference * unit.count + place - unit.kept
    return x("i", k) if k >= 0 else str(1 + k + unit.kept)


def sums() -> Iterator[Stream]:
    rng = np.random.default_rng(3)
    for name, y in (("binary", Int(-16, 15)), ("ternary", Int(-16, 15)), ("fixed", Int(-128, 127))):
        scheme = schemes[name]()
        weights = scheme.quantize(rng.normal(size=(2, 2)))
        integers, start = scheme.decode(weights.codes, weights.table), np.array([1, -2])
        for pe, simd in ((1, 1), (2, 2)):
            fold = 2 // simd
            yield Stream(
                f"MatVec, {name}, PE {pe}, SIMD {simd}",
                MatVecUnit(scheme.element(weights.table), weights.codes, start, x=Int(-2, 1), y=y,
                           pe=pe, simd=simd),
                lambda x, n, w=integers, start=start, pe=pe: [
                    dot(x, w[row], 2 * (n * pe // 2), start[row])
                    for row in ([n % 2] if pe == 1 else [0, 1])],
                lambda n, fold=fold, pe=pe: [(n * pe // 2 + 1) * fold],
                outputs=2, steps=10, late=2 * fold + 3)
    factors, start = np.array([[3, -1], [1, 2]]), np.array([1, -1])
    yield Stream("Combine, 2 parts",
                 CombineUnit(factors, start, x=Int(-2, 1), y=Int(-16, 15), pe=1),
                 lambda x, n: [dot(x, factors[n % 2], 2 * n, start[n % 2])], after(1), outputs=3,
                 steps=12, late=4)
    yield Stream("Reduce, the sum of 3", ReduceUnit("sum", 3, np.array([[False]]), x=Int(-2, 1),
                                                    y=Int(-6, 3)),
                 lambda x, n: [dot(x, np.ones(3, int), 3 * n, 0)], after(3), outputs=2, late=3)
    yield Stream("Reduce, largest and least of 2", ReduceUnit(
        "max", 2, np.array([[False, True]]), x=Int(-2, 1), y=Int(-2, 1)),
        lambda x, n: [chosen(x("i", 4 * n + k), sign, x("i", 4 * n + 2 + k))
                      for k, sign in enumerate("><")], after(2), outputs=2, late=2)


def dot(x: Element, row: np.ndarray, first: int, start: int) -> str:
    return " + ".join([f"({int(start)})", *(f"({int(w)}) * {x('i', first + k)}"
                                            for k, w in enumerate(row))])


def chosen(a: str, sign: str, b: str) -> str:
    return f"{a} {sign} {b} ? {a} : {b}"


def functions() -> Iterator[Stream]:
    """Of every element by itself, as a table of numpy's own results."""
    x = Int(-8, 7)
    every = np.arange(x.lo, x.hi + 1)

    def table(of: np.ndarray) -> Callable[[Element, int], list[str]]:
        """(channels, values), one channel a beat."""
        return lambda element, n: [cases(element("i", n), every, of[n % len(of)])]

    limits, flip = np.array([[-3, 0, 2], [-1, 1, 5]]), np.array([False, True])
    codes = (every[None, :, None] >= limits[:, None]).sum(2)
    codes[1] = 3 - codes[1]
    yield Stream("Threshold, 4 levels, one channel flipped",
                 ThresholdUnit(limits, flip, x=x, lo=0, pe=1), table(codes), after(1), outputs=3,
                 steps=8, late=3)
    multiplier, offset = np.array([3, -2]), np.array([1, -5])
    for rounding in Rounding:
        real = rounding.real((every * multiplier[:, None] + offset[:, None]) / 4) + 1
        yield Stream(f"Requant, rounding {rounding.value}",
                     RequantUnit(multiplier, offset, 2, 1, rounding, x=x, y=Int(-4, 3), pe=1),
                     table(np.clip(real, -4, 3).astype(int)), after(1), outputs=3, steps=7, late=3)
    values = np.random.default_rng(1).integers(-5, 6, len(every))
    yield Stream("Lookup", LookupUnit(values, x=x, y=Int(-5, 5), pe=1), table(values[None]),
                 after(1), outputs=3, steps=6, late=1)
    for rank, wins in (([0, 0, 0], "the first"), ([0, 1, 2], "the last")):
        later = ">" if rank[0] == rank[1] else ">="
        yield Stream(f"ArgMax of 3, among equals {wins}",
                     ArgMaxUnit(np.array(rank), x=Int(-2, 1), pe=1),
                     lambda element, n, later=later: [largest(
                         [element("i", 3 * n + k) for k in range(3)], later)],
                     after(3), outputs=2, late=5)


def cases(x: str, every: np.ndarray, values: np.ndarray) -> str:
    """A table as nested conditions."""
    text = "0"
    for at, value in zip(every, values, strict=True):
        text = f"{x} == {int(at)} ? {int(value)} : {text}"
    return text


def largest(xs: list[str], later: str) -> str:
    """The index of the largest of three; ``later`` is how a later one beats an earlier one."""
    a, b, c = xs
    return f"({c} {later} {a} && {c} {later} {b}) ? 2 : ({b} {later} {a}) ? 1 : 0"

"""Processing elements and accumulators, with the weights as synthesis sees them.

The gates are the unit's own: ``common`` and ``dot`` of its element, and ``total`` of its
accumulators. This module models the weight bits that Yosys knows: a bit that has the same value in
all words of a memory in logic is a constant, but only after products have moved to DSP blocks.
Elements with no known weight are mapped once for a chip. If there are many elements with known
weights, a sample of them is mapped."""

import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from amaranth.hdl import Const, Signal, Value

from ..exact.num import Int
from ..hw.fabric import Parts, added, times
from ..hw.storage.memory import pack
from ..hw.units.matvec import MatVecUnit
from ..pe import Element
from ..pe.chains import nets
from ..pe.staged import places
from ..pe.stages import staged
from .expressions import Expressions
from .parts import Cells, columns, read

__all__ = ["Known", "constant_tile", "folded_tile"]

MOST, SOME = 1024, 192
"""Products that are mapped where all weights are constants, and where bits of them are; of more, as
many rows as that, and the rest in proportion."""

Elements = tuple[Parts, Parts, list[list[str]], Sequence[int]]
"""Parts of the shared logic, parts of elements by weights, the kind of gates before each bit of
their sums ("0" for a constant bit), and the DSP blocks of each product."""


@dataclass
class Known:
    """Gates that are mapped already for a chip.

    ``elements`` are processing elements by gates, inputs, lanes, registers and the known bits of
    their weights; ``accumulators`` are single ones, by shapes, known bits and gates before them."""

    elements: dict[bytes, Elements] = field(default_factory=dict[bytes, Elements])
    accumulators: dict[Any, Parts] = field(default_factory=dict[Any, Parts])


def _accumulators(chip: Cells, unit: MatVecUnit, kinds: Sequence[Sequence[str]], known: Known
                  ) -> Parts:
    """Lists the parts of the accumulators behind the registers of the sums. Those alike are mapped
    once, unless a start value is added to each sum and several share bits of it.

    Parameters
    ----------
    kinds : for each sum, the kind of gates before each of its bits; they repeat
    known : accumulators that are mapped already; new ones are added
    """
    e, starts = chip.expressions(), chip.per_group(unit.starts(), unit.y)[1][:unit.lanes]
    bits = [e.bits(start) for start in starts]
    nets = [bit.support for row in bits for bit in row if not isinstance(bit, int)]
    behind = [tuple(kinds[k % len(kinds)]) for k in range(len(starts))]
    first = unit.synapse_fold == 1
    if first and len(set(nets)) < len(nets):
        return _totals(chip, unit, starts, behind)
    shapes = first, unit.chained, unit.y, unit.element.total(unit.x, unit.simd)
    alike = Counter[Any]()
    for start, before, row in zip(starts, behind, bits, strict=True):
        key = *shapes, before, tuple(bit if isinstance(bit, int) else None for bit in row)
        alike[key] += 1
        if key not in known.accumulators:
            known.accumulators[key] = _totals(chip, unit, [start], [before])
    return added(*(times(known.accumulators[key], count) for key, count in alike.items()))


def _totals(chip: Cells, unit: MatVecUnit, starts: Sequence[Value], behind: Sequence[Sequence[str]]
            ) -> Parts:
    """Maps the accumulators of sums ``behind`` gates of these kinds, by their start values."""
    e = chip.expressions()
    shape = unit.element.total(unit.x, unit.simd).shape
    sums = [e.given(shape, kinds) for kinds in behind]
    if unit.chained and chip.family.totals:
        y = [e.assign(Signal(unit.y.shape), Signal(unit.y.shape) + sum_) for sum_ in sums]
        return chip.mapped(e, y)
    return chip.mapped(e, _next(e, unit, starts, sums))


def _next(e: Expressions, unit: MatVecUnit, starts: Sequence[Value], sums: Sequence[Value]
          ) -> list[Signal]:
    """The next values of accumulators."""
    first = Signal()
    return [e.assign(Signal(unit.y.shape), unit.total(first, start, Signal(unit.y.shape), sum_))
            for start, sum_ in zip(starts, sums, strict=False)]


def _x_lanes(unit: MatVecUnit) -> list[Value]:
    return [Signal(unit.x.shape) for _ in range(unit.simd)]


def folded_tile(chip: Cells, unit: MatVecUnit, known: Known) -> Parts:
    """Lists the parts of a tile that reads several words of weights from memory: processing
    elements, shared logic, registers and accumulators.

    Parameters
    ----------
    chip : the target's cells
    unit : the unit that the tile is in
    known : gates that are mapped already; new ones are added"""
    found = _once(chip, unit, (), known)
    # Synthesis sees constant bits of a memory only after it has mapped products to DSP blocks.
    seen = _seen(chip, unit)
    once, each, kinds, _ = _once(chip, unit, seen, known, found[3]) if seen else found
    rows = max(len(seen) // (unit.simd // unit.element.group * unit.element.bits), 1)
    return added(once, times(each, unit.pe / rows), _accumulators(chip, unit, kinds, known))


def _once(chip: Cells, unit: MatVecUnit, seen: Sequence[int], known: Known,
          blocks: Sequence[int] = ()) -> Elements:
    """Maps processing elements as ``_elements`` does, unless they are ``known``; those whose gates
    depend on the weights of a whole vector are always mapped."""
    if unit.constants() is not None:
        return _elements(chip, unit, seen, blocks)
    key = pickle.dumps((unit.element, unit.x, unit.simd, unit.inside, seen))
    if key not in known.elements:
        known.elements[key] = _elements(chip, unit, seen, blocks)
    return known.elements[key]


def _elements(chip: Cells, unit: MatVecUnit, seen: Sequence[int], blocks: Sequence[int]
              ) -> Elements:
    """Maps processing elements of whose weights these columns are ``seen``, or one if nothing is
    known of them; ``blocks`` are the DSP blocks of their products, if they are decided already."""
    element, rows = unit.element, _rows(unit, seen)
    e = chip.expressions()
    lanes = _x_lanes(unit)
    constants = unit.constants()
    common = element.common(lanes, [] if constants is None else chip.per_group(
        *constants, seen=bool(blocks))[1])
    shape = element.common_layout(unit.x, unit.simd).elem_shape
    at, inside = _places(unit)
    kept = _Kept(e, element)
    made = [] if common is lanes else [e.assign(Signal(shape), value)
                                       for value in staged(common, at, kept)]
    e.need(*made)
    once, before = chip.mapped(e, kept.values), e
    e = chip.expressions(blocks)
    inputs = e.taken(made, before) if made else lanes
    shape = unit.element.total(unit.x, unit.simd).shape
    kept = _Kept(e, element)
    sums = [e.assign(Signal(shape), y) for row in rows for y in kept.nets(
        staged(element.dot(inputs, row), inside, kept))]
    each = added(chip.mapped(e, sums, kept.values),
                 {"ff.lone": len(rows) * len(at) * element.bits * len(rows[0])} if at else {})
    kinds = [["0" if bit == 0 else "" if isinstance(bit, int) else bit.made_by
              for bit in e.bits(y)] for y in sums]
    return once, each, kinds, e.decided


class _Kept:
    """Registers inside the expressions of an element; ``values`` are those at their inputs."""

    def __init__(self, e: Any, element: Element):
        self.e, self.element = e, element
        self.values = list[Value]()

    def __call__(self, value: Value, stage: int) -> Signal:
        self.values += self.nets([value])
        return self.e.register(self.values[-1])

    def nets(self, sums: Sequence[Value]) -> Sequence[Value]:
        """The same sums, with the nets that synthesis keeps."""
        return nets(sums, lambda sum_: self.e.assign(Signal(sum_.shape()), sum_),
                    apart=self.element.chained)


def _places(unit: MatVecUnit) -> tuple[list[int], list[int]]:
    """The depths before each register inside the sums: of shared logic, and of an element."""
    if not unit.inside:
        return [], []
    return places(unit.element, unit.x, unit.simd, unit.inside)


def _rows(unit: MatVecUnit, seen: Sequence[int]) -> list[list[Value]]:
    """The codes of each processing element, by the columns of their bits; without columns there is
    one element."""
    count, bits = unit.simd // unit.element.group, unit.element.bits
    if not seen:
        return [[Signal(bits) for _ in range(count)]]
    codes = read(list(seen), 0, Int(0, (1 << bits) - 1), seen=False)
    return [codes[k:k + count] for k in range(0, len(codes), count)]


def _seen(chip: Cells, unit: MatVecUnit) -> tuple[int, ...]:
    """The columns of the weights' bits as synthesis sees them, or none if all of them differ. Bits
    of a memory in logic may be constant (-1 for 0, -2 for 1) or equal in all words."""
    count, bits = unit.simd // unit.element.group, unit.element.bits
    words, width = unit.rows(), unit.pe * count * bits
    if unit.storage != "packed" or chip.target.style(
            width, len(words), writable=False, form=unit.form) == "block":
        return ()
    some = min(unit.pe, max(SOME // unit.simd, 1)) * count
    found = columns(pack(words[:, :some], bits), bits * some)
    numbers = {0: -1, (1 << len(words)) - 1: -2}
    seen = tuple(numbers.setdefault(column, len(numbers)) for column in found)
    return () if len(numbers) == len(found) + 2 else seen


def constant_tile(chip: Cells, unit: MatVecUnit) -> Parts:
    """Lists the parts of a tile whose weights are all constant, accumulators included."""
    e, element = chip.expressions(), unit.element
    lanes = _x_lanes(unit)
    rows = min(unit.pe, max(MOST // unit.simd, 1))
    shared = element.shared(unit.simd)
    constants: list[Value] = [] if shared is None else [
        _constant_net(int(v), shared[1]) for v in shared[0].ravel()]
    common = element.common(lanes, constants)
    shape = element.common_layout(unit.x, unit.simd).elem_shape
    at, inside = _places(unit)
    kept = _Kept(e, element)
    inputs: list[Value] = common if common is lanes else [
        e.assign(Signal(shape), value) for value in staged(common, at, kept)]
    sums: list[Any] = []
    for row in element.stored(unit.codes[:rows]):
        weights: list[Value] = [Const(int(c), element.bits) for c in row]
        sums += element.dot(inputs, weights)
    sums = sums if inside else list(kept.nets(sums))
    e.share(sums)
    sums = list(kept.nets(staged(sums, inside, kept))) if inside else sums
    shape = unit.element.total(unit.x, unit.simd).shape
    sums = [e.assign(Signal(shape), y) for y in sums]
    totals = _next(e, unit, chip.per_group(unit.starts(), unit.y)[1],
                   [e.register(value) for value in sums])
    return times(added(chip.mapped(e, sums, totals, kept.values), {"constant": 1}), unit.pe / rows)


def _constant_net(value: int, interval: Int) -> Value:
    """A net that is constant: where it is read it has a sign, and a number has not."""
    bits = Const(value & (1 << interval.width) - 1, interval.width)
    return bits.as_signed() if interval.shape.signed else bits

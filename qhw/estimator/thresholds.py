"""Thresholds, whose comparators are mapped as synthesis sees the memories before them."""

from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Mux, Signal, Value

from ..exact.num import Int
from ..hw.fabric import added
from ..hw.storage.memory import pack
from ..hw.units.threshold import ThresholdUnit
from .cones import Bit
from .parts import Chip, columns, made_of, read

__all__ = ["threshold"]


@made_of.register
def threshold(unit: ThresholdUnit, chip: Chip) -> dict[str, float]:
    """Lists the parts of a threshold unit."""
    e = chip.expressions()
    first, middles = chip.per_group(unit.level(0)[:, :, 0], unit.limit)
    flip, flips = chip.per_group(unit.flip, Int(0, 1))
    parts = added(first, flip, {"threshold": 1})
    if unit.bits == 1:
        parts["threshold.sign"] = unit.pe
    paths: list[Any] = [Signal(unit.x.shape) >= t for t in middles]
    for level in range(1, unit.bits):
        parts["ff.lone"] += 1 + unit.pe * (unit.x.width + level - 1)
        parts["ff"] += unit.pe
        parts["ff.lone"] += max(unit.groups - 1, 0).bit_length()
        longer = list[Any]()
        for lane, path in enumerate(paths):
            words = pack(_reachable(unit.level(level)[:, lane], e.bits(path)).reshape(-1, 1),
                         unit.limit.width)
            parts = added(parts, chip.rom(words, unit.limit.width, counted=False))
            e.need(path)
            x = Signal(unit.x.shape)
            signs = level == 1 and not unit.level(0).any()
            longer.append(Cat(x >= _limit(chip, unit, words, x[-1] if signs else None),
                              e.register(path)))
        paths = longer
    e.need(*(e.assign(Signal(unit.y.shape), unit.y.lo + Mux(flip_, unit.count - path, path))
             for path, flip_ in zip(paths, flips, strict=True)))
    counter = chip.counter(unit.groups) if unit.bits > 1 else {}
    return added(parts, chip.mapped(e), counter)


def _limit(chip: Chip, unit: ThresholdUnit, words: list[int], sign: Value | None) -> Value:
    """What a memory of thresholds puts out, as a comparator sees it: its lowest zeros if there is a
    carry chain, else all that is constant; and ``sign``, the number's, of which the address is the
    complement, instead of a column that is the same."""
    width = unit.limit.width
    found = columns(words, width)
    if width <= chip.family.unchained:
        return read(found, len(words), unit.limit)[0]
    absorbed = chip.family.absorbs and any(words)
    if absorbed or chip.family.style(width, len(words), writable=False) == "block":
        return Signal(unit.limit.shape)
    low = next((k for k, column in enumerate(found) if column), width)
    top: Value = Signal()
    if not found[-1]:
        top = Const(0, 1)
    elif sign is not None and found[-1] == sum(1 << n for n in range(0, len(words), 2)):
        top = sign
    limit = Cat(Const(0, low), Signal(width - low - 1), top) if low < width else Const(0, width)
    return limit.as_signed() if unit.limit.shape.signed else limit


def _reachable(limits: np.ndarray, path: list[Bit]) -> np.ndarray:
    """The thresholds, (groups, codes), that the bits found before leave, where they are known."""
    codes = np.arange(limits.shape[1])
    for k, bit in enumerate(path):
        if isinstance(bit, int):
            codes = codes[codes >> k & 1 == bit]
    return limits[:, codes]

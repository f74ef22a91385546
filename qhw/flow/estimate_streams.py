"""Predicted cost of what moves, reorders and joins streams; see ``estimate``."""

from typing import Any

import numpy as np
from amaranth.hdl import Value

from ..hw.fifo import Fifo
from ..hw.join import ConcatUnit, Fork, SumUnit, TakeUnit
from ..hw.reduce import PoolUnit, ReduceUnit
from ..hw.reorder import ReorderUnit
from ..hw.window import WindowUnit
from ..num import Int
from .cost import Cost

__all__ = ["streams"]


def streams(model: Any, unit: Any) -> Cost:
    """The cost of such a unit, made of the ``model``'s parts; TypeError if it is none."""
    match unit:
        case WindowUnit():
            return _window(model, unit)
        case PoolUnit():
            return _window(model, unit.window) + _reduce(model, unit.reduce)
        case ReorderUnit():
            width, depth = _bits(unit.i), 2 << max(unit.block - 1, 0).bit_length()
            cost = model.memory(width, depth, writable=True) + model.counter(unit.block)
            for count, _ in unit.loops:
                cost += model.counter(count)
            return cost + model.add(2 * depth.bit_length()) + Cost(luts=8, ffs=4)
        case Fork():
            return Cost(luts=3 * unit.count, ffs=unit.count)
        case SumUnit():
            return _sum(model, unit)
        case ConcatUnit():
            count = len(unit.beats_each)
            return (model.counter(max(unit.beats_each)) + model.counter(count)
                    + Cost(luts=(count - 1) * _bits(unit.o) + 2 * count))
        case TakeUnit():
            return model.counter(unit.whole) + model.luts(4)
        case Fifo():
            return _fifo(model, unit)
        case _:
            raise TypeError(f"No cost is known of {unit!r}")


def _bits(stream: Any) -> int:
    return len(Value.cast(stream.payload))


def _window(model: Any, unit: WindowUnit) -> Cost:
    """The rows, counters for every loop, and two addresses of rows with their wrap."""
    width, line = _bits(unit.i), unit.width * unit.each
    kh, kw = unit.window.kernel
    cost = model.memory(width, unit.depth, writable=True)
    for count in (unit.depth, line, unit.rows, unit.columns, unit.groups, kh, kw, unit.part):
        cost += model.counter(count)
    address, row, column = (n.bit_length() for n in (unit.depth, 2 * unit.height, 2 * line))
    cost += model.mux(2 * (address + row + column)) + model.add(4 * address + 2 * row + 3 * column)
    cost += model.compare(4 * address + row + column) + model.add(unit.slots.bit_length())
    return cost + Cost(luts=width * any(unit.window.pads) + 12, ffs=unit.slots.bit_length() + 2)


def _reduce(model: Any, unit: ReduceUnit) -> Cost:
    lanes = unit.flip.shape[1]
    bits = lanes * unit.y.width
    cost = model.per_group(unit.flip.astype(np.int64), Int(0, 1)) + model.counter(unit.count)
    if unit.how == "sum":
        return cost + model.add(bits) + Cost(luts=4, ffs=bits + 1)
    return cost + model.compare(bits) + Cost(luts=bits + 4, ffs=bits + 1)


def _sum(model: Any, unit: SumUnit) -> Cost:
    cost, bits = Cost(luts=4, ffs=1), _bits(unit.o)
    for factor, stream in zip(unit.factors, (unit.i0, unit.i1), strict=True):
        interval = Int.of(factor)
        cost += model.per_group(factor, interval)
        if interval.size > 1:
            each = _bits(stream) // unit.lanes
            cost += (Cost(dsps=unit.lanes * model.dsps(each, interval.width)) if model.has_dsp
                     else model.luts(model.prices.product * unit.lanes * each * interval.width))
    return cost + model.add(bits) + Cost(ffs=bits)


def _fifo(model: Any, unit: Fifo) -> Cost:
    width = _bits(unit.i)
    if unit.depth <= Fifo.SMALL:
        return model.mux(width * unit.depth) + Cost(luts=2 * unit.depth + 4,
                                                    ffs=unit.depth.bit_length())
    pointers = model.counter(unit.depth) + model.counter(unit.depth)
    return (model.memory(width, unit.depth, writable=True) + pointers
            + model.add(unit.depth.bit_length()) + Cost(luts=6, ffs=unit.depth.bit_length() + 1))

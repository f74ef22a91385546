"""Replaces thresholds by a multiplier and a shift if they cost less and are proven equal."""

import numpy as np

from ...exact.num import Int
from ...exact.scaled import Steps, scaled
from ...graph import Graph, Tensor
from ...ops import Requantize, Threshold
from ...ops.op import Ends, HardwareOp
from ...ops.requantize import RealLine as Line
from ...ops.requantize import requantize
from .wide import wide

__all__ = ["Ends", "cheapest", "ends_of", "requantized"]

ADDER = 32
"""Bits of memory that cost what a bit of an adder does."""

LANES = 4
"""Most lanes that a layer is supposed to have: each has multipliers or comparators of its own."""

FEW = 48
"""Thresholds of a channel that are cheaper than any multiplier."""

LEAST = 6
"""Bits of a multiplier below which none is expected."""


def cheapest(x: Tensor, ends: Ends, thresholds: Threshold, own: Requantize | None = None,
             gaps: Ends | None = None, lines: list[Line] | None = None) -> Threshold | Requantize:
    """Selects the cheapest layer that gives the codes of ``thresholds`` for every integer that can
    occur.

    It is one of the thresholds themselves, the multipliers and shift of the fewest bits, and the
    file's ``own`` ones. ``ends`` are the least and the largest integer of ``x`` by channel;
    ``gaps`` and ``lines`` as in ``requantized``.
    """
    count = thresholds.thresholds.shape[1]
    price = _price_of_thresholds(thresholds, x.value)
    if count < FEW or price <= _price_of_bits(x.channels, LEAST, x.value):
        return thresholds
    found = [made for made in (requantized(x, ends, thresholds, gaps, lines), own) if made]
    made = min(found, key=lambda made: _price(made, x.value), default=None)
    return made if made and _price(made, x.value) < price else thresholds


def requantized(x: Tensor, ends: Ends, thresholds: Threshold, gaps: Ends | None = None,
                lines: list[Line] | None = None) -> Requantize | None:
    """Finds multipliers and a shift that give the codes of ``thresholds``; None if there are none.

    ``gaps`` are the integers between which each code may begin, two arrays like the thresholds.
    ``ends`` are the least and the largest integer of ``x``, channel by channel. With ``lines``,
    from integers to codes, multipliers may have more than 31 bits."""
    zero = thresholds.zero
    if zero.denominator > 1:
        return None
    gaps = gaps or (thresholds.thresholds - 1, thresholds.thresholds)
    steps = Steps.between(*gaps, thresholds.flip, *ends, thresholds.lo - int(zero))
    if not steps.first.size:
        return None
    found = (wide(steps, lines) if lines else None) or scaled(steps)
    return found and requantize(found, x, steps.interval, int(zero), thresholds.scale)


def ends_of(graph: Graph, source: str) -> Ends:
    """Computes the least and the largest integer of each channel of the layer ``source``,
    (channels,) each."""
    node = graph.by_name[source]
    if isinstance(node.op, HardwareOp):
        return node.op.ends(lambda: ends_of(graph, node.inputs[0]),
                            *(graph.tensors[i] for i in node.inputs))
    x = graph.tensors[source]
    return np.full(x.channels, x.value.lo), np.full(x.channels, x.value.hi)


def _price_of_thresholds(op: Threshold, x: Int) -> int:
    """The price in bits of memory: thresholds, and the comparators of a binary search."""
    return op.thresholds.size * x.width + _price_of_bits(len(op.thresholds), op.bits, x)


def _price(op: Requantize, x: Int) -> int:
    """The price in bits of memory: constants, and the multipliers' adders."""
    parts = [v for v in (op.multiplier, op.offset, op.away) if v is not None and v.size]
    memory = sum(len(v) * Int.of(v).width for v in parts if (v != v[0]).any())
    return memory + _price_of_bits(len(op.multiplier), Int.of(op.multiplier).width, x)


def _price_of_bits(channels: int, bits: int, x: Int) -> int:
    """The price of comparators or adders of integers in ``x``, a number of them a lane."""
    return ADDER * min(LANES, channels) * bits * x.width

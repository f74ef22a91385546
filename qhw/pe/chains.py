"""Sums in carry chains of their own: each inner sum of an expression becomes a net that synthesis
keeps.

Yosys merges nested sums into carry-save adders, which take two LUTs a bit to remove an operand. A
chain takes one, and LUTs before it, such as multiplexers, can be part of it. Sums of a few bits are
smaller merged, so they stay nested."""

from collections.abc import Callable, Sequence
from operator import is_

from amaranth.hdl import Value

from ..tools.hdl import Operator, operands, rebuilt

__all__ = ["chained", "nets"]

LEAST = 3
"""Fewest bits of an operand for which a chain is worth its ends."""


def chained(values: Sequence[Value], net: Callable[[Value], Value]) -> list[Value]:
    """Gives each sum within a sum a net of its own; returns the values with these nets in place.

    Parameters
    ----------
    values : expressions
    net : function from a sum to its net"""
    same: set[tuple[int, bool]] = set()
    return [_within(value, net, same, inner=False) for value in values]


def nets(sums: Sequence[Value], net: Callable[[Value], Value], *, apart: bool
         ) -> Sequence[Value]:
    """Returns sums, with nets for the sums in them if they are to be carry chains of their own.

    Parameters
    ----------
    sums : expressions
    net : function from a sum to its net
    apart : whether each sum is a chain of its own"""
    return chained(sums, net) if apart else sums


def _within(value: Value, net: Callable[[Value], Value], same: set[tuple[int, bool]], *,
            inner: bool) -> Value:
    """The same value, with nets for the sums in it, and for itself if it is ``inner`` and a sum.

    ``same`` are the values that have none, by their id, as they were found; new ones are added."""
    if (id(value), inner) in same:
        return value
    sum_ = _is_sum(value)
    before = operands(value)
    found = [_within(v, net, same, inner=inner or sum_) for v in before]
    made = value if all(map(is_, before, found)) else rebuilt(value, found)
    if inner and sum_:
        return net(made)
    if made is value:
        same.add((id(value), inner))
    return made


def _is_sum(value: Value) -> bool:
    """Whether a value is a sum of two numbers, of which one has enough bits for a chain."""
    return (isinstance(value, Operator) and value.operator in ("+", "-")
            and len(value.operands) == 2 and max(map(len, value.operands)) >= LEAST)

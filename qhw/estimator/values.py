"""Properties of expressions that are known before their gates are mapped."""

import operator
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from ..tools.hdl import Concat, Operator, Signal, Slice, SwitchValue
from .cones import Bit

__all__ = ["conditions", "decided", "sums_in", "written_signed"]


def sums_in(value: Any) -> Iterator[Any]:
    """Yields the outermost sums and products of a value."""
    if isinstance(value, Operator) and value.operator in ("+", "-", "*"):
        yield value
        return
    within = (value.operands if isinstance(value, Operator) else
              value.parts if isinstance(value, Concat) else
              [value.value] if isinstance(value, Slice) else [])
    yield from chain.from_iterable(map(sums_in, within))


def written_signed(value: Any) -> bool:
    """Tells whether a sum or a product is signed in Verilog; literals alone do not make it
    signed."""
    match value:
        case Signal():
            return value.shape().signed
        case Operator() if value.operator in ("u", "s"):
            return value.operator == "s"
        case Operator() if value.operator in ("<<", ">>"):
            return written_signed(value.operands[0])
        case Operator():
            return any(map(written_signed, value.operands))
        case SwitchValue():
            return any(written_signed(case) for _, case in value.cases)
        case _:
            return False


def conditions(value: Any) -> list[Any]:
    """Lists the comparisons that mask a number which is added.

    They become nets if a LUT is wide enough to add several numbers and apply their masks."""
    if isinstance(value, Operator) and value.operator == "&":
        return [o.parts[0] for o in value.operands if isinstance(o, Concat) and isinstance(
            o.parts[0], Operator) and o.parts[0].operator == "=="]
    within = (value.parts if isinstance(value, Concat) else
              [value.value] if isinstance(value, Slice) else
              value.operands if isinstance(value, Operator) and value.operator in ("u", "~")
              else [])
    return list(chain.from_iterable(map(conditions, within)))


def decided(kind: str, pairs: Sequence[tuple[list[Bit], bool]]) -> int | None:
    """Decides a comparison with a constant: 1 if it is always true, 0 if it is never true, None if
    it depends on the value."""
    (a, signed), (b, minus) = pairs
    known = [bit for bit in b if isinstance(bit, int)]
    if len(known) < len(b):
        return None
    limit = sum(bit << k for k, bit in enumerate(known)) - (minus and known[-1] << len(b))
    lo, hi = (-1 << len(a) - 1, (1 << len(a) - 1) - 1) if signed else (0, (1 << len(a)) - 1)
    holds = {"<": operator.lt, ">=": operator.ge, ">": operator.gt, "<=": operator.le}[kind]
    return int(holds(lo, limit)) if holds(lo, limit) == holds(hi, limit) else None

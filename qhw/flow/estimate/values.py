"""What of expressions is known before their gates are made."""

import operator
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from amaranth.hdl._ast import Concat, Operator, Slice

from .cones import Bit

__all__ = ["conditions", "decided", "sums_in"]


def sums_in(value: Any) -> Iterator[Any]:
    """The sums that a value is or is made of, and not those within them."""
    node: Any = value
    if isinstance(value, Operator) and node.operator in ("+", "-"):
        yield node
        return
    within = (node.operands if isinstance(value, Operator) else
              node.parts if isinstance(value, Concat) else
              [node.value] if isinstance(value, Slice) else [])
    yield from chain.from_iterable(map(sums_in, within))


def conditions(value: Any) -> list[Any]:
    """Comparisons that mask the bits of a number that is added: they are nets where LUTs are wide
    enough for the sum of several numbers and their masks."""
    node: Any = value
    if isinstance(value, Operator) and node.operator == "&":
        return [o.parts[0] for o in node.operands if isinstance(o, Concat) and isinstance(
            o.parts[0], Operator) and o.parts[0].operator == "=="]      # type: ignore
    within = (node.parts if isinstance(value, Concat) else
              [node.value] if isinstance(value, Slice) else
              node.operands if isinstance(value, Operator) and node.operator in ("u", "~") else [])
    return list(chain.from_iterable(map(conditions, within)))


def decided(kind: str, pairs: Sequence[tuple[list[Bit], bool]]) -> int | None:
    """Whether a comparison with a constant is always or never true."""
    (a, signed), (b, minus) = pairs
    if any(not isinstance(bit, int) for bit in b):
        return None
    limit = sum(bit << k for k, bit in enumerate(b)) - (minus and b[-1] << len(b))   # type: ignore
    lo, hi = (-1 << len(a) - 1, (1 << len(a) - 1) - 1) if signed else (0, (1 << len(a)) - 1)
    holds = {"<": operator.lt, ">=": operator.ge, ">": operator.gt, "<=": operator.le}[kind]
    return int(holds(lo, limit)) if holds(lo, limit) == holds(hi, limit) else None

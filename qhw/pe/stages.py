"""Registers inside sums: expressions are cut into stages of about equal depth.

Synthesis makes one compressor of all nested additions, so the depth of a sum is that of a balanced
tree of all its operands, however they are nested. Registers stand at equal depths, and hold sums,
which are narrower than their operands. Wires, such as shifts by constants, take no register of
their own."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from amaranth.hdl import Const, Value

from ..tools.hdl import Concat, Operator, Slice, operands, rebuilt

__all__ = ["cuts", "depth", "staged"]

OPERANDS = {("*", 2): 4, ("-", 1): 2}
"""Operands for which an operator counts, by its sign and its number of operands."""
WIRES = {"+", "u", "s", "~"}
"""Operators of one operand that take no logic, or that join the logic behind them."""


def depth(values: Sequence[Any]) -> int:
    """Computes the depth of the deepest of ``values`` in adders of a balanced tree."""
    known = dict[int, int]()
    return max((_depth(Value.cast(value), known) for value in values), default=0)


def cuts(depth: int, stages: int) -> list[int]:
    """Places ``stages`` registers in a sum of the depth ``depth``; returns the depth before each.
    """
    return [-(-depth * k // (stages + 1)) for k in range(1, stages + 1)]


def staged(values: Sequence[Any], at: Sequence[int], register: Callable[[Value, int], Value]
           ) -> list[Value]:
    """Puts a register on every path to ``values`` for each number of ``at``; returns the values
    behind them.

    Parameters
    ----------
    values : expressions of the same inputs
    at : the depth before each register, in adders, rising
    register : function from a value and the index of its register to the register's output
    """
    if not at:
        return list(values)
    made = _Staged(at, register)
    return [made.behind(Value.cast(value), len(at)) for value in values]


def _depth(value: Value, known: dict[int, int]) -> int:
    """Depth of an expression; ``known`` are the operands of expressions by identity."""
    return max(_count(value, known) - 1, 0).bit_length()


def _count(value: Value, known: dict[int, int]) -> int:
    """Operands of an expression."""
    if id(value) not in known:
        each = [_count(v, known) for v in operands(value)]
        kind = (value.operator, len(each)) if isinstance(value, Operator) else ("", 0)
        known[id(value)] = sum(each) if kind in (("+", 2), ("-", 2)) else (
            OPERANDS.get(kind, 1) * max(each, default=not isinstance(value, Const)))
    return known[id(value)]


def _wires(value: Value) -> bool:
    """Whether an expression is made of wires, besides its operands."""
    if isinstance(value, Operator):
        by = value.operands[-1]
        return value.operator in WIRES if len(value.operands) == 1 else (
            value.operator in ("<<", ">>") and isinstance(by, Const))
    return isinstance(value, Slice | Concat)


class _Staged:
    """Expressions behind registers, each made once."""

    def __init__(self, at: Sequence[int], register: Callable[[Value, int], Value]):
        self.at, self.register = at, register
        self.counts = dict[int, int]()
        self.made = dict[tuple[int, int], Value]()

    def behind(self, value: Value, stage: int) -> Value:
        """The value behind ``stage`` registers."""
        if isinstance(value, Const):
            return value
        key = id(value), stage
        if key not in self.made:
            self.made[key] = self._made(value, stage)
        return self.made[key]

    def _made(self, value: Value, stage: int) -> Value:
        own = stage if _wires(value) else bisect_left(self.at, _depth(value, self.counts))
        if own < stage:
            return self.register(self.behind(value, stage - 1), stage - 1)
        before = operands(value)
        found = [self.behind(v, stage) for v in before]
        same = all(a is b for a, b in zip(before, found, strict=True))
        return value if same else rebuilt(value, found)

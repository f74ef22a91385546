"""The parts of an expression: text with its precedence, terms at a width, bits of values."""

import operator
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from amaranth.hdl import Const, Value

from ..tools.hdl import Concat, Operator, Part, Signal, Slice
from .text import Doc, Text

ATOM, UNARY = 12, 11
LEVELS = {"*": 10, "+": 9, "-": 9, "<<": 8, ">>": 8, ">>>": 8, "<": 7, "<=": 7, ">": 7, ">=": 7,
          "==": 6, "!=": 6, "&": 5, "^": 4, "|": 3, "?": 1}
ARITHMETIC = ("*", "+", "-")
BARE = {*((child, parent) for child in ARITHMETIC for parent in ("<", "<=", ">", ">=", "==", "!=")),
        ("*", "+"), ("*", "-"), ("+", "-"), ("-", "+")}
"""Operators that stand inside others without parentheses."""
COMPARE = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
           ">": operator.gt, ">=": operator.ge}
REDUCE = {"b": "|", "r|": "|", "r&": "&", "r^": "^"}


INDEX = 32
"""Columns up to which the index of a bit may be an expression."""


class Printed(NamedTuple):
    """Text with its precedence (``level``), its outermost operator and its signedness."""

    doc: Text
    level: int = ATOM
    op: str = ""
    signed: bool = False

    @property
    def items(self) -> list[tuple[str, Text]]:
        """Lists the operands of an operator's text, each with the operator before it."""
        assert isinstance(self.doc, Doc)
        return self.doc.items

    def tight(self) -> Text:
        """Returns the text as an operand of a unary operator."""
        return self.doc if self.level >= ATOM else Doc([("", self.doc)], open="(", close=")")

    def inside(self, op: str, *, right: bool = False) -> Text:
        """Returns the text as an operand of ``op``, in parentheses where needed or helpful."""
        bare = self.level >= UNARY or (self.op, op) in BARE and not (right and self.op in "+-")
        return self.doc if bare else Doc([("", self.doc)], open="(", close=")")


@dataclass(slots=True)
class Term:
    """Part of an expression at a width: an operator, a number ``#``, or a leaf without ``op``.

    A leaf is an integer, ``signed`` or not; ``typed`` tells whether Verilog treats the text as
    signed. ``text`` is a leaf, the condition of ``?``, or the amount of a shift."""

    op: str
    args: list["Term"] = field(default_factory=list["Term"])
    text: Printed = field(default=Printed(""))
    value: int = 0
    width: int = 0
    signed: bool = False
    typed: bool = False

    def leaves(self) -> Iterator["Term"]:
        """Yields the leaves, from left to right."""
        if self.op in ("", "#"):
            yield self
        for arg in self.args:
            yield from arg.leaves()

    def arithmetic_shift(self) -> bool:
        """Tells whether the term contains an arithmetic right shift."""
        return self.op == ">>>" or any(arg.arithmetic_shift() for arg in self.args)


def leaf(text: Text, width: int, *, signed: bool = False, typed: bool = False,
         level: int = ATOM, op: str = "") -> Term:
    """Makes a leaf.

    Parameters
    ----------
    text : its Verilog text
    width : bits
    signed : whether it is signed
    typed : whether the text itself has this signedness
    level : precedence of the text, a number
    op : the text's operator, or empty"""
    return Term("", [], Printed(text, level, op), 0, width, signed, typed)


def num(value: int) -> Term:
    """Makes a term of the integer ``value``."""
    return Term("#", value=value)


Piece = tuple[Value, int, int]


def pieces(value: Value, lo: int, hi: int) -> list[Piece]:
    """Splits bits ``lo`` to ``hi`` (exclusive) of ``value`` at slices and concatenations; lowest
    first."""
    if lo >= hi:
        return []
    match value:
        case Slice():
            return pieces(value.value, value.start + lo, value.start + hi)
        case Operator(operator="u" | "s"):
            return pieces(value.operands[0], lo, hi)
        case Const():
            return [(Const(value.value >> lo & (1 << hi - lo) - 1, hi - lo), 0, hi - lo)]
        case Concat():
            found: list[Piece] = []
            start = 0
            for part in value.parts:
                n = len(part)
                for piece in pieces(part, max(lo - start, 0), min(hi - start, n)):
                    _join(found, piece)
                start += n
            return found
        case _:
            return [(value, lo, hi)]


def _join(found: list[Piece], piece: Piece) -> None:
    """Append, as one with the last piece if it goes on with the same signal or constant."""
    value, lo, hi = piece
    if found:
        last, last_lo, last_hi = found[-1]
        if last is value and last_hi == lo:
            found[-1] = (value, last_lo, hi)
            return
        if isinstance(last, Const) and isinstance(value, Const):
            both = Const(last.value | value.value << last_hi, last_hi + hi)
            found[-1] = (both, 0, last_hi + hi)
            return
    found.append(piece)


def exact(value: Value, width: int) -> bool:
    """Tells whether the text of a value has ``width`` bits in every context."""
    if len(value) != width:
        return False
    match value:
        case Operator(operator="&" | "|" | "^" | "~" | "u" | "s"):
            return all(exact(operand, width) for operand in value.operands)
        case Operator():
            return value.operator in REDUCE or value.operator[0] in "<>=!" and width == 1
        case Slice() | Concat():
            return all(isinstance(base, Signal | Const) for base, _, _ in pieces(value, 0, width))
        case _:
            return isinstance(value, Signal | Const)


def in_range(part: Part) -> bool:
    """Tells whether no offset leads out of the value."""
    last = (1 << len(part.offset)) - 1
    return last * part.stride + part.width <= len(part.value)


def matches(test: Value, patterns: tuple[str, ...]) -> Value:
    """Makes a value that is 1 if ``test`` matches one of the patterns of ``0``, ``1`` and ``-``, of
    which there is at least one."""
    found: list[Value] = []
    for pattern in patterns:
        mask = int("0" + pattern.replace("0", "1").replace("-", "0"), 2)
        want = Const(int("0" + pattern.replace("-", "0"), 2), len(test))
        part = test if "-" not in pattern else test & Const(mask, len(test))
        found.append(part.as_unsigned() == want if len(test) else Const(1, 1))
    return reduce(lambda one, other: one | other, found)


def folded(op: str, a: Term, b: Term, width: int) -> Term:
    """Makes ``a op b`` at ``width`` bits, or one operand alone if the other is a neutral constant.

    Parameters
    ----------
    op : the operator
    a, b : its operands
    width : bits of the result
    """
    neutral = {"+": 0, "-": 0, "|": 0, "^": 0, "&": -1, "*": 1}[op]
    for x, other in ((b, a), (a, b)):
        if x.op == "#" and (x.value - neutral) % (1 << width) == 0 and (op != "-" or x is b):
            return other
    return Term(op, [a, b])


def binary(op: str, left: Printed, right: Printed) -> Printed:
    """Prints ``left op right``; a chain of one operator becomes one list of operands.

    Parameters
    ----------
    op : the operator
    left, right : its printed operands
    """
    same = ("+", "-") if op in "+-" else ("*",) if op == "*" else (op,) if op in "&|^" else ()
    items = list(left.items) if left.op in same else [("", left.inside(op))]
    if op in "&|^" and right.op == op:
        (_, first), *more = right.items
        items += [(f"{op} ", first), *more]
    else:
        items.append((f"{op} ", right.inside(op, right=True)))
    return Printed(Doc(items), LEVELS[op], op)


def call(function: str, doc: Text) -> Printed:
    """Prints a function call around ``doc``."""
    return Printed(Doc([("", doc)], "", f"{function}(", ")"))


def repeated(doc: Text, n: int) -> Doc:
    """Prints ``n`` copies of a part of a concatenation."""
    return Doc([(f"{n}", Doc([("", doc)], "", "{", "}"))], "", "{", "}")

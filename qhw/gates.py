"""Arithmetic in gates that every scheme shares."""

from collections.abc import Iterable, Sequence
from typing import Any

from amaranth.hdl import Cat, Mux, Value

from .num import Int

__all__ = ["adder_tree", "masked", "raised", "selected", "sign_shift",
           "signed_by"]


def adder_tree(terms: Iterable[Any]) -> Any:
    """Sum of ``terms`` in a balanced tree; ``sum()`` is linear in depth and in width."""
    terms = list(terms)
    while len(terms) > 1:
        pairs = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(pairs) * 2:]
    return terms[0]


def masked(x: Value, on: Value) -> Value:
    """The bits of ``x``, or 0 where not ``on``."""
    return x.as_unsigned() & on.replicate(len(x))


def raised(bits: Value, like: Value) -> Value:
    """The bits of a number such as ``like``, plus 2**(n - 1) if it is signed: never negative.

    That spares the adders behind it the sign extension. The sum of all that was added is a
    constant, so nobody takes it away here.
    """
    return Cat(bits[:-1], ~bits[-1]) if like.shape().signed else bits


def signed_by(x: Value, neg: Value, on: Value | None = None) -> Value:
    """``x``, or ``~x = -x - 1`` where ``neg``, or 0 where not ``on``, plus ``sign_shift``."""
    bits = x.as_unsigned() if on is None else masked(x, on)
    bits = bits ^ neg.replicate(len(x))
    return raised(bits, x) if x.shape().signed else Cat(bits, ~neg)


def sign_shift(x: Int) -> int:
    """What ``signed_by`` adds so that nothing is negative."""
    return 1 << x.width - x.shape.signed


def selected(index: Value, row: Sequence[Any]) -> Any:
    """``row[index]``, as a tree of multiplexers, which synthesis turns into its LUTs."""
    row = [*row, *[row[-1]] * ((1 << len(index)) - len(row))]
    for bit in index:
        row = [Mux(bit, b, a) for a, b in zip(row[::2], row[1::2], strict=True)]
    return row[0]

"""Arithmetic in gates that every scheme shares."""

from collections.abc import Iterable
from typing import Any

from amaranth.hdl import Cat, Value

from .num import Int

__all__ = ["adder_tree", "masked", "signed_by", "signed_by_shift"]


def adder_tree(terms: Iterable[Any]) -> Any:
    """Sum of ``terms`` in a balanced tree; ``sum()`` is linear in depth and in width."""
    terms = list(terms)
    while len(terms) > 1:
        pairs = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(pairs) * 2:]
    return terms[0]


def masked(x: Value, on: Value) -> Value:
    """``x``, or 0 where not ``on``."""
    bits = x.as_unsigned() & on.replicate(len(x))
    return bits.as_signed() if x.shape().signed else bits


def signed_by(x: Value, neg: Value, on: Value | None = None) -> Value:
    """``x``, or ``~x = -x - 1`` where ``neg``, or 0 where not ``on``; all plus ``2**n``, unsigned.

    n is the width of ``x``, less 1 if it is signed. That shift spares the adders the sign
    extension; it and the missing ones are constants of the weights, so nobody corrects them here.
    """
    bits = x.as_unsigned() if on is None else masked(x, on).as_unsigned()
    bits = bits ^ neg.replicate(len(x))
    return Cat(bits[:-1], ~bits[-1]) if x.shape().signed else Cat(bits, ~neg)


def signed_by_shift(x: Int) -> int:
    """What ``signed_by`` adds."""
    return 1 << x.width - x.shape.signed

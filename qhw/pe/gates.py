"""Arithmetic in gates that every scheme shares."""

from collections.abc import Iterable, Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Mux, Value

from ..exact.num import Int, Rounding, round_shift

__all__ = ["adder_tree", "clipped", "excess", "masked", "modulo", "raised", "round_biased",
           "rounding_bias", "selected", "signed_by"]


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


def modulo(value: Value, width: int) -> Value:
    """What to add where only ``width`` bits of the sum are kept: of a constant one that is not
    negative, because Yosys puts sums into the DSP blocks of Xilinx, and no differences."""
    return Const(value.value % (1 << width), width) if isinstance(value, Const) else value


def raised(bits: Value, like: Value) -> Value:
    """The bits of a number such as ``like``, plus 2**(n - 1) if it is signed: never negative.

    That spares the adders behind it the sign extension. The sum of all that was added is a
    constant, so nobody takes it away here.
    """
    return Cat(bits[:-1], ~bits[-1]) if like.shape().signed else bits


def signed_by(x: Value, neg: Value, on: Value | None = None) -> Value:
    """``x`` raised, or its complement where ``neg``, or 0 where not ``on``: as wide as ``x``."""
    bits = raised(x.as_unsigned(), x) ^ neg.replicate(len(x))
    return bits if on is None else masked(bits, on)


def excess(x: Int) -> tuple[int, int]:
    """By how much ``signed_by`` exceeds ``x``, and ``-x`` where ``neg``."""
    plus = 1 << x.width - 1 if x.shape.signed else 0
    return plus, (1 << x.width) - 1 - plus


def selected(index: Value, row: Sequence[Any]) -> Any:
    """``row[index]``, as a tree of multiplexers, which synthesis turns into its LUTs."""
    row = [*row, *[row[-1]] * ((1 << len(index)) - len(row))]
    for bit in index:
        row = [Mux(bit, b, a) for a, b in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def rounding_bias(shift: int, rounding: Rounding) -> int:
    """What to add to a number before ``round_biased``, for which a sum may have room anyway."""
    return 1 << shift - 1 if shift and rounding in (Rounding.HALF_UP, Rounding.HALF_EVEN) else 0


def round_biased(n: Value, shift: int, rounding: Rounding) -> Value:
    """``round_shift`` of a number that ``rounding_bias`` was added to.

    A tie to even is what rounds up, without its lowest bit where all that is cut off is 0: that
    spares an adder.
    """
    match rounding:
        case Rounding.HALF_UP:
            return n >> shift
        case Rounding.HALF_EVEN if shift:
            bits = n >> shift
            if not len(bits):
                return bits
            high = [*bits[1:], bits[-1]] if bits.shape().signed else bits[1:]
            even = Cat(bits[0] & n[:shift].any(), high)
            return even.as_signed() if bits.shape().signed else even
        case _:
            return round_shift(n, shift, rounding)


def clipped(n: Value, of: Int, to: Int) -> Value:
    """``n``, shaped as the interval ``of``, or the end of ``to`` that is next to it.

    Where the ends of ``to`` are powers of two the bits above tell, without a comparator.
    """
    if to.nearest(of.lo) == to.nearest(of.hi):
        return Const(to.nearest(of.lo), to.shape)
    found = n
    if of.hi > to.hi:
        found = Mux(_above(n, to.hi), to.hi, found)
    if of.lo < to.lo:
        found = Mux(_below(n, to.lo), to.lo, found)
    return found


def _above(n: Value, end: int) -> Value:
    if end < 0 or end & end + 1:
        return n > end
    signed = n.shape().signed
    more = n[end.bit_length():len(n) - signed].any()
    return more & ~n[-1] if signed else more


def _below(n: Value, end: int) -> Value:
    if end > 0 or -end & -end - 1:
        return n < end
    return n[-1] & ~n[(-end).bit_length() - 1:-1].all() if end else n[-1]

"""Arithmetic in gates, shared by all families of processing elements."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..exact.num import Int, Rounding, round_shift

if TYPE_CHECKING:
    from amaranth.hdl import Value

    from ..tools.hdl import ArrayLayout, ShapeLike

__all__ = ["adder_tree", "array", "clipped", "excess", "masked", "modulo", "raised", "round_biased",
           "rounding_bias", "selected", "signed_by"]


def adder_tree(terms: Iterable[Any]) -> Any:
    """Adds ``terms`` in a balanced tree; ``sum()`` would be linear in depth and in width."""
    terms = list(terms)
    while len(terms) > 1:
        pairs = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[len(pairs) * 2:]
    return terms[0]


def array(shape: "ShapeLike", length: int) -> "ArrayLayout":
    """Lays out ``length`` values of a shape side by side."""
    from ..tools.hdl import Array
    return Array(shape, length)


def masked(x: "Value", on: "Value") -> "Value":
    """Returns the bits of ``x``, or 0 where ``on`` is 0."""
    return x.as_unsigned() & on.replicate(len(x))


def modulo(value: "Value", width: int) -> "Value":
    """Reduces a summand for a sum of which only ``width`` bits are kept.

    A constant becomes non-negative, because Yosys maps sums to the DSP blocks of Xilinx parts, but
    not differences.
    """
    from amaranth.hdl import Const
    return Const(value.value % (1 << width), width) if isinstance(value, Const) else value


def raised(bits: "Value", like: "Value") -> "Value":
    """Adds 2**(n - 1) to the n bits of a number of ``like``'s shape if it is signed; the result is
    never negative.

    Non-negative summands need no sign extension in the adders. The sum of all added constants is
    known, and the caller subtracts it once, in a start value."""
    from amaranth.hdl import Cat
    return Cat(bits[:-1], ~bits[-1]) if like.shape().signed else bits


def signed_by(x: "Value", neg: "Value", on: "Value | None" = None) -> "Value":
    """Returns ``x`` raised, or its complement where ``neg``, or 0 where not ``on``, as wide as
    ``x``.

    Parameters
    ----------
    x : the number, in bits of its own shape
    neg : one bit, 1 for the complement
    on : one bit, 0 for the result 0; None if it is always 1
    """
    bits = raised(x.as_unsigned(), x) ^ neg.replicate(len(x))
    return bits if on is None else masked(bits, on)


def excess(x: Int) -> tuple[int, int]:
    """Computes the amounts by which ``signed_by`` exceeds ``x``, and ``-x`` where ``neg``."""
    plus = 1 << x.width - 1 if x.shape.signed else 0
    return plus, (1 << x.width) - 1 - plus


def selected(index: "Value", row: Sequence[Any]) -> Any:
    """Builds ``row[index]`` as a tree of multiplexers, which synthesis packs into LUTs."""
    from amaranth.hdl import Mux
    row = [*row, *[row[-1]] * ((1 << len(index)) - len(row))]
    for bit in index:
        row = [Mux(bit, b, a) for a, b in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def rounding_bias(shift: int, rounding: Rounding) -> int:
    """Returns the constant to add before ``round_biased``; an existing adder can often include
    it."""
    return 1 << shift - 1 if shift and rounding in (Rounding.HALF_UP, Rounding.HALF_EVEN) else 0


def round_biased(n: "Value", shift: int, rounding: Rounding) -> "Value":
    """Rounds ``n / 2**shift``, where ``n`` already includes ``rounding_bias``.

    A half that rounds to even is rounded up first; its lowest bit is then cleared if all dropped
    bits are 0. That saves an adder.

    Parameters
    ----------
    n : the biased number, a signal
    shift : bits dropped
    rounding : the rule; those without a bias go to ``round_shift``
    """
    from amaranth.hdl import Cat
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


def clipped(n: "Value", of: Int, to: Int) -> "Value":
    """Clamps ``n`` to the interval ``to``.

    If an end of ``to`` is a power of two, the upper bits decide and no comparator is needed.

    Parameters
    ----------
    n : the number, a signal with the shape of ``of``
    of : the interval of ``n``, in the same integers
    to : the interval of the result
    """
    from amaranth.hdl import Const, Mux
    if to.nearest(of.lo) == to.nearest(of.hi):
        return Const(to.nearest(of.lo), to.shape)
    found = n
    if of.hi > to.hi:
        found = Mux(_above(n, to.hi), to.hi, found)
    if of.lo < to.lo:
        found = Mux(_below(n, to.lo), to.lo, found)
    return found


def _above(n: "Value", end: int) -> "Value":
    if end < 0 or end & end + 1:
        return n > end
    signed = n.shape().signed
    more = n[end.bit_length():len(n) - signed].any()
    return more & ~n[-1] if signed else more


def _below(n: "Value", end: int) -> "Value":
    if end > 0 or -end & -end - 1:
        return n < end
    return n[-1] & ~n[(-end).bit_length() - 1:-1].all() if end else n[-1]

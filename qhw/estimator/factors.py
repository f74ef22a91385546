"""Factors of products, and the rule by which Yosys moves products to DSP blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..targets.family import Dsp
from .cones import Bit

__all__ = ["Factor", "dsp_blocks", "widths"]


@dataclass(frozen=True)
class Factor:
    """A factor of a product.

    ``bits`` are its bits without redundant ones; ``signed`` tells whether the last one is a sign.
    ``declared`` is the width before redundant bits were removed. ``written`` tells whether the
    factor is a literal constant in the source."""

    bits: list[Bit]
    signed: bool
    declared: int
    written: bool

    @cached_property
    def constant(self) -> bool:
        """Whether all bits are constant."""
        return all(isinstance(bit, int) for bit in self.bits)

    @cached_property
    def zeros(self) -> int:
        """Number of lowest bits that are 0."""
        return next((k for k, bit in enumerate(self.bits) if bit != 0), 0)

    def is_shift(self, alone: bool) -> bool:
        """Tells whether the factor is the constant 0 or a power of two, so that the product is a
        shift.

        Yosys treats a negative power of two as a shift only within sums (not ``alone``), and only
        if it is a literal."""
        return (self.constant and sum(bit == 1 for bit in self.bits) <= 1
                and (not self.signed or self.written and not alone))


def widths(pair: Sequence[Factor]) -> list[int]:
    """Computes the width of both factors in bits; if only one of them is signed, the other gets a 0
    above it."""
    signed = any(factor.signed for factor in pair)
    return [len(factor.bits) + (signed and not factor.signed) for factor in pair]


def dsp_blocks(dsp: Dsp | None, pair: Sequence[Factor], width: int, alone: bool) -> int:
    """Counts the DSP blocks of a product; 0 if it is built from LUTs.

    Parameters
    ----------
    dsp : the family's DSP block; None if it has none
    pair : the two factors
    width : bits of the product that are needed
    alone : whether the product is not part of a sum
    """
    if dsp is None or any(factor.is_shift(alone) for factor in pair):
        return 0
    single = min(len(factor.bits) for factor in pair) == 1
    if single and width <= max(factor.declared for factor in pair):
        return 0        # signs do not matter: the product is a mask
    signs, whole = {factor.signed for factor in pair}, widths(pair)
    wide, narrow = sorted(
        (bits - (factor.zeros if single or len(signs) == 1 else 0)
         for bits, factor in zip(whole, pair, strict=True)), reverse=True)
    made = min(width, sum(whole)) - sum(factor.zeros for factor in pair)
    if made < dsp.least_product or not dsp.worth(wide, narrow):
        return 0
    extra = dsp.signed and signs == {False}
    return dsp.blocks(wide + extra, narrow + extra)

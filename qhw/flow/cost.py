"""What a circuit takes of a chip."""

from dataclasses import astuple, dataclass

__all__ = ["Cost"]


@dataclass(frozen=True)
class Cost:
    """LUT sites (logic cells on iCE40, gates on an ASIC), flip-flops, block RAMs, DSP blocks, and
    bits of carry chains."""

    luts: float = 0     # an int in the end; prices are fractions
    ffs: int = 0
    brams: int = 0
    dsps: int = 0
    carries: float = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

"""What a circuit takes of a chip."""

from dataclasses import dataclass

__all__ = ["SITES", "Cost"]

SITES = {"luts": "LUTs", "brams": "block RAMs", "dsps": "DSP blocks"}
"""Kinds of cost that a chip has a number of, with their names in messages."""


@dataclass(frozen=True)
class Cost:
    """LUT sites (logic cells on iCE40, gates on an ASIC), flip-flops, block RAMs, DSP blocks, bits
    of carry chains, the nanoseconds of the longest way from one register to another, and on an ASIC
    transistors."""

    luts: int = 0
    ffs: int = 0
    brams: int = 0
    dsps: int = 0
    carries: int = 0
    ns: float = 0
    transistors: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.luts + other.luts, self.ffs + other.ffs, self.brams + other.brams,
                    self.dsps + other.dsps, self.carries + other.carries, max(self.ns, other.ns),
                    self.transistors + other.transistors)

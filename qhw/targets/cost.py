"""Cost of a circuit on a chip."""

from dataclasses import dataclass

__all__ = ["SITES", "Cost"]

SITES = {"luts": "LUTs", "brams": "block RAMs", "dsps": "DSP blocks"}
"""Kinds of cost that a chip has a number of, with their names in messages."""


@dataclass(frozen=True)
class Cost:
    """Resources of a circuit, and its delay.

    LUT sites (logic cells on iCE40, gates on an ASIC), flip-flops, block RAMs, DSP blocks, bits of
    carry chains, the longest path between registers in nanoseconds, and on an ASIC transistors."""

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

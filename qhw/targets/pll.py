"""The search for a PLL's dividers; each family's file has the ranges of its PLLs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from ..errors import ModelError

__all__ = ["Bits", "Pll", "PllCell", "PllKind", "Range", "Way", "fastest", "mhz"]

Range = tuple[Fraction, Fraction]
Way = tuple[Fraction, Fraction, Fraction, Mapping[str, int]]
"""A choice of dividers: MHz at the output, at the phase detector and of the oscillator, and the
dividers by the cell's names."""


@dataclass(frozen=True)
class Bits:
    """A constant of ``width`` bits."""

    value: int
    width: int = 1


@dataclass(frozen=True)
class Pll:
    """A setting of a PLL of a kind; frequencies are in MHz."""

    kind: "PllKind"
    clock: Fraction
    """Input frequency in MHz."""
    mhz: Fraction
    """Output frequency in MHz."""
    pfd: Fraction
    """At the phase detector."""
    vco: Fraction
    """Frequency of the PLL's oscillator in MHz."""
    dividers: Mapping[str, int]
    """By the cell's names."""


@dataclass(frozen=True)
class PllCell:
    """A PLL as a cell: its type, the names of its pins, and its parameters."""

    type: str
    clock: str
    out: str
    locked: str
    parameters: Mapping[str, "Bits | int | float | str"]
    inputs: Mapping[str, Bits]
    """Inputs that are constant."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    feedback: tuple[str, str] | None = None
    """An output and the input that it is led to, if that is done outside the cell."""


@dataclass(frozen=True)
class PllKind:
    """A kind of PLL: its ranges in MHz, its dividers and its cell."""

    pfd: Range
    vco: Range
    out: Range
    ways: Callable[[Fraction, "PllKind"], Iterator[Way]]
    """All dividers for a clock, also those out of range."""
    cell: Callable[[Pll, bool, str], PllCell]
    """The cell of a setting: whether the clock comes from the PLL's own pin, and the chip."""

    def allows(self, pll: Pll) -> bool:
        """Tells whether a setting lies within the ranges."""
        pairs = ((self.pfd, pll.pfd), (self.vco, pll.vco), (self.out, pll.mhz))
        return all(low <= f <= high for (low, high), f in pairs)


def mhz(low: str, high: str) -> Range:
    """Makes a range of frequencies in MHz from the decimals of a data sheet, exactly."""
    return Fraction(low), Fraction(high)


def fastest(kind: PllKind | None, clock: Fraction, most: Fraction) -> Pll:
    """Finds the fastest setting that is at most ``most`` MHz, from a clock of ``clock`` MHz.

    Among equal frequencies it takes the setting with the highest phase detector frequency, then the
    one whose oscillator is nearest to the middle of its range. ModelError if there is none, or no
    PLL (``kind`` None)."""
    if kind is None:
        raise ModelError(f"Clock: the chip has no PLL that makes {float(most):g} MHz from "
                         f"{float(clock):g} MHz")
    middle = sum(kind.vco) / 2
    best = max((pll for pll in _settings(kind, clock) if pll.mhz <= most),
               key=lambda pll: (pll.mhz, pll.pfd, -abs(pll.vco - middle)), default=None)
    if best is None:
        low = min((pll.mhz for pll in _settings(kind, clock)), default=kind.out[0])
        raise ModelError(f"Clock: the PLL cannot go below {float(low):g} MHz from a "
                         f"{float(clock):g} MHz input; {float(most):g} MHz was requested")
    return best


@cache
def _settings(kind: PllKind, clock: Fraction) -> tuple[Pll, ...]:
    """All that the chip allows."""
    found = (Pll(kind, clock, *way) for way in kind.ways(clock, kind))
    return tuple(pll for pll in found if kind.allows(pll))

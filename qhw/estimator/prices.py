"""Prices of a family's parts, fitted to synthesized samples by ``make calibrate``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import ModelError
from ..hw.fabric import LONGEST, Parts
from ..targets import families, family
from ..targets.cost import Cost
from ..targets.family import Gates

__all__ = ["ERRORS", "FILE", "KINDS", "Prices", "prices"]

FILE = Path(__file__).with_name("prices.json")
ERRORS = Path(__file__).with_name("errors.json")
"""Errors on networks outside the fit, measured by ``make accuracy``."""
KINDS = ("luts", "ffs", "carries")


@dataclass(frozen=True)
class Prices:
    """Prices of one family."""

    of: Mapping[str, Mapping[str, float]]
    """By kind of cost, then by part, with ``UNIT/`` before it where a unit's differs."""
    spread: Mapping[str, float]
    """Relative standard deviation of the LUTs of a unit, by its kind; "" of any."""
    ways: Mapping[str, tuple[float, float]]
    """The longest path of a unit by its kind: nanoseconds, and a factor for mapped delays; "" for
    any kind."""
    gates: Gates | None = None
    """Transistors of gates, for a family whose LUTs are ASIC gates."""

    def price(self, kind: str, unit: str, part: str) -> float:
        """Returns the price of one ``part`` of a ``unit``; 0 if neither has one.

        Parameters
        ----------
        kind : "luts", "ffs" or "carries"
        unit : kind of unit
        part : name of the part
        """
        table = self.of[kind]
        return table.get(f"{unit}/{part}", table.get(part, 0.0))

    def cost(self, unit: str, parts: Parts) -> Cost:
        """Computes the cost of a unit of kind ``unit`` from its parts."""
        luts, ffs, carries = (sum(self.price(kind, unit, name) * n for name, n in parts.items())
                              for kind in KINDS)
        begin, slope = self.ways.get(unit, self.ways[""])
        return Cost(round(luts), round(ffs), round(parts.get("bram", 0)),
                    round(parts.get("dsp", 0)), round(carries),
                    round(begin + slope * parts.get(LONGEST, 0), 2),
                    self.gates.predicted(luts, ffs) if self.gates else 0)


@cache
def prices(name: str) -> Prices:
    """Reads the prices of the family ``name``; ModelError if it has none yet."""
    every = json.loads(FILE.read_text(encoding="utf-8"))
    one = families().get(name)
    known = every.get(name) or one and every.get(one.like)
    if known is None:
        raise ModelError(f"Family {name!r} has no prices in {FILE.name}: make calibrate fits them "
                         f"to synthesized samples")
    return Prices(known["prices"], known["spread"], known["ways"], family(name).gates)

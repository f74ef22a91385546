"""What a unit is made of, for the estimator: amounts of parts by name, and what counts them.

A unit answers ``made_of(chip)`` beside its gates. It maps the expressions that become its gates;
control that has no expression of its own, such as ``m.If`` and counters, it counts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from amaranth.hdl import Signal, Value

from ..exact.num import Int

__all__ = ["LONGEST", "Expressions", "Fabric", "Parts", "added", "times"]

Parts = Mapping[str, float]
"""Amounts by name: see ``estimator/parts.py``."""

LONGEST = "ns"
"""Nanoseconds of the longest path through the mapped logic."""


class Expressions(Protocol):
    """Maps expressions to a chip's cells; unknown signals are inputs."""

    def assign(self, signal: Signal, value: Any, /) -> Signal:
        """Gives a signal the bits of a value, and returns the signal."""
        ...

    def register(self, value: Signal, /) -> Signal:
        """The output of a register behind a value."""
        ...

    def need(self, *values: Any) -> None:
        """Maps values that leave the unit."""
        ...

    def possible(self, value: Any, /) -> np.ndarray:
        """The numbers that the bits of a value can be, as far as they are known: (numbers,)."""
        ...


class Fabric(Protocol):
    """A chip that lists the parts of units."""

    def expressions(self) -> Expressions:
        """A new mapper of expressions."""
        ...

    def mapped(self, e: Any, /, *registers: Sequence[Any]) -> dict[str, float]:
        """Lists the parts of the logic that ``e`` has mapped, and of registers with these values
        behind it."""
        ...

    def counter(self, count: int, /) -> dict[str, float]:
        """A counter from 0 to ``count - 1``."""
        ...

    def buffer(self, bits: int, kind: str = "ff", /) -> dict[str, float]:
        """A skid buffer of ``bits`` bits, whose output registers are of ``kind``."""
        ...

    def memory(self, width: int, depth: int, /, *, writable: bool) -> dict[str, float]:
        """A memory of ``depth`` words of ``width`` bits, and the register behind it."""
        ...

    def rom(self, words: list[int], width: int, /, *, counted: bool = True) -> dict[str, float]:
        """A memory of constant words of ``width`` bits, with a counter for its address if it is
        ``counted``."""
        ...

    def limit(self, words: list[int], interval: Int, sign: Value | None, /) -> Value:
        """What a comparator sees of a memory of constant ``words``: numbers of ``interval``, which
        have the ``sign`` that their address is the complement of."""
        ...

    def per_group(self, values: np.ndarray, interval: Int, /
                  ) -> tuple[dict[str, float], list[Value]]:
        """Constants (groups, lanes) of an interval: their memory, and a value a lane."""
        ...

    def tile(self, unit: Any, /) -> Parts:
        """The processing elements of a matrix-vector unit with the accumulators behind them, as
        synthesis sees the weights before them."""
        ...

    def adders(self, network: Any, /) -> int:
        """Cells of a network of adders."""
        ...


def added(*parts: Parts) -> dict[str, float]:
    """Adds parts by name; for longest paths it takes the maximum."""
    total = defaultdict[str, float](float)
    for part in parts:
        for name, amount in part.items():
            total[name] = max(total[name], amount) if name == LONGEST else total[name] + amount
    return total


def times(parts: Parts, count: float) -> dict[str, float]:
    """Multiplies parts by ``count``."""
    return {name: amount if name == LONGEST else amount * count for name, amount in parts.items()}

"""Parts of a unit, for the estimator: amounts by name, and the interface of the chip that counts
them.

A unit answers ``made_of(chip)``, beside its gates. It maps the same expressions that become its
gates, and counts the control that has no expression, such as ``m.If`` and counters."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from amaranth.hdl import Signal, Value

from ..exact.num import Int

__all__ = ["LONGEST", "PATH", "PATHS", "READS", "STAGED", "Expressions", "Fabric", "Form", "Parts",
           "added", "times"]

Parts = Mapping[str, float]
"""Amounts by name: see ``estimator/parts.py``."""

Form = Literal["", "light", "block", "luts"]
"""Where a constant memory goes: where the chip's rule puts it, the same unless LUTs are cheaper,
block RAM, or LUTs."""

LONGEST = "ns"
"""Nanoseconds of the longest path through the mapped logic."""

PATH = "ns.path"
"""Nanoseconds of the longest path through memories and logic between a unit's registers. Fitted
prices leave it out in units without registers for a clock."""

STAGED = "staged"
"""Units with registers for a clock; in products the first stands behind the memories."""

PATHS = LONGEST, PATH
"""Parts of which the longest counts, not the sum."""

READS = "reads"
"""Units whose logic reads block RAM without a register between."""


class Expressions(Protocol):
    """Maps expressions to a chip's cells; unknown signals are inputs."""

    def assign(self, signal: Signal, value: Any, /) -> Signal:
        """Gives a signal the bits of a value, and returns the signal."""
        ...

    def register(self, value: Value, /) -> Signal:
        """Makes the output of a register with ``value`` at its input."""
        ...

    def need(self, *values: Any) -> None:
        """Maps values that leave the unit."""
        ...

    def possible(self, value: Any, /) -> np.ndarray:
        """Lists the numbers that a value can take, given its known bits, (numbers,)."""
        ...


class Fabric(Protocol):
    """A chip that lists the parts of units."""

    def expressions(self) -> Expressions:
        """Makes an empty mapper of expressions."""
        ...

    def mapped(self, e: Any, /, *registers: Sequence[Any]) -> dict[str, float]:
        """Lists the parts of the logic that ``e`` has mapped, and of registers with these values
        behind it."""
        ...

    def counter(self, count: int, /) -> dict[str, float]:
        """Lists the parts of a counter from 0 to ``count - 1``."""
        ...

    def buffer(self, bits: int, kind: str = "ff", /) -> dict[str, float]:
        """Lists the parts of a skid buffer of ``bits`` bits; its output registers are of
        ``kind``."""
        ...

    def memory(self, width: int, depth: int, /, *, writable: bool, one_address: bool = False
               ) -> dict[str, float]:
        """Lists the parts of a memory of ``depth`` words of ``width`` bits, and of its read
        register.

        ``writable`` tells whether the memory is written, ``one_address`` whether its reader and
        its writer have one address, without a read register, if that makes it smaller."""
        ...

    def rom(self, words: Sequence[int], width: int, /, *, counted: bool = True, form: Form = ""
            ) -> dict[str, float]:
        """Lists the parts of a memory of the constants ``words``, ``width`` bits each.

        ``counted`` tells whether its address counter is included, ``form`` where it goes."""
        ...

    def reading(self, words: list[int], width: int, /) -> tuple[float, float]:
        """Predicts the delays of a memory of the constants ``words``, ``width`` bits each, in
        nanoseconds: from the clock to its output, and from its address to the clock."""
        ...

    def comparing(self, value: Value, /) -> float:
        """Predicts the delay in nanoseconds of a comparison ``value``, with the way out of its
        carry chain."""
        ...

    def levels(self, count: float, /) -> float:
        """Returns the delay of ``count`` LUTs in series, in nanoseconds."""
        ...

    def limit(self, words: list[int], interval: Int, sign: Value | None, /) -> Value:
        """Returns the output of a memory of the constants ``words``, of ``interval``, as a
        comparator reads it.

        ``sign`` is the sign bit of the compared number if the memory's address is its complement,
        else None."""
        ...

    def kept(self, words: Sequence[int], width: int, /, *, form: Form = "") -> dict[str, float]:
        """Lists the parts of a register behind a memory of the constants ``words``, ``width`` bits
        each. ``form`` as in ``rom``."""
        ...

    def per_group(self, values: np.ndarray, interval: Int, /, *, form: Form = "",
                  kept: bool = False) -> tuple[dict[str, float], list[Value]]:
        """Lists the parts of per-group constants ``values`` (groups, lanes), of ``interval``;
        returns them and one value for each lane. ``form`` as in ``rom``; ``kept`` tells whether a
        register stands behind their memory."""
        ...

    def tile(self, unit: Any, /) -> Parts:
        """Lists the parts of a matrix-vector unit's processing elements and accumulators, with the
        weights as synthesis sees them."""
        ...

    def adders(self, network: Any, /) -> int:
        """Counts the cells of a network of adders."""
        ...


def added(*parts: Parts) -> dict[str, float]:
    """Adds parts by name; for longest paths it takes the maximum."""
    total = defaultdict[str, float](float)
    for part in parts:
        for name, amount in part.items():
            total[name] = max(total[name], amount) if name in PATHS else total[name] + amount
    return total


def times(parts: Parts, count: float) -> dict[str, float]:
    """Multiplies parts by ``count``."""
    return {name: amount if name in PATHS else amount * count for name, amount in parts.items()}

"""The search for a small network: what partial sums to share is found greedily, then some of them
are given up and found again, over and over."""

from collections.abc import Sequence

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..targets import family as family_of
from ..tools.compiled import njit
from .build import build
from .network import Network, size
from .polarity import inverters
from .share import width
from .system import Rows, digits, dissolve, factor, prune, sparse

__all__ = ["compile"]

STARTS = (4, 3, 5, 6, 8, 2)
"""How many terms two rows must have in common, in the networks to begin with."""
NOISE = 0.1
"""By how much chance changes what sharing is worth."""
SHARE = 0.2
"""The largest part of the partial sums that is given up at once."""
HEAT = 5.0
"""How much larger a network may become by chance, in columns; less and less to the end."""
LAST = 5
"""Networks whose inverters are counted exactly in the end."""
MOST = 1 << 62
"""What the sums stay below: partial sums of signed powers of two take a bit more."""
TABLE = 4
"""Inputs of a LUT where no family says."""


def compile(matrix: np.ndarray, intervals: Sequence[Int], *, offsets: Sequence[int] | None = None,
            signs: bool = False, family: str = "", seed: int = 0, effort: int = 100,
            slack: int = 1) -> Network:
    """Adders for ``matrix @ x + offsets`` with inputs in their intervals.

    With ``signs`` all that is asked of an output is whether it is negative. ``effort`` is how many
    changes are tried, ``slack`` how many adders deeper than it must be a sum may get where that is
    smaller. Of a ``family`` of chips, the cells of its adders decide which network is the smallest.
    """
    chips = family_of(family) if family else None
    problem = _Problem(np.asarray(matrix), intervals, offsets, signs, slack,
                       chips.adders.inverter if chips else 0.0, chips.inputs if chips else TABLE)
    now, current = min((problem.start(least, seed) for least in STARTS),
                       key=lambda found: found[0])
    smallest, rng = [(now, current)], np.random.default_rng(seed)
    for k in range(effort):
        changed, rows = problem.change(current, rng, seed + k)
        heat = HEAT * (1 - k / effort)
        if changed <= now or rng.random() < np.exp((now - changed) / heat):
            now, current = changed, rows
        if changed < smallest[-1][0]:
            smallest.append((changed, rows))
    last = [problem.network(rows) for _, rows in smallest[-LAST:]]
    return min(reversed(last), key=problem.price)


@njit
def _finished(rows, outputs, lo, hi, bits, inputs, slack, inverter, table, seed, noise):
    """What a system costs, about how many inverters, and the system, with all pairs shared."""
    rows = factor(rows, outputs, lo, hi, 2, seed, noise, False)
    rows = prune(rows, outputs, len(lo))
    nodes, low, high, _, support, roots, _, inverters = build(
        digits(rows), outputs, lo, hi, bits, inputs, slack, inverter, table)
    return size(nodes, low, high, support, roots, table), inverters, rows


class _Problem:
    def __init__(self, matrix: np.ndarray, intervals: Sequence[Int],
                 offsets: Sequence[int] | None, signs: bool, slack: int, inverter: float,
                 table: int):
        if matrix.ndim != 2 or matrix.dtype.kind not in "iu":
            raise ModelError(f"A constant matrix must have two dimensions of integers, not "
                             f"{matrix.dtype} {matrix.shape}")
        self.outputs, self.inputs = matrix.shape
        if len(intervals) != self.inputs:
            raise ModelError(f"A matrix with {self.inputs} columns needs as many intervals, not "
                             f"{len(intervals)}")
        added = [0] * self.outputs if offsets is None else list(offsets)
        if len(added) != self.outputs:
            raise ModelError(f"A matrix with {self.outputs} rows needs as many offsets, not "
                             f"{len(added)}")
        most = max((sum(abs(w) * x.size for w, x in zip(row, intervals, strict=True)) + abs(c)
                    for row, c in zip(matrix.tolist(), added, strict=True)), default=0)
        if most >= MOST:
            raise ModelError(f"The sums of a constant matrix reach {most}, more than 62 bits")
        constants, columns = _constants(np.array(added, np.int64))
        self.lo = np.array([x.lo for x in intervals] + constants, np.int64)
        self.hi = np.array([x.hi for x in intervals] + constants, np.int64)
        self.bits = np.array([width(x.lo, x.hi) for x in intervals] + [0] * len(constants),
                             np.int64)
        self.rows = sparse(np.concatenate([matrix.astype(np.int64), columns], axis=1))
        self.signs, self.slack, self.inverter, self.table = signs, slack, inverter, table

    def start(self, least: int, seed: int) -> tuple[int, Rows]:
        """A system to begin with, and its size."""
        wide = factor(self.rows, self.outputs, self.lo, self.hi, least, seed, 0.0, True)
        return self._finished(wide, seed, 0.0)

    def change(self, rows: Rows, rng: np.random.Generator, seed: int) -> tuple[int, Rows]:
        """The system with some partial sums given up and others found."""
        partial = len(rows.start) - 1 - self.outputs
        gone = rng.random(partial) < SHARE * rng.random()
        rows = dissolve(rows, self.outputs, len(self.lo), gone)
        if rng.random() < 0.5:
            least = int(rng.integers(2, 6))
            rows = factor(rows, self.outputs, self.lo, self.hi, least, seed, NOISE, True)
        return self._finished(rows, seed, NOISE)

    def _finished(self, rows: Rows, seed: int, noise: float) -> tuple[int, Rows]:
        cost, inverters, rows = _finished(rows, self.outputs, self.lo, self.hi, self.bits,
                                          self.inputs, self.slack, self.inverter, self.table,
                                          seed, noise)
        return cost + inverters * int(self.inverter), rows

    def price(self, network: Network) -> int:
        """What a network costs with as few inverters as it takes."""
        return network.cost + (inverters(network) if self.inverter else 0)

    def network(self, rows: Rows) -> Network:
        """The adders of a system."""
        *found, _ = build(digits(rows), self.outputs, self.lo, self.hi, self.bits, self.inputs,
                          self.slack, self.inverter, self.table)
        return Network(self.inputs, *found, table=self.table, signs=self.signs)


def _constants(offsets: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Odd constants, behind a 0, and the columns that make the offsets of them."""
    odd = [int(c) // (int(c) & -int(c)) if c else 0 for c in offsets]
    constants = [0, *sorted({abs(c) for c in odd} - {0})]
    columns = np.zeros((len(offsets), len(constants)), np.int64)
    for row, (c, part) in enumerate(zip(offsets.tolist(), odd, strict=True)):
        if c:
            columns[row, constants.index(abs(part))] = c // abs(part)
    return constants, columns

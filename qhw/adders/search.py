"""The search for a small network: partial sums are shared greedily, then some of them are
repeatedly dissolved and shared again."""

from collections.abc import Sequence

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..targets import family as family_of
from ..tools.compiled import Ints, njit
from .base import based
from .build import build
from .fuse import fused_cost
from .network import Network, size
from .polarity import inverters
from .share import width
from .system import Rows, digits, dissolve, factor, prune, sparse

__all__ = ["compile"]

STARTS = (4, 3, 5, 6, 8, 2)
"""Least common terms of two rows, in the networks that the search starts from."""
NOISE = 0.1
"""Fraction by which gains of sharing vary randomly."""
SHARE = 0.2
"""Largest fraction of the partial sums that is dissolved at once."""
HEAT = 5.0
"""Columns by which a network may grow by chance at the start; falls to 0."""
LAST, ORDERS = 2, 32
"""Best networks whose cost is counted exactly at the end, and orders of the terms of each of their
sums that are tried."""
EFFORT = range(100, 301)
"""Changes that are tried by default, the more the smaller the matrix is."""
SMALL = 30_000
"""Changes times digits of a small matrix."""
MOST = 1 << 62
"""Limit of the sums; partial sums of signed powers of two take one bit more."""
TABLE = 4
"""Inputs of a LUT if no family is given."""


def compile(matrix: np.ndarray, intervals: Sequence[Int], *, offsets: Sequence[int] | None = None,
            signs: bool = False, family: str = "", seed: int = 0, effort: int | None = None,
            slack: int = 1) -> Network:
    """Finds adders for ``matrix @ x + offsets``.

    ModelError if the family is unknown.

    Parameters
    ----------
    matrix : integers (outputs, inputs)
    intervals : the interval of each input, (inputs,)
    offsets : the constant of each sum, (outputs,); 0 by default
    signs : whether only the sign of each output is needed
    family : chip family whose cells decide which network is the smallest
    seed : a number that starts the random search
    effort : number of changes to try; by default more for a small matrix than for a large one
    slack : adders by which a sum may exceed its least depth if the network gets smaller"""
    chips = family_of(family) if family else None
    problem = _Problem(np.asarray(matrix), intervals, offsets, signs, slack,
                       chips.adders.inverter if chips else 0.0, chips.inputs if chips else TABLE,
                       chips is not None and chips.adders.fuses)
    if effort is None:
        effort = min(max(SMALL // problem.digits, EFFORT[0]), EFFORT[-1])
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
    # The order that is the cheapest of two operands an adder need not be that of three.
    last = [problem.network(rows, orders) for _, rows in smallest[-LAST:]
            for orders in ((1, ORDERS) if problem.fuses else (ORDERS,))]
    return min(reversed(last), key=problem.price)


@njit
def _finished(rows: Rows, ends: Ints, lo: Ints, hi: Ints, bits: Ints, inputs: int, slack: int,
              inverter: float, table: int, seed: int, noise: float) -> tuple[int, int, Rows]:
    """Shares all pairs of a system; returns its cost with estimated inverters, and the system."""
    rows = factor(rows, len(ends), lo, hi, 2, seed, noise, False)
    rows = prune(rows, len(ends), len(lo))
    nodes, low, high, _, support, roots, _, inverters = build(
        digits(rows), ends, lo, hi, bits, inputs, slack, inverter, table, 1)
    return size(nodes, low, high, support, roots, table), inverters, rows


class _Problem:
    def __init__(self, matrix: np.ndarray, intervals: Sequence[Int],
                 offsets: Sequence[int] | None, signs: bool, slack: int, inverter: float,
                 table: int, fuses: bool):
        if matrix.ndim != 2 or matrix.dtype.kind not in "iu":
            raise ModelError(f"A constant matrix must have two dimensions of integers, not "
                             f"{matrix.dtype} {matrix.shape}")
        self.outputs, self.inputs = len(matrix), matrix.shape[1]
        if len(intervals) != self.inputs:
            raise ModelError(f"A matrix with {self.inputs} columns needs one interval for each, "
                             f"not {len(intervals)}")
        added = [0] * self.outputs if offsets is None else list(offsets)
        if len(added) != self.outputs:
            raise ModelError(f"A matrix with {self.outputs} rows needs one offset for each, not "
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
        whole = np.concatenate([matrix.astype(np.int64), columns], axis=1)
        positive, negative = np.maximum(whole, 0), np.minimum(whole, 0)
        self.ends = np.stack([positive @ self.lo + negative @ self.hi,
                              positive @ self.hi + negative @ self.lo], axis=1)
        self.rows = sparse(whole if most >= MOST >> 2 else _shared(whole, self.inputs))
        self.digits = max(len(digits(self.rows)), 1)
        self.signs, self.slack, self.inverter, self.table = signs, slack, inverter, table
        self.fuses = fuses

    def start(self, least: int, seed: int) -> tuple[int, Rows]:
        """Makes a system for the search to start from; returns its cost and the system."""
        wide = factor(self.rows, self.outputs, self.lo, self.hi, least, seed, 0.0, True)
        return self._finished(wide, seed, 0.0)

    def change(self, rows: Rows, rng: np.random.Generator, seed: int) -> tuple[int, Rows]:
        """Dissolves some partial sums of a system and shares again."""
        partial = len(rows.start) - 1 - self.outputs
        gone = rng.random(partial) < SHARE * rng.random()
        rows = dissolve(rows, self.outputs, len(self.lo), gone)
        if rng.random() < 0.5:
            least = int(rng.integers(2, 6))
            rows = factor(rows, self.outputs, self.lo, self.hi, least, seed, NOISE, True)
        return self._finished(rows, seed, NOISE)

    def _finished(self, rows: Rows, seed: int, noise: float) -> tuple[int, Rows]:
        cost, inverters, rows = _finished(rows, self.ends, self.lo, self.hi, self.bits,
                                          self.inputs, self.slack, self.inverter, self.table,
                                          seed, noise)
        return cost + inverters * int(self.inverter), rows

    def price(self, network: Network) -> int:
        """Computes a network's cost in the family's cells, with its fewest inverters."""
        if self.fuses:
            return fused_cost(network)
        return network.cost + (inverters(network) if self.inverter else 0)

    def network(self, rows: Rows, orders: int) -> Network:
        """Builds the adder network of a system in the cheapest of several orders."""
        *found, _ = build(digits(rows), self.ends, self.lo, self.hi, self.bits, self.inputs,
                          self.slack, self.inverter, self.table, orders)
        return Network(self.inputs, *found, table=self.table, signs=self.signs)


def _shared(matrix: np.ndarray, inputs: int) -> np.ndarray:
    """Adds the row of a sum that all outputs share, and the column that the outputs take it from,
    to a matrix, if they save digits."""
    found = based(matrix[:, :inputs])
    if found is None:
        return matrix
    base, times = np.pad(found[0], (0, matrix.shape[1] - inputs)), found[1][:, None]
    return np.block([[matrix - times * base, times], [base, np.zeros((1, 1), np.int64)]])


def _constants(offsets: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Odd constants, behind a 0, and the columns that make the offsets of them."""
    odd = [int(c) // (int(c) & -int(c)) if c else 0 for c in offsets]
    constants = [0, *sorted({abs(c) for c in odd} - {0})]
    columns = np.zeros((len(offsets), len(constants)), np.int64)
    for row, (c, part) in enumerate(zip(offsets.tolist(), odd, strict=True)):
        if c:
            columns[row, constants.index(abs(part))] = c // abs(part)
    return constants, columns

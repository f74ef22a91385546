"""Random layers of long short-term memory."""

import numpy as np

from qhw.exact.num import Int
from qhw.graph import PeSimd, Tensor
from qhw.layers import Rescale
from qhw.layers.rescale import fixed_point, reduced
from qhw.ops.lstm import Lstm
from qhw.ops.matvec import MatVec
from qhw.schemes import integer_scheme

__all__ = ["WORD", "inputs", "lstm"]

WORD = Int(-32768, 32767)


def rescale(scales, codes, zero=0, *, single=False):
    multiplier, shift = np.array([fixed_point(float(s)) for s in scales]).T
    if single:
        multiplier = np.array([reduced(int(m)) for m in multiplier])
    return Rescale(multiplier, shift, codes, zero, single)


def lstm(units, pe=1, simd=1, *, seed=0, power=-11, zero=-3, scale=1 / 140, end=None, wide=False):
    """A layer of some units with random weights.

    Parameters
    ----------
    units, pe, simd, seed : numbers
    power : of two, the cell state's scale
    zero, scale : of the hidden state
    end : largest magnitude of the cell state
    wide : whether hidden states have 16 bits
    """
    rng = np.random.default_rng(seed)
    weights = rng.integers(-127, 127, (4 * units, units), endpoint=True)
    gates = rng.uniform(1, 40, 4) / (256 if wide else 1) / units**0.5
    scheme, codes = integer_scheme(weights)
    cells = WORD if end is None else Int(-end, end)
    if wide:
        zero, scale = 0, scale / 256
    return Lstm(
        MatVec(scheme, codes, -zero * weights.sum(axis=1)),
        rescale(gates, WORD, single=wide),
        rescale([2.0**-15, 2.0 ** (-30 - power)], WORD), cells, power + 12,
        rescale([2.0**-30 / scale], WORD if wide else Int(-128, 127), zero),
    ).folded(PeSimd(pe, simd))


def inputs(op, steps, count=4, size=9000):
    """The format of a sequence, and random ones (count, steps, gates) with both ends of the codes.
    """
    x = np.random.default_rng(1).normal(0, size, (count, steps, 4 * op.units))
    x = np.clip(np.rint(x), WORD.lo, WORD.hi).astype(np.int64)
    x[1, 0], x[2, 0] = WORD.lo, WORD.hi
    return Tensor((steps, 4 * op.units), WORD), x

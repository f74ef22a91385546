"""A maximum before a quantizer is one of its codes; means become sums."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.layers import Affine, Input, Quantize
from qhw.layers.levels import logarithmic
from qhw.layers.pool import AveragePool, MaxPool
from qhw.lower import lower
from qhw.ops.pooling import Pooling
from qhw.simulators.golden import evaluate, golden

from .chains import chain

TWO = Window((2, 2), (2, 2))
X = np.random.default_rng(0).integers(-8, 8, (9, 4, 4, 2))
INPUT = Input((4, 4, 2), Int(-8, 7))
LINE = Affine((Fraction(1, 2), Fraction(-3, 4)), (Fraction(1), Fraction(0)))
"""One channel rises, the other falls."""


def found(*ops):
    graph = chain(INPUT, *ops)
    lowered = lower(graph)
    last = graph.output.name
    assert np.array_equal(lowered.tensors[last].real(golden(lowered, X)[last]),
                          graph.tensors[last].real(evaluate(graph, X)[last]))
    return [n.op for n in lowered.nodes if isinstance(n.op, Pooling)], lowered


def test_the_largest_code_or_the_least_where_it_falls():
    (pool,), lowered = found(MaxPool(TWO), LINE, Quantize(Int(0, 3), Fraction(1)))
    assert pool.flip.tolist() == [False, True]
    assert lowered.tensors[lowered.by_name["l3"].inputs[0]].integer == Int(0, 3)


def test_codes_are_ranked_where_they_stand_for_others():
    (pool,), _ = found(MaxPool(TWO), LINE, logarithmic(2, 1, signed=True))
    assert pool.how == "max"


@pytest.mark.parametrize("window", [TWO, Window((2, 2), (2, 2), pads=(1, 1, 1, 1))], ids=str)
def test_a_mean_is_a_sum(window):
    (pool,), _ = found(AveragePool(window), Quantize(Int(-8, 7), Fraction(1)))
    assert pool.how == "sum"

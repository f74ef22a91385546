"""Softmax by its definition in high precision."""

from decimal import Decimal, localcontext

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Softmax
from qhw.layers.softmax import Place


def test_far_apart_scores_have_finite_logarithms():
    x = np.array([[0., -800, 3, 900], [1, 1, 1, 1], [-1e4, 1e4, 0, 5]])
    with localcontext() as context:
        context.prec = 40
        for row, soft, log in zip(x, Softmax().evaluate(x), Softmax(log=True).evaluate(x),
                                  strict=True):
            powers = [Decimal(v).exp() for v in row]
            want = [p / sum(powers) for p in powers]
            assert np.allclose(soft, [float(p) for p in want], rtol=1e-12, atol=0)
            assert np.allclose(log, [float(p.ln()) for p in want], rtol=1e-12, atol=1e-15)
    assert np.isfinite(log).all()


def test_the_last_dimension_sums_to_one():
    x = np.log(np.array([[[1., 3], [2, 2]]]))
    assert np.allclose(Softmax().evaluate(x), [[[.25, .75], [.5, .5]]], rtol=1e-15)
    assert Softmax().infer(Tensor((2, 2), Int(0, 1))) == Tensor((2, 2))


def test_places_of_the_first_of_equals():
    x = np.array([[[3., -1, 3], [-2, 5, -2]]])
    assert Place().evaluate(x).tolist() == [[[0], [1]]]
    assert Place(least=True).evaluate(x).tolist() == [[[1], [0]]]
    assert Place().infer(Tensor((2, 3))) == Tensor((2, 1))

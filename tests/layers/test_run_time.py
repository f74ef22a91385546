"""Scales found at run time: worked numbers of the papers."""

from fractions import Fraction

import numpy as np
import pytest
from pydantic import ValidationError

from qhw.errors import ModelError
from qhw.graph import Tensor
from qhw.layers import BlockFloat, Levels, Residual
from tests.layers.stored import made

X = np.array([[0.9, -0.2, 0.4, -1.1], [0, 0, 0, 0]])


@pytest.mark.parametrize(("planes", "want"), [
    (1, [.65, -.65, .65, -.65]),                      # the mean of .9, .2, .4, 1.1
    (2, [1., -.3, .3, -1.]),                          # left are .25, .45, -.25, -.45: mean .35
    (3, [.9, -.2, .4, -1.1])])                        # left are -.1, .1, .1, -.1
def test_residual_planes_by_hand(planes, want):
    found = Residual(planes).evaluate(X)
    assert np.allclose(found, [want, [0] * 4], atol=1e-12)


def test_samples_have_scales_of_their_own():
    both = Residual().evaluate(np.array([[1., -3], [10, 30]]))
    assert both.tolist() == [[2, -2], [20, 20]]


def test_what_is_nothing_has_a_plus():
    assert Residual().evaluate(np.array([[0., 2]])).tolist() == [[1, 1]]


def test_a_block_of_integers_is_exact():
    assert BlockFloat(4).evaluate(X) is X


@pytest.mark.parametrize("op", [Residual(), BlockFloat()])
def test_vectors_alone_have_scales(op):
    assert op.infer(Tensor((4,))) == Tensor((4,))
    with pytest.raises(ModelError, match=r"it needs a vector, and its input has shape \(2, 2\): "
                                         r"put a flatten layer before it"):
        op.infer(Tensor((2, 2)))


def test_tables():
    assert made("residual", planes=3) == Residual(3)
    assert made("block_float") == BlockFloat(8) and made("block_float", bits=5) == BlockFloat(5)
    static = made("residual", scales=["1/2", 0.25], level_bits=4)
    assert isinstance(static, Levels) and static.scale == Fraction(1, 4)
    assert static.values == (-3, -1, 1, 3)
    rounded = made("residual", scales=["1/2", 0.3], level_bits=3)
    assert isinstance(rounded, Levels) and rounded.scale == Fraction(1, 4)


@pytest.mark.parametrize("table", [{}, {"scales": [1], "planes": 1}])
def test_scales_are_constants_or_those_of_run_time(table):
    with pytest.raises(ValueError, match="either scales or, for those of run time, planes"):
        made("residual", **table)


@pytest.mark.parametrize(("kind", "table"), [
    ("residual", {"planes": 0}), ("residual", {"planes": 4}), ("residual", {"scales": []}),
    ("residual", {"scales": [1], "level_bits": 1}), ("block_float", {"bits": 1}),
    ("block_float", {"bits": 17})])
def test_what_is_out_of_range_is_refused(kind, table):
    with pytest.raises(ValidationError, match=r"Input should be|at least 1 item"):
        made(kind, **table)

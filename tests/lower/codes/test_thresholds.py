"""Where codes change, by hand."""

from fractions import Fraction

import numpy as np
import pytest

from qhw import limits
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Affine, Quantize, Relu, Rescale
from qhw.layers.steps import MultiThreshold
from qhw.lower.codes.thresholds import pulls, seen, thresholds

F = Fraction
X = Tensor((2,), Int(-20, 20), F(1, 2), F(3))
WAY = [Affine((F(2), F(-1, 3)), (F(1), F(0))), Relu()]


def test_ways_of_channels():
    assert seen(WAY, 2) == [[(WAY[0], 0), (WAY[1], 0)], [(WAY[0], 1), (WAY[1], 1)]]


def test_scales_in_a_row_are_one():
    """2 ((n - 3) / 2) + 1 is n - 2; a relu stands behind it, and nothing behind that."""
    nothing, relu, line = pulls(seen(WAY, 2)[0], X.line)
    assert (nothing.args, relu.func, line.args) == ((1, 0), WAY[1].pull, (1, -2))


def test_by_hand():
    """max(n - 2, 0) rounds to 1 from 3 on, as 1/2 is even, to 2 from 4 and to 3 from 5; and
    max((3 - n) / 6, 0) to 1 up to -1, to 2 up to -6 and to 3 up to -13: 1/2 goes to 0, 3/2 to 2."""
    op = Quantize(Int(-1, 3), F(1))
    made = thresholds(op, seen([*WAY, op], 2), X)
    assert made.thresholds.tolist() == [[-20, 3, 4, 5], [-12, -5, 0, 21]]
    assert made.flip.tolist() == [False, True]
    assert (made.lo, made.scale, made.zero) == (-1, 1, 0)
    assert made.infer(X).codes == op.codes


def test_one_by_one():
    """Thresholds of a file, of which the second row's fall behind the scale -1/3."""
    op = MultiThreshold(np.array([[-1, 2.5]]))
    made = thresholds(op, seen([WAY[0], op], 2), X)
    assert made.thresholds.tolist() == [[1, 5], [-11, 10]] and made.flip.tolist() == [False, True]


def test_at_once_as_one_by_one(monkeypatch):
    """Rescaled channels behind whole scales and offsets, some of which fall, or have one code."""
    rng = np.random.default_rng(5)
    op = Rescale(rng.choice([-1, 0, 1, 1], 40) * rng.integers(1 << 30, 1 << 31, 40),
                 rng.choice([-31, -7, -3, 0, 2], 40), Int(-100, 27), -3)
    way = Affine(tuple(map(F, rng.choice([-5, 1, 3], 40).tolist())),
                 tuple(map(F, rng.integers(-9000, 9000, 40).tolist())))
    x, ways = Tensor((40,), Int(-3000, 4000)), seen([way, op], 40)
    made = thresholds(op, ways, x)
    monkeypatch.setattr(Rescale, "firsts", lambda *_: None)
    want = thresholds(op, ways, x)
    assert (made.thresholds == want.thresholds).all() and (made.flip == want.flip).all()
    assert 5 < made.flip.sum() < 35


def test_scales_with_fractions_are_one_by_one():
    """3 n / 2 rescaled by a half is 1 from 1 on: 3/4 is rounded, and 2 is 3/2, rounded up."""
    op = Rescale(np.array([1 << 30]), np.array([0]), Int(0, 2))
    way = Affine((F(3, 2),), (F(0),))
    made = thresholds(op, seen([way, op], 1), Tensor((1,), Int(-20, 20)))
    assert made.thresholds.tolist() == [[1, 2]]


def test_how_many(monkeypatch):
    op = Quantize(Int(0, 7), F(1))
    monkeypatch.setattr(limits, "THRESHOLDS", 15)
    with pytest.raises(ModelError, match="8 levels of 2 channels need more than 15"):
        thresholds(op, seen([op], 2), X)


@pytest.mark.parametrize("code", [127, 0, -128])
def test_a_code_alone_has_no_thresholds(code):
    op = Quantize(Int(code, code), F(1))
    made = thresholds(op, seen([*WAY, op], 2), X)
    assert (made.lo, made.thresholds.shape) == (code, (2, 0))
    assert (made.evaluate(np.array([[-20, -20], [0, 3], [20, 20]])) == code).all()

"""Multipliers and shifts by hand."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int, Rounding
from qhw.graph import Tensor
from qhw.ops import Requantize


def test_two_shifts_round_half_up_and_then_away_from_zero():
    """As gemmlowp does: -5 / 2 is -2 and that / 2 is -1; -7 / 2 is -3, and that / 2 is -2."""
    op = Requantize(np.array([1]), np.array([0]), 1, Int(-128, 127),
                    rounding=Rounding.HALF_AWAY, first_shift=1)
    x = np.array([[-7], [-6], [-5], [-3], [-1], [1], [3], [5], [6], [7]])
    assert op.evaluate(x).ravel().tolist() == [-2, -2, -1, -1, 0, 1, 1, 2, 2, 2]


def test_a_code_is_rounded_moved_and_clipped():
    """(3 x + 5) / 4 + 10, ties up, from 8 to 14."""
    op = Requantize(np.array([3]), np.array([5]), 2, Int(8, 14), zero=10)
    assert op.evaluate(np.array([[-5], [-3], [-1], [0], [1], [3], [9]])).ravel().tolist() == [
        8, 9, 11, 11, 12, 14, 14]


def test_multipliers_are_for_the_channels_of_the_input():
    op = Requantize(np.array([1, 2]), np.array([0, 0]), 1, Int(0, 3))
    assert op.infer(Tensor((2,), Int(0, 7))).codes == Int(0, 3)
    with pytest.raises(ModelError, match="multipliers are for 2 channels, and its input has 3"):
        op.infer(Tensor((3,), Int(0, 7)))


def test_gemmlowp_requantization_by_hand():
    """Jacob et al. and gemmlowp: 843 * .004 with two roundings, and both functions' ties."""
    def requantize(acc, m0, shift, zero=0, lo=-1000, hi=1000):
        op = Requantize(np.array([m0]), np.array([0]), shift, Int(lo, hi), zero,
                        Rounding.HALF_AWAY, first_shift=31)
        return int(op.evaluate(np.array([[acc]]))[0, 0])

    assert requantize(843, 1099511628, 0) == 432
    assert requantize(843, 1099511628, 7, 100, 0, 255) == 103
    assert (requantize(-3, 1 << 30, 0), requantize(3, 1 << 30, 0)) == (-1, 2)
    assert [requantize(2 * n, 1 << 30, 1) for n in (-5, -3, -1, 1, 3, 5)] == [-3, -2, -1, 1, 2, 3]


def test_products_of_more_than_62_bits():
    """Rounded down they may have 86, of which 24 are computed by themselves; otherwise 62."""
    multiplier, offset = np.array([(1 << 46) - 1, -5]), np.array([1 << 66, -(1 << 66)], object)
    op = Requantize(multiplier, offset, 50, Int(-9000000, 9000000), 3, Rounding.FLOOR)
    x = Tensor((2,), Int(-(1 << 26), 1 << 26))
    assert op.wide and op.infer(x).codes == op.codes
    values = np.array([[-(1 << 26), 12345], [1 << 26, -77]])
    assert op.evaluate(values).tolist() == [
        [((int(n) * int(m) + int(o)) >> 50) + 3 for n, m, o in zip(row, multiplier, offset,
                                                                  strict=True)] for row in values]
    for wrong in (Tensor((2,), Int(0, 1 << 60)), Tensor((2,), Int(-(1 << 38), 0))):
        with pytest.raises(ModelError, match="its products reach"):
            op.infer(wrong)
    with pytest.raises(ModelError, match="more than 62 bits"):
        replace(op, rounding=Rounding.HALF_UP).infer(x)

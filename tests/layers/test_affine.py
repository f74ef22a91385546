"""Scales of the host, where float64 loses what is asked for."""

from fractions import Fraction

import numpy as np

from qhw.layers import Affine

F = Fraction


def test_a_large_offset_is_taken_away_exactly():
    """1.5e20 * code + 1.92e22 - 1: the difference is -1 at code -128, and 0 is 0."""
    scale = F(15 * 10**19)
    op = Affine((scale, F(1, 3)), (128 * scale - 1, F(-1)))
    x = np.array([[-128, 3], [-127, 4], [-128, 0]])
    assert np.allclose(op.evaluate(x), [[-1, 0], [1.5e20, 1 / 3], [-1, -1]], rtol=1e-12, atol=0)


def test_by_hand():
    op = Affine((F(1, 2), F(-3)), (F(0), F(5)))
    assert op.evaluate(np.array([[4, 4], [-1, 0.5]])).tolist() == [[2, -7], [-0.5, 3.5]]
    assert [op.line(c) for c in (0, 1)] == [(F(1, 2), 0), (-3, 5)]

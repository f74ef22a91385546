"""Codes of single-precision numbers, at every edge."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.layers.nearest import quantized
from qhw.layers.single import Parts, SingleQuantize


def test_ties_go_away_from_zero_and_codes_are_clipped():
    op = SingleQuantize(Int(-4, 3), 0.5, 1)
    x = np.array([-9, -0.76, -0.75, -0.25, -0.24, 0, 0.24, 0.25, 0.75, 9.0])
    assert op.evaluate(x).tolist() == [-4, -1, -1, 0, 1, 1, 1, 2, 3, 3]


@pytest.mark.parametrize("step", [0.1, 0.0235179, 1 / 3, 7.25e-5, 123.4])
def test_the_exact_cuts_are_those_of_floating_point(step):
    """Each cut lies between two neighbouring float32, which have different codes; half-way between
    them, the even one counts."""
    op = SingleQuantize(Int(-128, 127), step, -17)
    for code, cut in zip(range(-127, 128), op.cuts(0), strict=True):
        middle = float(cut.p)
        above = np.nextafter(np.float32(middle), np.float32(np.inf), dtype=np.float32)
        below = np.nextafter(np.float32(middle), np.float32(-np.inf), dtype=np.float32)
        for x in (above, below, np.float32(middle), middle, np.nextafter(middle, 1e9)):
            reached = op.evaluate(np.array([x]))[0] >= code
            assert cut.holds(Fraction(float(x))) == reached


def test_samples_of_double_precision_are_rounded_to_single_first():
    op = SingleQuantize(Int(-128, 127), 0.1)
    x = np.random.default_rng(0).normal(size=(500, 3)) * 5
    assert (quantized(x, (op,)) == op.evaluate(x)).all()


def test_parts_of_a_vector_have_quantizers_of_their_own():
    op = Parts(((2, SingleQuantize(Int(-4, 3), 0.5, 1)), (1, SingleQuantize(Int(-4, 3), 2.0))))
    x = np.array([[-9, 0.25, 3.0], [0.76, 9, -1]])
    assert op.evaluate(x).tolist() == quantized(x, (op,)).tolist() == [[-4, 2, 2], [3, 3, -1]]
    firsts = [float(next(iter(op.cuts(channel))).p) for channel in range(3)]
    assert np.allclose(firsts, [-2.25, -2.25, -7], rtol=1e-6)

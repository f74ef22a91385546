from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int, Rounding
from qhw.graph import Tensor
from qhw.ops import Requantize
from tests.drive import run
from tests.exact.test_num import nearest


@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize("stalls", [None, 5])
@pytest.mark.parametrize(("shift", "zero"), [(0, 0), (1, 3), (5, -2)])
def test_is_the_definition(rounding, stalls, shift, zero):
    """Against the formula in rationals, at every input, with both ends of the codes reached."""
    multiplier, offset, codes = np.array([3, -7, 1, 0]), np.array([0, 5, -9, 2]), Int(-8, 7)
    layer = Requantize(multiplier, offset, shift, codes, zero, rounding, pe=2)
    values = np.repeat(np.arange(-64, 65)[:, None], 4, axis=1)
    want = [[min(max(nearest(Fraction(int(n) * int(m) + int(a), 1 << shift), rounding) + zero,
                     codes.lo), codes.hi)
             for n, m, a in zip(row, multiplier, offset, strict=True)] for row in values]
    assert layer.evaluate(values).tolist() == want
    got, (i_times, o_times) = run(layer.unit(Tensor((4,), Int(-64, 64))),
                                  values.reshape(-1, 2).tolist(), stalls=stalls, times=True)
    assert np.reshape(got, values.shape).tolist() == want
    if stalls is None:
        assert o_times == [t + 1 for t in i_times]

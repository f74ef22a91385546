"""Products of two streams against numpy, with and without stalls."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.hw.units.multiply import MultiplyUnit

from .test_join import Diamond, X, codes, run


@pytest.mark.parametrize("stalls", [None, 1, 2])
@pytest.mark.parametrize("zeros", [(0, 0), (3, -8), (-5, 0)])
def test_a_fork_and_a_product(zeros, stalls):
    x = codes(20, 4)
    unit = MultiplyUnit(zeros, xs=(X, X), y=Int(-240, 240), lanes=2)
    got = run(Diamond(unit, 2), x.reshape(-1, 2).tolist(), stalls=stalls)
    assert np.array_equal(np.ravel(got), ((x - zeros[0]) * (x - zeros[1])).ravel())

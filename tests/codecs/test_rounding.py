"""Rounding at random."""

import numpy as np
import pytest

from qhw.codecs import stochastic_round


def test_rounding_at_random_by_hand():
    """Li et al.: .37 in steps of .25 is .25 with .52 and .5 with .48."""
    u = (np.arange(100) + .5) / 100
    got = stochastic_round(np.full(100, .37), .25, u)
    assert ((got == .25).sum(), (got == .5).sum()) == (52, 48)


@pytest.mark.parametrize(("u", "want"), [(0, [-.5, -.5, 0, .25]), (.5, [-.5, -.25, 0, .5]),
                                         (.9, [-.25, -.25, 0, .5])])
def test_up_if_the_number_is_as_large_as_what_is_missing(u, want):
    x = np.array([-.425, -.375, 0, .375])       # of steps of .25: -1.7, -1.5, 0 and 1.5
    assert stochastic_round(x, .25, np.full(4, u)).tolist() == want

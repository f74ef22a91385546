"""Stages of a network: in sequence they are the network, each about as deep as the others."""

import numpy as np
import pytest

from qhw import adders
from qhw.adders.cut import cut
from qhw.exact.num import Int

RANDOM = np.random.default_rng(5)
MATRIX, X = RANDOM.integers(-9, 10, (5, 7)), Int(-8, 7)
MATRIX[3] = 0
OFFSETS = [3, 0, -70, 11, 0]


@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("stages", [1, 2, 3, 4])
def test_stages_in_sequence(stages, signs):
    """The third sum has a large constant, the fourth is nothing else; the last stage alone has the
    outputs' shifts, and alone makes signs of them."""
    network = adders.compile(MATRIX, [X] * 7, offsets=OFFSETS, signs=signs, effort=3)
    found = cut(network, stages)
    assert len(found) == stages
    values = np.random.default_rng(6).integers(X.lo, X.hi + 1, (60, 7))
    want = network.evaluate(values)
    whole = values @ MATRIX.T + OFFSETS
    assert np.array_equal(want, whole)
    for k, stage in enumerate(found):
        assert stage.signs == (signs and k == stages - 1)
        assert stage.inputs == values.shape[1]
        assert (values >= stage.lo[:stage.inputs]).all()
        assert (values <= stage.hi[:stage.inputs]).all()
        values = stage.evaluate(values)
    assert np.array_equal(values, want)
    depth = -(-(network.depth + 1) // stages)
    assert all(stage.depth <= depth for stage in found)

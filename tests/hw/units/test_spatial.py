"""Products with constant weights as logic: matrices against numpy, with and without stalls."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.hw.units.spatial import SpatialUnit
from qhw.testing.stream import run


@pytest.mark.parametrize("stalls", [None, 3])
@pytest.mark.parametrize("x", [
    Int(0, 0), Int(0, 1), Int(-1, 0), Int(-1, -1), Int(-8, -8), Int(-4, 3), Int(3, 9),
    Int(-128, 127)])
@pytest.mark.parametrize(("outputs", "inputs"), [(1, 1), (3, 7), (9, 20)])
def test_a_unit_is_its_matrix(outputs, inputs, x, stalls):
    rng = np.random.default_rng(outputs)
    matrix = rng.integers(-9, 10, (outputs, inputs))
    matrix[0] = 0
    start = rng.integers(-50, 50, outputs)
    lo = (np.minimum(matrix * x.lo, matrix * x.hi).sum(1) + start).min()
    hi = (np.maximum(matrix * x.lo, matrix * x.hi).sum(1) + start).max()
    vectors = rng.integers(x.lo, x.hi + 1, (20, inputs))
    vectors[0], vectors[1] = x.lo, x.hi
    unit = SpatialUnit(matrix, start, x=x, y=Int(int(lo), int(hi)), levels=4)
    got = run(unit, vectors.tolist(), stalls=stalls)
    assert np.array_equal(got, vectors @ matrix.T + start)

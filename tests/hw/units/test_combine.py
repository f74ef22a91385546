"""Partial sums times factors: those of a constant table, at every number of multipliers."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.hw.units.combine import CombineUnit
from qhw.testing.stream import run

RNG = np.random.default_rng(0)
FACTORS, START = RNG.integers(-5, 6, (4, 3)), RNG.integers(-20, 21, 4)


@pytest.mark.parametrize("stalls", [None, 2])
@pytest.mark.parametrize("each", [1, 2, 3])
@pytest.mark.parametrize("pe", [1, 2, 4])
def test_start_and_products(pe, each, stalls):
    parts = np.random.default_rng(1).integers(-8, 8, (7, 4, 3))
    parts[0], parts[1] = -8, 7
    want = (parts * FACTORS).sum(2) + START
    unit = CombineUnit(FACTORS, START, x=Int(-8, 7), y=Int(-150, 150), pe=pe, each=each)
    got, (_, times) = run(unit, parts.reshape(-1, pe * 3).tolist(), stalls=stalls, times=True)
    assert np.array_equal(np.reshape(got, want.shape), want)
    if stalls is None:
        assert set(np.diff(times)) == {unit.steps} == {-(-3 // each)}


def test_pe_must_divide():
    with pytest.raises(ValueError, match="PE must divide the 4 outputs, and 3 does not"):
        CombineUnit(FACTORS, START, x=Int(0, 1), y=Int(0, 1), pe=3)

"""The spatial engine by hand: a vector a cycle, registers between its adders. Its gates are in
hw/units/test_spatial, whole networks in whole/test_constant_weights."""

import numpy as np
import pytest

from qhw.engines import Matrix, SpatialEngine
from qhw.exact.num import Int
from qhw.graph import PeSimd, Spatial, Tensor
from qhw.schemes import parse

M = Matrix(parse("ternary"), np.array([[1] * 8]), np.array([0]))
"""The sum of eight inputs: a tree of three levels."""
X = Tensor((8,), Int(0, 3))


@pytest.mark.parametrize(("levels", "stages"), [(1, 3), (2, 2), (3, 1), (9, 1)])
def test_registers_after_so_many_adders(levels, stages):
    """A beat is kept a cycle after it came, and passes ``stages`` registers."""
    engine = SpatialEngine(levels)
    assert engine.schedule(M, np.array([0, 1, 5]), X).tolist() == [
        n + 1 + stages for n in (0, 1, 5)]
    assert engine.latest(M, np.array([4, 5, 9]), X).tolist() == [n - 1 - stages for n in (4, 5, 9)]


def test_a_vector_a_cycle_and_nothing_in_memory():
    engine = SpatialEngine(2)
    assert engine.at(M) == PeSimd(1, 8) and engine.about(M) == "in logic"
    assert engine.interval(M, Tensor((5, 8), Int(0, 3))) == 5
    assert engine.stored_bits(M) == 0 and engine.regular


def test_the_family_and_the_levels_reach_the_unit():
    unit = SpatialEngine(3, "ice40").unit(M, X)
    assert (unit.levels, unit.family, unit.y) == (3, "ice40", Int(0, 24))


@pytest.mark.parametrize(("fold", "groups", "says"), [
    (Spatial(), 1, ""), (Spatial(1), 1, ""),
    (Spatial(0), 1, "levels must be 1 or more, and 0 is not"),
    (Spatial(), 2, "its 2 groups take turns, so their weights cannot be logic")])
def test_folds_that_fit(fold, groups, says):
    m = Matrix(M.scheme, np.ones((2, 8), int), np.zeros(2, int), groups=groups)
    assert SpatialEngine.wrong(fold, m) == says

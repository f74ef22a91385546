"""Groups in parallel by hand: which rows go where, cycles, and folds that do not fit. The gates are
in hw/units/test_grouped, the beats in schedule/test_units."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.engines import FoldedEngine, GroupedEngine, Matrix
from qhw.exact.num import Int
from qhw.graph import Groups, PeSimd, Tensor
from qhw.schemes import parse

CODES = np.array([[n % 2, n // 2 % 2, n // 4] for n in range(8)])
M = Matrix(parse("ternary"), CODES, np.arange(8), groups=4)
"""Four groups of two outputs; the row of an output is its number in binary, the start too."""
X = Tensor((5, 4, 3), Int(0, 3))


def test_a_unit_has_every_other_group():
    first, second = GroupedEngine(2).shares(M)
    assert first.starts.ravel().tolist() == [0, 1, 4, 5] and first.groups == 2
    assert second.starts.ravel().tolist() == [2, 3, 6, 7]
    for share in (first, second):
        assert share.codes.tolist() == CODES[share.starts.ravel()].tolist()


@pytest.mark.parametrize(("groups", "cycles"), [(1, 20), (2, 10), (4, 5)])
def test_cycles(groups, cycles):
    engine = GroupedEngine(groups)
    assert engine.interval(M, X) == cycles
    assert engine.at(M) == PeSimd(2 * groups, 3 * groups)
    assert engine.about(M) == f"{groups} of 4 groups in parallel"
    assert engine.stored_bits(M) == FoldedEngine().stored_bits(M) == 8 * 3 * 2
    assert engine.kind(M, X.wire).endswith(".constant") == (groups == 4)


def test_a_beat_leaves_three_cycles_after_it_was_offered():
    """As a folded engine that has all inputs: buffer, tile, output."""
    engine = GroupedEngine(4)
    assert engine.schedule(M, np.array([0, 1, 5, 6, 7]), X).tolist() == [3, 4, 8, 9, 10]
    assert engine.latest(M, np.array([3, 4, 8, 9, 10]), X).tolist() == [0, 1, 5, 6, 7]


def test_stages_are_those_of_every_unit():
    engine = GroupedEngine.of(Groups(4, 2), FoldedEngine(), "")
    assert (engine.stages, engine.at(M).stages) == (2, 2) and engine.about(M).endswith("stages 2")
    assert engine.schedule(M, np.array([0, 1, 5, 6, 7]), X).tolist() == [5, 6, 10, 11, 12]
    assert "stages must be 0 to" in GroupedEngine.wrong(Groups(4, 99), M)


def test_the_memories_of_every_unit():
    engine = GroupedEngine.of(Groups(2, memory="luts"), FoldedEngine(), "")
    assert engine.about(M) == "2 of 4 groups in parallel, weights in luts"
    assert engine.fold() == Groups(2, memory="luts")
    assert [unit.form for unit in engine.unit(M, X).units] == ["luts", "luts"]
    assert "memory must be block or luts" in GroupedEngine.wrong(Groups(2, memory="x"), M)
    assert "in no memory" in GroupedEngine.wrong(Groups(4, memory="luts"), M)


@pytest.mark.parametrize(("groups", "says"), [
    (1, ""), (4, ""), (3, "groups must divide its 4 groups, and 3 does not"),
    (8, "groups must divide its 4 groups, and 8 does not"), (0, "groups must divide its 4 groups")])
def test_folds_that_fit(groups, says):
    found = GroupedEngine.wrong(Groups(groups), M)
    assert found.startswith(says) and bool(found) == bool(says)


def test_products_without_groups_have_none_in_parallel():
    says = "it has no groups that could be computed in parallel"
    assert GroupedEngine.wrong(Groups(1), replace(M, groups=1)) == says

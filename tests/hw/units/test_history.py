"""The ring of beats kept: inputs that come slowly, and resets."""

import numpy as np
import pytest

from qhw.estimator.chip import Chip
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.hw.units.history import HistoryUnit
from qhw.ops import History
from tests.estimator.mapping import ICE40
from tests.hw.units.resets import passed
from tests.ops.gates import drawn

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("alike", "blocks"), [(True, 2), (False, 4)])
def test_initial_beats_that_differ_are_in_a_memory_of_their_own(alike, blocks):
    """Of 312 words of 16 bits, which take two block RAMs of iCE40."""
    initial = np.full((288, 2), 5) if alike else RNG.integers(-8, 8, (288, 2))
    unit = HistoryUnit(initial, 24, x=Int(-128, 127), y=Int(-128, 127))
    assert unit.made_of(Chip(ICE40))["bram"] == blocks


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("kept", "new"), [(12, 3), (3, 7), (1, 6)])
def test_beats_that_come_slowly(kept, new, newest_first):
    """The kept ones leave long before, and free their places in the ring."""
    op = History(RNG.integers(-8, 8, (kept, 1)), newest_first=newest_first)
    values = drawn(Tensor((new, 1), Int(-8, 7)), 6)
    found = passed(op.unit(Tensor((new, 1), Int(-8, 7))), [
        (values.reshape(-1, 1).tolist(), op.evaluate(values).size)], every=2 * kept)
    assert found == [op.evaluate(values).ravel().tolist()]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("alike", [False, True])
def test_reset_restores_the_initial_rows(alike, newest_first):
    """Wherever the ring was, and also where beats wait in it."""
    x, initial = Tensor((2, 4), Int(-8, 7)), RNG.integers(-8, 8, (3, 4))
    op = History(np.full((3, 4), 5) if alike else initial, newest_first=newest_first)
    values = drawn(x, 5)
    beats, want = values.reshape(-1, 1).tolist(), op.evaluate(values).ravel().tolist()
    found = passed(op.unit(x), [(beats, n) for n in (len(want), 3, 47, len(want))])
    assert found == [want, want[:3], want[:47], want]

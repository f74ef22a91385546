"""The loop's start, and what reset does to both states."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.hw.units.lstm import StartUnit
from qhw.testing.stream import run
from tests.hw.units.resets import passed
from tests.ops.recurrent import inputs, lstm


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_a_start_comes_before_what_follows(count, stalls):
    found = run(StartUnit(count, -5, x=Int(-8, 7)), [[1], [2], [3]], outputs=3 + count,
                stalls=stalls)
    assert np.ravel(found).tolist() == [-5] * count + [1, 2, 3]


@pytest.mark.parametrize(("pe", "simd"), [(1, 1), (4, 3)])
def test_reset_restores_both_states(pe, simd):
    """Wherever the loop was."""
    op = lstm(3, pe, simd)
    x, values = inputs(op, 4, 3)
    beats, want = values.reshape(-1, 1).tolist(), op.evaluate(values).ravel().tolist()
    found = passed(op.unit(x), [(beats, n) for n in (len(want), 1, 17, len(want))])
    assert found == [want, want[:1], want[:17], want]

"""The table and its lines in gates, against the numbers of the kernels."""

import numpy as np
import pytest

from qhw.estimator.chip import Chip
from qhw.exact.num import Int
from qhw.exact.sigmoid import sigmoid, tanh
from qhw.hw.units.sigmoid import SigmoidUnit
from qhw.testing.stream import run
from tests.estimator.mapping import ICE40

WORD = Int(-32768, 32767)
WIDE = WORD + WORD


def some(codes, step):
    """Numbers all over an interval, of all remainders, and those near 0."""
    far = np.arange(codes.lo, codes.hi + 1, step)
    return np.concatenate([far, np.arange(-40, 40), [codes.lo, codes.hi]])


@pytest.mark.parametrize("function", [sigmoid, tanh])
def test_numbers_saturate_to_16_bits_first(function):
    x = some(WIDE, 53)
    unit = SigmoidUnit((function is tanh,), x=WIDE)
    found = np.ravel(run(unit, x.reshape(-1, 1).tolist()))
    assert np.array_equal(found, function(3 * np.clip(x, WORD.lo, WORD.hi)))


@pytest.mark.parametrize("shift", [-3, -1, 0, 1, 2, 6, 12])
def test_shifts_round_half_up(shift):
    x = some(WORD, 97)
    unit = SigmoidUnit((True,), x=WORD, shift=shift, lanes=2)
    found = np.array(run(unit, np.stack([x, x[::-1]], axis=1).tolist(), stalls=shift + 9))
    steps = 3 * x << shift if shift >= 0 else 3 * x + (1 << -shift - 1) >> -shift
    assert np.array_equal(found[:, 0], tanh(steps))
    assert np.array_equal(found[:, 1], x[::-1])


def test_functions_take_turns():
    x = some(WORD, 401)[:120]
    found = np.ravel(run(SigmoidUnit((False, False, True, False), x=WORD),
                         x.reshape(-1, 1).tolist(), stalls=2))
    assert np.array_equal(found, np.where(np.arange(len(x)) % 4 == 2, tanh(3 * x), sigmoid(3 * x)))


def test_the_table_is_in_block_ram():
    """256 words of 25 bits, of which a block of iCE40 has 16."""
    parts = SigmoidUnit((True,), x=WORD).made_of(Chip(ICE40))
    assert parts["bram"] == 2

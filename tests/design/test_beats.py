import numpy as np
import pytest

from qhw.design.beats import from_bytes, to_bytes, words_to_codes
from qhw.exact.num import Int


def test_by_hand():
    """Three 5-bit numbers: 1 + 2 << 5 + 16 << 10 = 0x4041, the lowest byte first."""
    beats = to_bytes(np.array([[1, 2, 16]]), Int(0, 16), 3)
    assert beats.tolist() == [[0x41, 0x40]]


@pytest.mark.parametrize("interval", [Int(0, 1), Int(0, 16), Int(-1, 0), Int(-300, 5), Int(-8, 7)],
                         ids=str)
@pytest.mark.parametrize("lanes", [1, 2, 3, 6])
def test_there_and_back(interval, lanes):
    codes = np.random.default_rng(0).integers(interval.lo, interval.hi + 1, (5, 6))
    beats = to_bytes(codes, interval, lanes)
    assert np.array_equal(from_bytes(beats, interval, lanes, (6,)), codes)
    words = [int.from_bytes(beat.tobytes(), "little") for beat in beats]
    assert np.array_equal(words_to_codes(words, interval, lanes, (6,)), codes)

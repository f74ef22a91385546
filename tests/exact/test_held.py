"""Types of floats at the ends of what they hold."""

import numpy as np
import pytest

from qhw.exact.held import HOLDS, holding, largest, whole


@pytest.mark.parametrize(("most", "kind"), [
    (0, np.float32), (1 << 24, np.float32), ((1 << 24) + 1, np.float64), (1 << 53, np.float64),
    ((1 << 53) + 1, np.int64), ((1 << 63) - 1, np.int64)])
def test_the_fastest_type_that_holds_all(most, kind):
    assert holding(most) is kind


def test_more_than_64_bits_are_refused():
    with pytest.raises(OverflowError, match="9223372036854775808 do not fit"):
        holding(1 << 63)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_ends_are_the_last(kind):
    """A type holds its end and all before it; the integer behind it becomes another."""
    end = HOLDS[kind]
    near = np.arange(end - 1000, end + 1)
    for integers in (near, -near):
        assert np.array_equal(whole(integers.astype(kind)), integers)
    assert int(kind(end + 1)) != end + 1


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.float32])
def test_the_largest_magnitude(kind):
    assert largest(np.array([[3, -128], [127, 0]], kind)) == 128
    assert largest(np.array([], kind)) == 0

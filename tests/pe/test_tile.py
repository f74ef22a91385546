"""Processing elements side by side: an answer a cycle, one cycle later."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Bins, Dot, Multiply, Tables, Tile
from qhw.testing.schemes import item
from qhw.testing.stream import run

OP, X = Multiply(np.array([0, 1, -2, 5])), Int(-8, 7)


@pytest.mark.parametrize("stalls", [None, 2])
def test_each_output_has_its_row(stalls):
    rng = np.random.default_rng(0)
    codes, xs = rng.integers(0, 4, (20, 3, 4)), rng.integers(-8, 8, (20, 4))
    got, (i_times, o_times) = run(
        Tile(OP, X, 4, 3), [item(OP, v, w) for v, w in zip(xs, codes, strict=True)],
        stalls=stalls, times=True)
    assert np.array_equal(got, np.einsum("noi,ni->no", OP.values[codes], xs))
    if stalls is None:
        assert o_times == [t + 1 for t in i_times] == list(range(o_times[0], o_times[0] + 20))


@pytest.mark.parametrize(("element", "lanes", "outputs", "says"), [
    (OP, 0, 1, "a lane and an output, not 0 by 1"), (OP, 1, 0, "not 1 by 0"),
    (Tables(np.ones((1, 2, 3), int)), 4, 1, "SIMD must be a multiple of the 3 inputs")])
def test_what_is_no_tile(element, lanes, outputs, says):
    with pytest.raises(ValueError, match=says):
        Tile(element, X, lanes, outputs)


@pytest.mark.parametrize(("element", "parts"), [(OP, 1), (Bins(2, (1, 2, 3)), 3)])
def test_one_output_for_each_part(element, parts):
    assert len(Dot(element, Int(0, 3), 4).sums) == parts

"""Elements in another order, against numpy and by hand; the gates are in hw/streams/test_reorder.
"""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Reorder
from qhw.ops.reorder import depth_to_space, enlarge, space_to_depth, tiled, transpose

X = np.arange(2 * 4 * 8).reshape(1, 2, 4, 8)
SHAPE = X.shape[1:]


def test_each_pixel_several_times():
    want = X.repeat(2, axis=1).repeat(3, axis=2)
    assert np.array_equal(enlarge(SHAPE, 2, 3).evaluate(X), want)


@pytest.mark.parametrize("columns_first", [False, True])
def test_channels_become_pixels(columns_first):
    """ONNX's own reshapes and transposes of (N, C, H, W)."""
    parts = X.transpose(0, 3, 1, 2).reshape(1, 2, 2, 2, 2, 4)
    order = (0, 1, 4, 2, 5, 3) if columns_first else (0, 3, 4, 1, 5, 2)
    want = parts.transpose(order).reshape(1, 2, 4, 8).transpose(0, 2, 3, 1)
    found = depth_to_space(SHAPE, 2, columns_first=columns_first)
    assert np.array_equal(found.evaluate(X), want)


def test_pixels_become_channels_and_pixels_again():
    forth = space_to_depth(SHAPE, 2)
    there = forth.evaluate(X)
    back = depth_to_space(there.shape[1:], 2, columns_first=False)
    assert there.shape == (1, 1, 2, 32) and np.array_equal(back.evaluate(there), X)


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_transposed(axes):
    want = X.transpose(0, *(a + 1 for a in axes))
    assert np.array_equal(transpose(SHAPE, axes).evaluate(X), want)


def test_a_whole_block_then_what_becomes_of_it():
    """Two beats of a pixel each, which come out twice: a cycle to write, and one to read."""
    op, x = enlarge((1, 2, 1), 2, 1), Tensor((1, 2, 1), Int(0, 1))
    assert op.schedule(np.array([0, 4]), x).tolist() == [6, 7, 8, 9]
    assert op.interval(x) == 4


def test_other_blocks_are_refused():
    with pytest.raises(ModelError, match=r"blocks of 3 in \(4,\) do not become \(3,\)"):
        Reorder(3, ((3, 1),), (3,)).infer(Tensor((4,), Int(0, 1)))


def test_channels_become_blocks_of_pixels():
    """Two channels of one pixel to two rows, and to two columns."""
    x = np.array([[[[1, 2], [3, 4]]]])
    assert tiled((1, 2, 2), 2, 1).evaluate(x).tolist() == [[[[1], [3]], [[2], [4]]]]
    assert tiled((1, 2, 2), 1, 2).evaluate(x).tolist() == [[[[1], [2], [3], [4]]]]

"""Weighted sums of groups of channels by hand; layers are compared with ONNX's."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.layers.sums import connected, convolved, grouped


def test_groups_see_their_channels_alone():
    """One tap of four channels, in two groups of two outputs."""
    patches = np.array([[[[1., 2, 3, 4]]]])
    assert grouped(patches, np.array([[1, 10], [1, 1], [1, 10], [1, 1]]), 2).tolist() == [
        [21, 3, 43, 7]]
    assert grouped(patches, np.array([[1, 10, 100, 1000]]), 1).tolist() == [[4321]]


def test_shapes():
    assert connected(Tensor((5, 3)), (2, 3)) == Tensor((5, 2))
    window = Window((1, 2), stride=(2, 1))
    assert convolved(Tensor((5, 4, 6)), (4, 6), window, 2) == Tensor((3, 3, 4))
    for weights, groups in (((4, 6), 1), ((4, 4), 2), ((3, 6), 2)):
        with pytest.raises(ModelError, match="do not fit"):
            convolved(Tensor((5, 4, 6)), weights, window, groups)

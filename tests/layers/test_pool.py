"""Pooling by hand, at the image's edges."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.layers.pool import AveragePool, MaxPool
from tests.layers.stored import made

IMAGE = np.array([[[[-1., 10], [-2, 20], [-3, 30]], [[-4, 40], [-5, 50], [-6, 60]]]])
PADDED = Window((2, 2), stride=(1, 2), pads=(0, 1, 0, 0))


def test_by_hand():
    """Two rows of three pixels, channels apart."""
    window = Window((2, 2))
    assert MaxPool(window).evaluate(IMAGE).tolist() == [[[[-1, 50], [-2, 60]]]]
    assert AveragePool(window).evaluate(IMAGE).tolist() == [[[[-3, 30], [-4, 40]]]]


def test_pads_are_no_maximum_but_zeros_of_a_mean():
    assert MaxPool(PADDED).evaluate(IMAGE).tolist() == [[[[-1, 40], [-2, 60]]]]
    assert AveragePool(PADDED).evaluate(IMAGE).tolist() == [[[[-1.25, 12.5], [-4, 40]]]]


@pytest.mark.parametrize("pool", [MaxPool, AveragePool])
def test_shapes(pool):
    assert pool(PADDED).infer(Tensor((2, 3, 5))) == Tensor((1, 2, 5))
    with pytest.raises(ModelError, match=r"needs rows, columns and channels, and its input is "
                                         r"\(6,\)"):
        pool(PADDED).infer(Tensor((6,)))


def test_a_window_in_the_pads_alone_has_a_mean_and_no_maximum():
    window = Window((1, 1), pads=(0, 0, 0, 1))
    assert AveragePool(window).infer(Tensor((1, 1, 1))).shape == (1, 2, 1)
    with pytest.raises(ModelError, match=r"cover only the pads \(0, 0, 0, 1\)"):
        MaxPool(window).infer(Tensor((1, 1, 1)))


@pytest.mark.parametrize(("kind", "pool"), [("max_pool", MaxPool), ("average_pool", AveragePool)])
def test_tables(kind, pool):
    assert made(kind, kernel=[2, 2], stride=[1, 2], pads=[0, 1, 0, 0]) == pool(PADDED)
    assert made(kind, kernel=[3, 1]) == pool(Window((3, 1)))

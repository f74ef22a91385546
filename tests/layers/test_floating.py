"""What all layers with float weights have."""

import numpy as np
import pytest

from qhw.exact.window import Window
from qhw.layers import FloatConv, Linear

WEIGHT = np.array([[1.5, -2], [0, 3]])


@pytest.mark.parametrize("bias", [None, np.array([4., 5])])
def test_weights_and_bias(bias):
    for op in (Linear(WEIGHT, bias), FloatConv(WEIGHT, Window((1, 2)), bias=bias)):
        assert op.real is WEIGHT and op.added.tolist() == ([0, 0] if bias is None else [4, 5])
        assert not op.integer and op.kind.startswith("float ")

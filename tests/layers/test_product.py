"""The product of two tensors, by hand."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.graph import Tensor
from qhw.layers.product import Product


def test_element_by_element():
    assert Product().evaluate(np.array([[2., -3]]), np.array([[5., 4]])).tolist() == [[10, -12]]
    assert Product().infer(Tensor((2, 3)), Tensor((2, 3))) == Tensor((2, 3))
    with pytest.raises(ModelError, match=r"it multiplies \(2,\) and \(3,\)"):
        Product().infer(Tensor((2,)), Tensor((3,)))

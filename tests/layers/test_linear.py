"""Float weights."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.graph import Tensor
from qhw.layers import Linear

WEIGHT = np.array([[1, -0.5, 3], [0, 2, 0.25]])


@pytest.mark.parametrize(("bias", "want"), [(None, [-2.5, 5.75]), ([0.5, -1], [-2, 4.75])])
def test_by_hand(bias, want):
    op = Linear(WEIGHT, None if bias is None else np.array(bias))
    assert op.evaluate(np.array([[2., 3, -1]])).tolist() == [want]


def test_vectors_of_each_pixel_are_multiplied():
    op = Linear(WEIGHT)
    assert op.infer(Tensor((3,))) == Tensor((2,)) and op.infer(Tensor((5, 3))) == Tensor((5, 2))
    assert op.evaluate(np.array([[[2., 3, -1], [0, 0, 0]]])).tolist() == [[[-2.5, 5.75], [0, 0]]]
    with pytest.raises(ModelError, match=r"its weights are 2 x 3, .* not \(3,\)"):
        op.infer(Tensor((2,)))

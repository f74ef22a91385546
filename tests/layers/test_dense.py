"""Fully connected layers: a row of weights for each output."""

import numpy as np
import pytest
from pydantic import ValidationError

from qhw.errors import ModelError
from qhw.graph import PeSimd, Tensor
from qhw.layers import Dense, Linear
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from tests.layers.stored import made

LAYER = Dense(Fixed(4), Codes(np.array([[1, 15, 3], [8, 0, 7]]), np.array([0.5, 2])),
              np.array([0.25, -1]))


def test_by_hand():
    """Codes 1, -1, 3 and -8, 0, 7 times (2, 3, -1): -4 / 2 + 1 / 4 and -23 * 2 - 1."""
    assert LAYER.evaluate(np.array([[2., 3, -1]])).tolist() == [[-1.75, -47]]


def test_vectors_of_each_pixel_are_multiplied():
    assert LAYER.infer(Tensor((5, 3))) == Tensor((5, 2))
    assert LAYER.evaluate(np.array([[[2., 3, -1], [0, 0, 0]]])).tolist() == [
        [[-1.75, -47], [0.25, -1]]]


@pytest.mark.parametrize("shape", [(2,), (3, 2)])
def test_other_inputs_are_refused(shape):
    with pytest.raises(ModelError, match=rf"weights are 2 x 3, and its input has shape "
                                         rf"\({', '.join(map(str, shape))},?\), not \(3,\)"):
        LAYER.infer(Tensor(shape))


def test_a_table():
    op = made("dense", {"codes": [[1, 2]], "scale": 0.5, "bias": [3]}, units=1, scheme="fixed",
              storage="huffman", fold={"pe": 1, "simd": 2})
    assert (op.storage, op.fold, op.bias.tolist()) == ("huffman", PeSimd(1, 2), [3])
    assert op.weights.codes.tolist() == [[1, 2]] and op.weights.scale == 0.5
    assert made("dense", {"weight": [[1, 2]]}, units=1, scheme="fixed").storage == "packed"
    with pytest.raises(ValidationError, match="storage"):
        made("dense", {"weight": [[1, 2]]}, units=1, scheme="fixed", storage="zip")


def test_float_weights_are_another_layer():
    op = made("dense", {"weight": [[1.5, 2]], "bias": [3]}, units=1, scheme="float")
    assert isinstance(op, Linear)
    assert (op.weight.tolist(), op.bias.tolist()) == ([[1.5, 2]], [3])

"""Values while a file is read: shapes without the batch, and how far codes are from their zero."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.loaders.tflite.values import Coding, Flow, TFLiteNode, Unsupported

BYTES = Int(-128, 127)


@pytest.mark.parametrize(("zero", "most"), [(-128, 255), (127, 255), (0, 128), (-1, 128), (1, 129)])
def test_the_largest_magnitude_of_a_code(zero, most):
    assert Coding(np.float32(0.1), zero, BYTES).most == most


@pytest.mark.parametrize(("shape", "own"), [
    ((1, 4, 5), (4, 5)), ((1, 1), (1,)), ((1,), (1,)), ((), (1,)), ((3, 4), (3, 4)), ((7,), (7,))])
def test_only_a_batch_of_1_is_left_out(shape, own):
    assert Flow("fc1", shape).own == own


def test_the_same_elements_of_another_layer():
    flow = Flow("fc1", (1, 3, 3, 2), (1, 0, 1, 0), real=True)
    assert flow.at("fc2") == Flow("fc2", (1, 3, 3, 2), (1, 0, 1, 0), real=True)


def test_options_are_asked_for_by_name():
    node = TFLiteNode("fc1", "SOFTMAX", "", (0,), (1,), {"beta": 0.5})
    assert node("beta") == 0.5
    with pytest.raises(KeyError):
        node("alpha")


def test_a_reason_and_its_remedy():
    assert (str(Unsupported("it is", "do")), Unsupported("it is", "do").help) == ("it is", "do")
    assert Unsupported("it is").help == ""

"""Branches side by side."""

import numpy as np
import pytest
from pydantic import ValidationError

from qhw.errors import ModelError
from qhw.graph import Tensor
from qhw.layers import Join
from tests.layers.stored import made


def test_channels_follow_each_other_in_order():
    a = np.array([[[[1., 2]], [[3, 4]]]])         # two rows of one pixel of two channels
    b = np.array([[[[5.]], [[6]]]])
    assert Join().evaluate(a, b).tolist() == [[[[1, 2, 5]], [[3, 4, 6]]]]
    assert Join().evaluate(b, a).tolist() == [[[[5, 1, 2]], [[6, 3, 4]]]]
    assert Join().infer(Tensor((2, 1, 2)), Tensor((2, 1, 1)), Tensor((2, 1, 4))).shape == (2, 1, 7)


def test_vectors_are_joined():
    assert Join().infer(Tensor((2,)), Tensor((3,))) == Tensor((5,))


@pytest.mark.parametrize("other", [(1, 2, 2), (2, 2), (2, 2, 2)])
def test_other_images_are_refused(other):
    with pytest.raises(ModelError, match=r"it joins the channels of \(2, 1, 2\) and \("):
        Join().infer(Tensor((2, 1, 2)), Tensor(other))


def test_a_table_names_two_to_eight_inputs():
    assert made("concat", inputs=list("abcdefgh")) == Join() == made("concat", inputs=["a", "b"])
    for inputs in (["a"], list("abcdefghi")):
        with pytest.raises(ValidationError, match="inputs"):
            made("concat", inputs=inputs)

"""Sums of two branches."""

import numpy as np
import pytest
from pydantic import ValidationError

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Add
from tests.layers.stored import made


def test_by_hand():
    a, b = np.array([[1.5, -2]]), np.array([[0.25, 7]])
    assert Add().evaluate(a, b).tolist() == [[1.75, 5]]


def test_the_sum_is_real():
    assert Add().infer(Tensor((2, 3), Int(0, 1)), Tensor((2, 3))) == Tensor((2, 3))


@pytest.mark.parametrize("other", [(3, 2), (2, 1), (6,)])
def test_other_shapes_are_refused(other):
    with pytest.raises(ModelError, match=r"it adds \(2, 3\) and "):
        Add().infer(Tensor((2, 3)), Tensor(other))


def test_a_table_names_two_inputs():
    assert made("add", inputs=["a", "b"]) == Add()
    for inputs in (["a"], ["a", "b", "c"]):
        with pytest.raises(ValidationError, match="inputs"):
            made("add", inputs=inputs)

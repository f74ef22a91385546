"""Layers that move elements, or say what codes stand for."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Arrange, Recode, Reshape

IMAGE = Tensor((2, 3), Int(-3, 4), Fraction(1, 3), Fraction(2))


def test_reshape_keeps_order_and_format():
    op = Reshape((3, 1, 2))
    assert op.evaluate(np.arange(12).reshape(2, 2, 3)).tolist() == [
        [[[0, 1]], [[2, 3]], [[4, 5]]], [[[6, 7]], [[8, 9]], [[10, 11]]]]
    assert op.infer(IMAGE) == Tensor((3, 1, 2), Int(-3, 4), Fraction(1, 3), Fraction(2))
    with pytest.raises(ModelError, match=r"6 elements do not have the shape \(4, 2\)"):
        Reshape((4, 2)).infer(IMAGE)


def test_arrange_takes_elements_by_place():
    op = Arrange(np.array([[5, 0], [2, 2]]))
    assert op.evaluate(np.arange(12.).reshape(2, 2, 3)).tolist() == [
        [[5, 0], [2, 2]], [[11, 6], [8, 8]]]
    assert op.infer(IMAGE) == Tensor((2, 2))
    with pytest.raises(ModelError, match="there is no element 5 of 5"):
        op.infer(Tensor((5,)))


def test_recode_says_what_codes_stand_for():
    op = Recode(Fraction(1, 4), Fraction(-1))
    assert op.infer(IMAGE) == Tensor((2, 3), Int(-3, 4), Fraction(1, 4), Fraction(-1))
    x = np.array([[1, 2]])
    assert op.evaluate(x) is x


def test_which_hardware_has():
    assert all((op.integer, op.raw) == (True, True) for op in (Reshape, Recode))
    assert not Arrange.integer

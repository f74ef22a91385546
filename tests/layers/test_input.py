"""Samples, and what is none."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from pydantic import ValidationError

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int, Rounding
from qhw.graph import Tensor
from qhw.layers import Affine, Input, Quantize
from qhw.layers.input import InputSpec
from tests.layers.stored import Stored

CODES = Input((4,), Int(0, 15))


@pytest.mark.parametrize("op", [
    CODES, Input((4,), None), replace(CODES, scale=Fraction(1, 3)),
    replace(CODES, order=np.arange(4), given=(2, 2))], ids=["codes", "real", "scale", "order"])
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_no_samples_are_refused(op, dtype):
    with pytest.raises(ModelError, match="Input must have at least one sample"):
        op.evaluate(np.zeros((0, *(op.given or op.shape)), dtype))


@pytest.mark.parametrize("engine", ["golden", "verilator", "amaranth"])
def test_no_samples_are_refused_by_every_engine(engine):
    with pytest.raises(ModelError, match="at least one sample"):
        qhw.simulate("digits-binary", np.zeros((0, 64), np.int64), engine=engine)


def test_integers_are_codes_and_reals_are_quantized():
    """Steps of 1/2 around the code 3, clipped to 0..15; ties to even."""
    op = replace(CODES, scale=Fraction(1, 2), zero=Fraction(3))
    assert op.evaluate(np.array([[0, 1, 2, 15]])).tolist() == [[0, 1, 2, 15]]
    assert op.evaluate(np.array([[0, .5, .75, -9.]])).tolist() == [[3, 4, 4, 0]]
    assert op.infer() == Tensor((4,), Int(0, 15), Fraction(1, 2), Fraction(3))
    half = replace(op, zero=Fraction(1, 2))
    assert half.evaluate(np.array([[0, .5, 1, 9.]])).tolist() == [[0, 2, 2, 15]]
    assert replace(half, rounding=Rounding.HALF_UP).evaluate(
        np.array([[0, .5, 1, 9.]])).tolist() == [[1, 2, 3, 15]]


def test_the_hosts_layers_come_before_the_codes():
    steps = (Affine((Fraction(2),) * 4, (Fraction(1),) * 4), Quantize(Int(0, 15), Fraction(1)))
    op = replace(CODES, steps=steps)
    assert op.evaluate(np.array([[0, 1, 2, 3]])).tolist() == [[1, 3, 5, 7]]


def test_elements_are_put_in_order():
    op = replace(CODES, order=np.array([3, 0, 2, 1]), given=(2, 2))
    assert op.evaluate(np.array([[[5, 6], [7, 8]]])).tolist() == [[8, 5, 7, 6]]


@pytest.mark.parametrize(("op", "x", "message"), [
    (CODES, np.zeros((1, 3)), r"Input must be \(samples, 4\), not \(1, 3\)"),
    (CODES, np.zeros((1, 4), complex), "integer or floating point, not complex128"),
    (CODES, np.array([["a"] * 4]), "integer or floating point, not <U1"),
    (CODES, np.array([[0, 1, np.nan, 2]]), "must be finite"),
    (Input((4,), None), np.array([[0, 1, np.inf, 2]]), "must be finite"),
    (CODES, np.array([[0, 1, 16, 2]]), r"Input codes must be in 0\.\.15, not 0\.\.16"),
    (CODES, np.array([[0, -1, 1, 2]]), r"Input codes must be in 0\.\.15, not -1\.\.2")])
def test_samples_that_are_none(op, x, message):
    with pytest.raises(ModelError, match=message):
        op.evaluate(x)


def test_real_inputs_stay():
    assert Input((2,), None).evaluate(np.array([[1, 2]])).dtype == np.float64
    assert Input((2,), None).infer() == Tensor((2,))


def test_a_table():
    op = InputSpec(shape=[2, 3], bits=4, signed=True, scale="1/3", zero_point=1,
                   rounding="floor").op(Stored())
    assert (op.shape, op.codes, op.scale, op.zero, op.rounding) == (
        (2, 3), Int(-8, 7), Fraction(1, 3), 1, Rounding.FLOOR)


def test_real_inputs_have_no_format():
    assert InputSpec(shape=[2], real=True).op(Stored()).codes is None
    with pytest.raises(ValidationError, match="neither bits nor range"):
        InputSpec(shape=[2], real=True, bits=4)


@pytest.mark.parametrize("order", [[0, 1, 2, 2], [0, 1, 2, 4], [-1, 0, 1, 2]])
def test_an_order_has_each_element_once(order):
    table = InputSpec(shape=[2, 2], real=True, given=[4])
    with pytest.raises(ModelError, match=r"input\.order must be an order of the 4 elements"):
        table.op(Stored({"input.order": np.array(order)}))

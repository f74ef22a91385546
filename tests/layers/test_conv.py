"""Convolutions against their definition, a sum for each output."""

import numpy as np
import pytest
from pydantic import ValidationError

from qhw.errors import ModelError
from qhw.exact.window import Window
from qhw.graph import PeSimd, Tensor
from qhw.layers import Conv, FloatConv
from qhw.layers.conv import phases
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from tests.layers.stored import made


def conv(weights, window, groups=1, scale=1.0, bias=None):
    """Fixed point weights are their own codes, modulo 16."""
    codes = Codes(np.array(weights) % 16, np.array(scale))
    return Conv(Fixed(4), codes, window, groups, None, bias)


def test_by_hand():
    """A row of three pixels under taps 2 and -1, half a unit each, and 1/4."""
    op = conv([[2, -1]], Window((1, 2)), scale=0.5, bias=np.array([0.25]))
    assert op.evaluate(np.array([[[[3.], [1], [-4]]]])).tolist() == [[[[2.75], [3.25]]]]


def test_each_output_has_its_scale_and_bias():
    op = conv([[1], [1]], Window((1, 1)), scale=[0.5, 2], bias=np.array([0., -1]))
    assert op.evaluate(np.array([[[[3.]]]])).tolist() == [[[[1.5, 5]]]]


WINDOWS = {
    "plain": Window((2, 3)), "strides": Window((2, 2), stride=(2, 1)),
    "gaps": Window((2, 2), dilation=(1, 2)), "pads": Window((2, 2), pads=(1, 0, 0, 2))}


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_the_definition(window, groups):
    """Taps row by row, channels last, zeros around the image; a group sees its channels alone."""
    rng = np.random.default_rng(0)
    w = rng.integers(-7, 8, (4, window.taps * 4 // groups))
    x = rng.integers(-9, 10, (2, 4, 5, 4)).astype(float)
    op = conv(w, window, groups)
    rows, columns, outputs = op.infer(Tensor((4, 5, 4))).shape
    want = np.zeros((2, rows, columns, outputs))
    for (n, r, c, o), _ in np.ndenumerate(want):
        group, each = o // (4 // groups), 4 // groups
        for (i, j), _ in np.ndenumerate(np.empty(window.kernel)):
            y = r * window.stride[0] + i * window.dilation[0] - window.pads[0]
            z = c * window.stride[1] + j * window.dilation[1] - window.pads[1]
            if 0 <= y < 4 and 0 <= z < 5:
                tap = w[o, (i * window.kernel[1] + j) * each:][:each]
                want[n, r, c, o] += tap @ x[n, y, z, group * each:][:each]
    assert op.evaluate(x).tolist() == want.tolist()


@pytest.mark.parametrize(("shape", "groups", "message"), [
    ((4,), 1, r"needs rows, columns and channels, and its input has shape \(4,\)"),
    ((1, 2, 3), 1, "its weights are 2 x 4, and 1 groups of 3 channels in 2 positions do not fit"),
    ((1, 2, 2), 2, "2 groups of 2 channels"), ((1, 2, 6), 3, "3 groups of 6 channels")])
def test_other_channels_are_refused(shape, groups, message):
    op = conv([[1, 1, 1, 1]] * 2, Window((1, 2)), groups)
    with pytest.raises(ModelError, match=message):
        op.infer(Tensor(shape))


def test_a_table():
    op = made("conv", {"weight": np.ones((2, 8))}, units=2, scheme={"name": "fixed", "bits": 5},
              kernel=[2, 1], stride=[3, 4], dilation=[5, 6], pads=[7, 8, 9, 10], groups=2,
              fold={"pe": 2, "simd": 4})
    assert op.window == Window((2, 1), (3, 4), (5, 6), (7, 8, 9, 10))
    assert (op.groups, op.fold, op.scheme, op.bias) == (2, PeSimd(2, 4), Fixed(5), None)
    plain = made("conv", {"weight": np.ones((2, 8)), "bias": [1, 2]}, units=2, scheme="fixed",
                 kernel=[2, 2])
    assert (plain.window, plain.groups, plain.fold) == (Window((2, 2)), 1, None)
    assert plain.bias.tolist() == [1, 2]


def test_float_weights_are_another_layer():
    op = made("conv", {"weight": np.ones((2, 8)), "bias": [1, 2]}, units=2, scheme="float",
              kernel=[2, 1], stride=[3, 4], dilation=[5, 6], pads=[7, 8, 9, 10], groups=2)
    assert isinstance(op, FloatConv)
    assert (op.window, op.groups) == (Window((2, 1), (3, 4), (5, 6), (7, 8, 9, 10)), 2)
    assert (op.weight.tolist(), op.bias.tolist()) == ([[1] * 8] * 2, [1, 2])


def test_what_a_table_must_not_hold():
    with pytest.raises(ValidationError, match="groups"):
        made("conv", units=2, scheme="fixed", kernel=[1, 1], groups=0)


def test_phases_of_a_transposed_convolution():
    """Weights 1 10 100 with two pixels between: even ones see 100 of the one before and 1, odd ones
    10."""
    parts, window = phases(np.array([[[[1], [10], [100]]]]), (1, 2), (0, 0), (1, 2), (1, 5))
    assert parts.reshape(2, 2).tolist() == [[100, 1], [0, 10]]
    assert window == Window((1, 2), pads=(0, 1, 0, 1))
    with pytest.raises(ValueError, match="too large"):
        phases(np.zeros((1, 1, 1, 1), int), (1 << 15, 1 << 15), (0, 0), (1, 1), (1, 1))

"""Convolutions with float weights against ONNX's, whose channels come first."""

import numpy as np
import pytest
from onnx import helper
from onnx.reference import ReferenceEvaluator

from qhw.errors import ModelError
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.layers import FloatConv

WINDOWS = {
    "plain": Window((2, 3)), "strides": Window((2, 2), stride=(2, 1)),
    "gaps": Window((2, 2), dilation=(1, 2)), "pads": Window((2, 2), pads=(1, 0, 0, 2))}


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_onnx(window, groups, biased):
    rng = np.random.default_rng(groups)
    x, bias = rng.normal(size=(2, 5, 6, 4)), rng.normal(size=8)
    w = rng.normal(size=(8, *window.kernel, 4 // groups))
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], strides=window.stride, group=groups,
                            dilations=window.dilation, pads=window.pads)
    want, = ReferenceEvaluator(node).run(None, {
        "x": x.transpose(0, 3, 1, 2), "w": w.transpose(0, 3, 1, 2), "b": bias * biased})
    op = FloatConv(w.reshape(8, -1), window, groups, bias if biased else None)
    assert op.infer(Tensor((5, 6, 4))) == Tensor(want.transpose(0, 2, 3, 1).shape[1:])
    np.testing.assert_allclose(op.evaluate(x), want.transpose(0, 2, 3, 1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("shape", "message"), [
    ((8,), r"needs rows, columns and channels, and its input has shape \(8,\)"),
    ((1, 2, 3), "its weights are 2 x 4, and 1 groups of 3 channels in 2 positions do not fit")])
def test_other_inputs_are_refused(shape, message):
    with pytest.raises(ModelError, match=message):
        FloatConv(np.ones((2, 4)), Window((1, 2))).infer(Tensor(shape))

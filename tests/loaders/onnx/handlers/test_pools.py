"""Pooling, against ONNX's definition."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled


@pytest.mark.parametrize(("case", "opset"), runs_of("pools"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


X = np.array([[[[3], [1], [8]], [[-4], [0], [5]]]])


@pytest.mark.parametrize(("op", "given", "want"), [
    ("MaxPool", {"kernel_shape": [2, 2]}, [[3, 8]]), ("GlobalMaxPool", {}, [[8]]),
    ("MaxPool", {"kernel_shape": [1, 2], "strides": [1, 2]}, [[3], [0]]),
    ("MaxPool", {"kernel_shape": [1, 2], "strides": [1, 2], "ceil_mode": 1}, [[3, 8], [0, 5]]),
    ("MaxPool", {"kernel_shape": [2, 1], "pads": [1, 0, 0, 0]}, [[3, 1, 8], [3, 1, 8]]),
    ("AveragePool", {"kernel_shape": [2, 2]}, [[0, 3.5]]),
    ("AveragePool", {"kernel_shape": [2, 1], "pads": [1, 0, 0, 0], "count_include_pad": 1},
     [[1.5, .5, 4], [-.5, .5, 6.5]]),
    ("AveragePool", {"kernel_shape": [2, 1], "pads": [1, 0, 0, 0]}, [[3, 1, 8], [-.5, .5, 6.5]]),
    ("AveragePool", {"kernel_shape": [1, 2], "strides": [1, 2], "ceil_mode": 1},
     [[2, 8], [-2, 5]]),
    ("AveragePool", {"kernel_shape": [1, 2], "strides": [1, 2], "ceil_mode": 1,
                     "count_include_pad": 1, "pads": [0, 1, 0, 0]}, [[1.5, 4.5], [-2, 2.5]]),
    ("GlobalAveragePool", {}, [[13 / 6]]), ("ReduceMean", {"axes": [2, 3]}, [[13 / 6]]),
    ("ReduceMean", {"axes": [-1, 2]}, [[13 / 6]]),
    ("ReduceMean", {"axes": [2]}, [[-.5, .5, 6.5]]),
    ("ReduceMean", {"axes": [3]}, [[4], [1 / 3]])])
def test_by_hand(op, given, want):
    """Two rows of three pixels: 3 1 8 / -4 0 5."""
    reader = begun((1, 2, 3))
    assert np.allclose(calculated(reader, handled(reader, op, **given), X), [[want]], rtol=1e-15)


def test_a_mean_may_drop_its_dimensions():
    reader = begun((1, 2, 3))
    flow = handled(reader, "ReduceMean", axes=[2, 3], keepdims=0)
    assert flow.shape == (1,) and np.allclose(calculated(reader, flow, X), [[13 / 6]])
    reader = begun((1, 2, 3), opset=18)
    assert handled(reader, "ReduceMean", noop_with_empty_axes=1) is reader.values["x"]


@pytest.mark.parametrize(("codes", "kind"), [(Int(0, 9), "pool"), (None, "max_pool")])
def test_a_maximum_of_codes_is_one_of_hardware(codes, kind):
    reader = begun((1, 2, 3), codes)
    reader.values["x"] = replace(reader.values["x"], whole=True)
    flow = handled(reader, "MaxPool", kernel_shape=[2, 2])
    assert reader.by_name[flow.node].op.kind == kind and flow.whole


@pytest.mark.parametrize(("op", "given", "says"), [
    ("AveragePool", {"kernel_shape": [1, 1], "pads": [0, 0, 0, 1]}, "nothing but pads"),
    ("ReduceMean", {}, "across samples"),
    ("MaxPool", {"kernel_shape": [1, 1], "pads": [0, 0, 0, 1]}, "only the pads")])
def test_what_is_refused(op, given, says):
    with pytest.raises(Unsupported, match=says):
        handled(begun((1, 2, 3), None), op, **given)


def test_partial_windows_that_are_none():
    reader = begun((1, 2, 3))
    flow = handled(reader, "AveragePool", kernel_shape=[2, 3], strides=[1, 2], ceil_mode=1)
    assert np.allclose(calculated(reader, flow, X), [[[[13 / 6]]]])

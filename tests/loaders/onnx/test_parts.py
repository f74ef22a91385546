"""Parts of tensors, from Split or Slice, in every layer that can read one."""

import numpy as np
import pytest
from onnx import helper

from tests.onnx_models import grid, made, ours, runtime, tensors

SHAPE = (6, 4, 4)
FIRST = [helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1]),
         helper.make_node("Split", ["m", "sizes"], ["p", "q", "r"], axis=1)]
WEIGHTS, CONSTANTS = tensors(w=(2, 3, 3, 3), v=(3, 2), w1=(2, 3, 1, 2), w6=(4, 3, 3, 3))
CONSTANTS |= {"from": np.array([1, 0]), "to": np.array([4, 3]), "axes": np.array([2, 3]),
              "from2": np.array([0, 1]), "to2": np.array([3, 4]), "steps": np.array([2, 2]),
              "pairs": np.array([1, 2, 3, 4, 4]), "again": np.array([1, 6, 4, 4]),
              "sizes": np.array([1, 3, 2]), "flat": np.array([1, 3, 16]), "six": np.float32(6),
              "each": np.float32([1, .5, 2]).reshape(1, 3, 1, 1), "half": np.float32(.5),
              "zero": np.int8(3)}
USES = {
    "convolution": [helper.make_node("Conv", ["q", "w"], ["y"])],
    "pool": [helper.make_node("MaxPool", ["q"], ["y"], kernel_shape=[2, 2])],
    "average": [helper.make_node("GlobalAveragePool", ["q"], ["y"])],
    "scale": [helper.make_node("Mul", ["q", "each"], ["y"])],
    "quantizer": [helper.make_node("QuantizeLinear", ["q", "half", "zero"], ["c"]),
                  helper.make_node("DequantizeLinear", ["c", "half", "zero"], ["y"])],
    "shuffle": [helper.make_node("Concat", ["r", "p", "q"], ["y"], axis=1)],
    "every second": [helper.make_node("Slice", ["q", "from", "to", "axes", "steps"], ["s"]),
                     helper.make_node("Conv", ["s", "w1"], ["y"])],
    "rows": [helper.make_node("Slice", ["q", "from", "to", "axes"], ["s"]),
             helper.make_node("GlobalMaxPool", ["s"], ["y"])],
    "channels mixed": [helper.make_node("Reshape", ["m", "pairs"], ["g"]),
                       helper.make_node("Transpose", ["g"], ["t"], perm=[0, 2, 1, 3, 4]),
                       helper.make_node("Reshape", ["t", "again"], ["s"]),
                       helper.make_node("Conv", ["s", "w6"], ["y"], group=2)],
    "sum of parts": [helper.make_node("Slice", ["q", "from", "to", "axes"], ["s"]),
                     helper.make_node("Slice", ["q", "from2", "to2", "axes"], ["u"]),
                     helper.make_node("Sub", ["s", "u"], ["y"])],
    "sum": [helper.make_node("Concat", ["p", "r"], ["s"], axis=1),
            helper.make_node("Add", ["q", "s"], ["y"])],
    "softmax": [helper.make_node("Softmax", ["q"], ["y"], axis=1)],
    "the end": [helper.make_node("Identity", ["r"], ["y"])],
}


@pytest.mark.parametrize("use", USES)
def test_some_channels_of_an_image(use, tmp_path):
    model, x = made([*WEIGHTS, *FIRST, *USES[use]], CONSTANTS, shape=(1, *SHAPE)), grid(SHAPE)
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("starts", "ends"), [(0, 3), (2, 5), (3, 6)])
@pytest.mark.parametrize("use", ["argmax", "product", "softmax", "sum"])
def test_some_elements_of_a_vector(starts, ends, use, tmp_path):
    """The first elements stand where those of a whole vector would."""
    weights, constants = tensors(u=(6, 6), v=(3, 2))
    last = {"argmax": [helper.make_node("ArgMax", ["s"], ["y"], axis=1)],
            "product": [helper.make_node("MatMul", ["s", "v"], ["y"])],
            "softmax": [helper.make_node("Softmax", ["s"], ["y"], axis=1)],
            "sum": [helper.make_node("Add", ["s", "t"], ["y"])]}[use]
    model = made([*weights, helper.make_node("MatMul", ["a", "u"], ["m"]),
                  helper.make_node("QuantizeLinear", ["m", "one", "none"], ["c"]),
                  helper.make_node("DequantizeLinear", ["c", "one", "none"], ["d"]),
                  helper.make_node("Slice", ["d", "from", "to", "axis"], ["s"]),
                  helper.make_node("Slice", ["d", "one_", "four", "axis"], ["t"]), *last],
                 constants | {"from": np.array([starts]), "to": np.array([ends]),
                              "axis": np.array([1]), "one_": np.array([1]),
                              "four": np.array([4]), "one": np.float32(1)}, shape=(1, 6))
    x = grid((6,), 20)
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-5, atol=1e-6)

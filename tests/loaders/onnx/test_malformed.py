"""Files that are wrong: one line that says what and where."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from qhw.errors import ModelError
from qhw.loaders import load
from qhw.lower import lower
from tests.loaders.onnx.small import conv, quant, saved, small


def cyclic():
    return small([helper.make_node("Relu", ["b"], ["y"], name="r1"),
                  helper.make_node("Relu", ["y"], ["b"], name="r2")])


def graph_with(**constants):
    return small(constants=constants)


def weight_tensor(change):
    model = small()
    change(next(t for t in model.graph.initializer if t.name == "w"))
    return model


def far_away():
    model = small()
    tensor = next(t for t in model.graph.initializer if t.name == "w")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.ClearField("raw_data")
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return model


def missing_data():
    model = far_away()
    next(t for t in model.graph.initializer if t.name == "w").external_data[0].value = "w.bin"
    return model


def huge(tensor):
    tensor.dims[:] = [1 << 30, 1 << 30]


def shortened(tensor):
    tensor.dims[:] = [400, 2]


def negative_dims(tensor):
    tensor.dims[:] = [-4, 2]


def odd_type(tensor):
    tensor.data_type = 99


MALFORMED = {
    "empty": (b"", "this is an empty file, and qhw reads"),
    "no nodes": (helper.make_model(helper.make_graph([], "none", [], [])),
                 "its graph has no nodes"),
    "noise": (bytes(range(256)) * 8, "it is no ONNX model"),
    "truncated": (small().SerializeToString()[:-60], "net.onnx: "),
    "text": (b"hello, this is not a model\n", "this is a text file, and qhw reads"),
    "cyclic": (cyclic(), "node 'r1': it depends on itself"),
    "missing initializer": (small([helper.make_node("MatMul", ["x", "nowhere"], ["y"], name="mm")]),
                            "node 'mm': no node makes its input 'nowhere'"),
    "made twice": (small([quant("q1", "x", "y"), quant("q2", "x", "y")]), "two nodes make 'y'"),
    "unknown operator": (small([helper.make_node("Wavelet", ["x"], ["y"], name="wave")]),
                         r"node 'wave' \(Wavelet\): operator Wavelet is not supported"),
    "unknown domain": (small([helper.make_node("Conf", ["x"], ["y"], name="c", domain="acme")]),
                       "operator Conf of domain acme is not supported"),
    "NaN scale": (graph_with(s=np.float32("nan")), r"node 'qx' \(Quant\): .*nan"),
    "infinite scale": (graph_with(s=np.float32("inf")), "has inf, which is not finite"),
    "negative scale": (graph_with(s=np.float32(-1)), "its scale -1.0 is not positive"),
    "zero scale": (graph_with(s=np.float32(0)), "its scale 0.0 is not positive"),
    "NaN weights": (graph_with(w=np.full((4, 2), np.nan, np.float32)),
                    "'w' has nan, which is not finite"),
    "fractional bits": (graph_with(b4=np.float32(2.5)), "a bit width of 2.5 is not supported"),
    "too many bits": (graph_with(b4=np.float32(64)), "a bit width of 64 is not supported"),
    "zero point": (graph_with(zero=np.float32(.25)), "zero point must be one whole number"),
    "wrong rank": (graph_with(w=np.ones((4, 2, 1), np.float32)), "have 3 dimensions, not 2"),
    "shapes that do not fit": (graph_with(w=np.ones((5, 2), np.float32)),
                               "its weights are for 5 inputs, and there are 4"),
    "scale that does not fit": (graph_with(s=np.ones(3, np.float32)), "not fit|do not fit"),
    "rounding mode": (small([quant("q", "x", "y", rounding_mode="SIDEWAYS")]),
                      "rounding_mode SIDEWAYS is not known"),
    "float weights": (small([quant("qx", "x", "a"),
                             helper.make_node("MatMul", ["a", "f"], ["y"], name="mm")],
                            constants={"f": np.full((4, 2), .3, np.float32)}),
                      "its weights are floats; choose a scheme with qhw quantize"),
    "no quantizer at the input": (small([quant("qw", "w", "wq"), helper.make_node(
        "MatMul", ["x", "wq"], ["y"], name="mm")]), "input is real-valued"),
    "dynamic shape": (small(shape=(1, "n")), "all but the batch must be fixed numbers"),
    "huge input": (small(shape=(1, 1 << 20, 1 << 20)), "which is too large"),
    "window too large": (conv(shape=(1, 1, 2, 2)), "does not fit an image of 2 x 2"),
    "groups": (conv(group=2), "do not fit"),
    "stride": (conv(strides=[0, 1]), "positive kernel, stride and dilation"),
    "strides of another rank": (conv(strides=[1, 1, 1]), r"strides \(1, 1, 1\) do not fit"),
    "negative pads": (conv(pads=[-1, 0, 0, 0]), "its pads .* do not fit"),
    "three dimensions": (conv(w=(2, 1, 3, 3, 3), shape=(1, 1, 5, 5, 5)), "not supported|image"),
    "data outside": (far_away(), "is outside the model's folder"),
    "data missing": (missing_data(), "its data file 'w.bin' is missing"),
    "huge tensor": (weight_tensor(huge), "tensor 'w': its shape .* is too large"),
    "short tensor": (weight_tensor(shortened), "tensor 'w': "),
    "negative shape": (weight_tensor(negative_dims), "tensor 'w': its shape .* is too large"),
    "unknown type": (weight_tensor(odd_type), "tensor 'w': "),
    "output of nothing": (small(outputs=("x2",)), "an output is not computed"),
    "no input": (small([helper.make_node("Relu", ["w"], ["y"])], inputs=()), "has no input"),
}


LOWERED = "float weights", "no quantizer at the input"
"""What a loaded network says, whose file its callers name."""


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files(tmp_path, name):
    model, message = MALFORMED[name]
    path = saved(tmp_path, model)
    with pytest.raises(ModelError, match=message) as caught:
        lower(load(path))
    assert str(path) in str(caught.value) or name in LOWERED
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600

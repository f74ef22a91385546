"""Joins and enlarging."""

import numpy as np
import pytest
from onnx import helper

from qhw.exact.window import Window
from qhw.loaders.onnx.file import OnnxNode
from qhw.loaders.onnx.handlers.layers import weighted, window_of
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.handlers.read import kinds
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled


@pytest.mark.parametrize(("second", "third", "kind"), [
    ((.5, 3), (.5, 3), "concat"), ((.5, 3), (.25, 3), "join"), ((.5, 3), (.5, 2), "join"),
    ((.5, 2), (.5, 3), "join"), ((.25, 3), (.5, 3), "join")])
def test_a_join_of_equal_formats_only_is_of_codes(second, third, kind, tmp_path):
    """Three tensors, the first with scale 1/2 and zero point 3."""
    nodes, known = [], {}
    for k, (scale, zero) in enumerate([(.5, 3), second, third]):
        known |= {f"s{k}": np.float32(scale), f"z{k}": np.int8(zero)}
        nodes += [helper.make_node("QuantizeLinear", ["a", f"s{k}", f"z{k}"], [f"q{k}"]),
                  helper.make_node("DequantizeLinear", [f"q{k}", f"s{k}", f"z{k}"], [f"d{k}"])]
    nodes.append(helper.make_node("Concat", ["d0", "d1", "d2"], ["y"], axis=1))
    assert kind in kinds(tmp_path, nodes, known)


@pytest.mark.parametrize(("case", "opset"), runs_of("layers"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


def attributes(**given):
    return OnnxNode("own", "Conv", "", (), (), given)


@pytest.mark.parametrize(("given", "kernel", "want"), [
    ({}, (2, 3), Window((2, 3))), ({}, (3,), Window((1, 3))),
    ({"strides": [2, 3], "dilations": [1, 2], "pads": [1, 2, 3, 4]}, (2, 2),
     Window((2, 2), (2, 3), (1, 2), (1, 2, 3, 4))),
    ({"strides": [2], "dilations": [3], "pads": [4, 5]}, (2,),
     Window((1, 2), (1, 2), (1, 3), (0, 4, 0, 5))),
    ({"auto_pad": "SAME_UPPER"}, (2, 3), Window((2, 3), pads=(0, 1, 1, 1))),
    ({"auto_pad": "SAME_LOWER"}, (2, 3), Window((2, 3), pads=(1, 1, 0, 1))),
    ({"auto_pad": "VALID", "pads": [0, 0, 0, 0]}, (2, 3), Window((2, 3))),
    ({"auto_pad": "NOTSET", "pads": [1, 0, 0, 0]}, (2, 3), Window((2, 3), pads=(1, 0, 0, 0))),
    ({"ceil_mode": 1, "strides": [2, 2]}, (2, 2), Window((2, 2), (2, 2), pads=(0, 0, 1, 0)))])
def test_windows_of_a_node(given, kernel, want):
    """On five rows and six columns; one-dimensional kernels have a row."""
    assert window_of(attributes(**given), kernel, (5, 6)) == want


@pytest.mark.parametrize(("given", "kernel", "says"), [
    ({}, (1, 1, 1), "a kernel of 3 dimensions"), ({}, (), "a kernel of 0 dimensions"),
    ({"strides": [1]}, (1, 1), r"its strides \(1,\) do not fit a kernel of \(1, 1\)"),
    ({"dilations": [1, 1]}, (1,), "its dilations .* do not fit"),
    ({"pads": [0, 0]}, (1, 1), r"its pads \(0, 0\) do not fit"),
    ({"pads": [0, -1]}, (1,), r"its pads \(0, -1\) do not fit"),
    ({"pads": [0, 1], "auto_pad": "VALID"}, (1,), r"it has pads \(0, 1\) and auto_pad VALID"),
    ({"strides": [0, 1]}, (1, 1), "positive kernel, stride and dilation")])
def test_windows_that_are_refused(given, kernel, says):
    with pytest.raises(Unsupported, match=says):
        window_of(attributes(**given), kernel, (5, 6))


def test_weights_have_one_scale_an_output():
    integers = np.array([[1, -2], [3, 4]])
    scheme, codes = weighted(integers, np.array([[.5, .5], [2, 2]]))
    assert scheme.decode(codes.codes, codes.table).tolist() == integers.tolist()
    assert codes.scale.tolist() == [.5, 2]
    for scale, says in ([[.5, .25], [2, 2]], "several scales in one output"), (
            [[0., 0], [2, 2]], r"the scale 0\.0, which is not positive"), (
            [[1, 1], [np.inf] * 2], "the scale inf, which is not positive"):
        with pytest.raises(Unsupported, match=says):
            weighted(integers, np.array(scale))


def test_a_convolution_by_hand():
    """Two channels in a row of three pixels: 2 a - b, of each and its right neighbour 1 and 3."""
    reader = begun((2, 1, 3), w=np.float32([[[[2, 6]], [[-1, -3]]]]), b=np.float32([10]))
    flow = handled(reader, "Conv", *"xwb")
    x = np.array([[[[1, 1], [0, 2], [5, 0]]]])      # 1, -2 and 10
    assert flow.shape == (1, 1, 2)
    assert calculated(reader, flow, x).tolist() == [[[[1 - 6 + 10, -2 + 30 + 10]]]]


@pytest.mark.parametrize(("given", "want"), [
    ({}, [27, 5]), ({"alpha": 2.}, [44, 15]), ({"beta": -1.}, [7, 15]), ({"beta": 0.}, [17, 10]),
    ({"transB": 1}, [22, 9])])
def test_a_product_by_hand(given, want):
    """(4, 5) times 3 0 / 1 2, or its columns 3 0 and 1 2: and 10, -5."""
    reader = begun((2,), w=np.float32([[3, 0], [1, 2]]), b=np.float32([10, -5]))
    flow = handled(reader, "Gemm", *"xwb", **given)
    assert calculated(reader, flow, np.array([[4, 5]])).tolist() == [want]


@pytest.mark.parametrize(("op", "order", "want"), [
    ("Add", "xc", [11, 22]), ("Add", "cx", [11, 22]), ("Sub", "xc", [-9, -18]),
    ("Sub", "cx", [9, 18]), ("Add", "xx", [2, 4]), ("Sub", "xx", [0, 0])])
def test_sums_and_differences(op, order, want):
    reader = begun((2,), c=np.float32([10, 20]))
    assert calculated(reader, handled(reader, op, *order), np.array([[1, 2]])).tolist() == [want]


def test_what_layers_refuse():
    reader = begun((2,), w=np.zeros((2, 1), np.float32), v=np.zeros((3, 1), np.float32))
    for op, inputs, says in (
            ("MatMul", "xv", "its weights are for 3 inputs, and there are 2"),
            ("Conv", "xw", None), ("Gemm", "xwx", "its bias must be a constant")):
        with pytest.raises(Unsupported, match=says or "image or a sequence"):
            handled(reader, op, *inputs)


@pytest.mark.parametrize(("op", "shape", "given", "x", "want"), [
    ("DepthToSpace", (4, 1, 1), {"blocksize": 2}, [[[0, 1, 2, 3]]], [[[0, 1], [2, 3]]]),
    ("DepthToSpace", (8, 1, 1), {"blocksize": 2}, [[[*range(8)]]],
     [[[0, 2], [4, 6]], [[1, 3], [5, 7]]]),
    ("DepthToSpace", (8, 1, 1), {"blocksize": 2, "mode": "CRD"}, [[[*range(8)]]],
     [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]),
    ("SpaceToDepth", (1, 2, 2), {"blocksize": 2}, [[[0], [1]], [[2], [3]]],
     [[[0]], [[1]], [[2]], [[3]]])])
def test_blocks_by_hand(op, shape, given, x, want):
    reader = begun(shape)
    flow = handled(reader, op, **given)
    assert calculated(reader, flow, np.array([x])).tolist() == [want]


@pytest.mark.parametrize(("op", "shape", "size"), [
    ("DepthToSpace", (6, 2, 2), 2), ("SpaceToDepth", (1, 2, 3), 2), ("SpaceToDepth", (1, 3, 2), 2)])
def test_blocks_that_do_not_divide(op, shape, size):
    with pytest.raises(Unsupported, match=rf"blocks of {size} do not divide"):
        handled(begun(shape), op, blocksize=size)
    with pytest.raises(Unsupported, match="blocks of 0 are not supported"):
        handled(begun(shape), op, blocksize=0)

"""ONNX's own quantized forms: unequal parameters of operands, other zero points, clipping."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from qhw.loaders.onnx.handlers import qdq
from qhw.loaders.onnx.values import Unsupported
from tests.onnx_models import grid, made, ours, runtime

MICROSOFT, QONNX = "com.microsoft", "qonnx.custom_op.general"
IMAGE, VECTOR = (4, 5, 3), (6,)
random = np.random.default_rng(7)
KNOWN = {"sa": np.float32(.25), "za": np.uint8(131), "sb": np.float32(.5), "zb": np.uint8(117),
         "sy": np.float32(1), "zy": np.uint8(101),
         "w": random.integers(-5, 6, (6, 3)).astype(np.int8),
         "wt": random.integers(-5, 6, (3, 6)).astype(np.int8),
         "ws": np.array([.5, .25, 1], np.float32), "wz": np.array([1, -2, 3], np.int8),
         "k": random.integers(-5, 6, (3, 4, 2, 2)).astype(np.int8),
         "row": np.uint8([0, 117, 130, 255, 99, 118]), "all": np.uint8(140),
         "each": np.uint8([117, 3, 200, 119]).reshape(4, 1, 1),
         "half": np.float32(.5), "three": np.int8(3), "threes": np.int8([3, 3, 3]),
         "bias": np.array([17, -25, 33], np.int32)}
A, B, Y = ("qa", "sa", "za"), ("qb", "sb", "zb"), ("sy", "zy")
C = ("qc", "sa", "zb")
ROW, ALL, EACH = ("row", "half", "zb"), ("all", "sb", "za"), ("each", "sa", "zb")
"""Constants: a number for each input, one for all, one for each channel."""
UNEQUAL = [
    ("QLinearConv", "", IMAGE, (*A, "k", "half", "three", *Y), {}),
    ("QLinearConv", "", IMAGE, (*A, "k", "ws", "threes", *Y, "bias"), {}),
    ("QLinearMatMul", "", VECTOR, (*A, "w", "ws", "wz", *Y), {}),
    ("QGemm", MICROSOFT, VECTOR, (*A, "w", "half", "three", "bias", *Y), {}),
    ("QGemm", MICROSOFT, VECTOR, (*A, "w", "half", "three", "", *Y), {}),
    ("QGemm", MICROSOFT, VECTOR, (*A, "wt", "half", "three", "bias", *Y),
     {"transB": 1, "alpha": .5}),
    ("QLinearAdd", MICROSOFT, IMAGE, (*A, *B, *Y), {}),
    ("QLinearAdd", MICROSOFT, IMAGE, (*B, *A, *Y), {}),
    ("QLinearAdd", MICROSOFT, IMAGE, (*A, *C, *Y), {}),     # twice quarters: many ties
    *((op, MICROSOFT, VECTOR, inputs, {}) for op in ("QLinearAdd", "QLinearMul")
      for inputs in ((*A, *B, *Y), (*A, *ROW, *Y), (*ROW, *A, *Y), (*A, *ALL, *Y))),
    ("QLinearAdd", MICROSOFT, IMAGE, (*A, *EACH, *Y), {}),
    ("QLinearMul", MICROSOFT, IMAGE, (*EACH, *A, *Y), {}),
    ("QLinearConcat", MICROSOFT, IMAGE, (*Y, *A, *B, *A), {"axis": 1}),
    ("QLinearConcat", MICROSOFT, VECTOR, (*Y, *B, *A), {"axis": 1}),
]


@pytest.mark.parametrize(("op", "domain", "shape", "inputs", "attributes"), UNEQUAL,
                         ids=[f"{c[0]} {' '.join(c[3])}" for c in UNEQUAL])
def test_operators_on_codes_of_unequal_parameters(op, domain, shape, inputs, attributes, tmp_path):
    """Each operand has a scale and a zero point of its own, none of them 0."""
    nodes = [*(helper.make_node("QuantizeLinear", ["a", *p[1:]], [p[0]]) for p in (A, B, C)
               if p[0] in inputs),
             helper.make_node(op, inputs, ["r"], "own", domain=domain, **attributes),
             helper.make_node("DequantizeLinear", ["r", *Y], ["y"])]
    model, x = made(nodes, KNOWN, shape=(1, *shape)), grid(shape, 8)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


def test_a_gemm_of_codes_without_a_scale_of_its_own_is_real(tmp_path):
    """(w - 3) / 2 times x in quarters, plus the bias in eighths; nothing is rounded."""
    model = made([helper.make_node("QuantizeLinear", ["a", "sa", "za"], ["qa"]),
                  helper.make_node("QGemm", [*A, "w", "half", "three", "bias"], ["y"],
                                   domain=MICROSOFT)], KNOWN, shape=(1, *VECTOR), quantized=False)
    x = grid(VECTOR)
    want = x @ ((KNOWN["w"] - 3.) / 2) + KNOWN["bias"] / 8
    assert np.array_equal(ours(model, x, tmp_path), want)


def test_a_gemm_of_transposed_weights_with_a_scale_an_output(tmp_path):
    """The weights' first dimension is the outputs'."""
    model = made([helper.make_node("QuantizeLinear", ["a", "sa", "za"], ["qa"]),
                  helper.make_node("QGemm", [*A, "wt", "ws", "threes"], ["y"], transB=1,
                                   domain=MICROSOFT)], KNOWN, shape=(1, *VECTOR), quantized=False)
    x = grid(VECTOR)
    want = x @ ((KNOWN["wt"] - 3.).T * KNOWN["ws"])
    assert np.array_equal(ours(model, x, tmp_path), want)


@pytest.mark.parametrize(("scale", "zero"), [(.5, 3), (.25, 3), (.5, 1), (2., -4)])
def test_codes_that_are_read_with_another_meaning(scale, zero, tmp_path):
    """Codes rint(x / (1/2)) + 3 stand for scale * (code - zero)."""
    model = made([helper.make_node("QuantizeLinear", ["a", "half", "three"], ["q"]),
                  helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
                  helper.make_node("MaxPool", ["d"], ["y"], kernel_shape=[1, 1])],
                 {**KNOWN, "s": np.float32(scale), "z": np.int8(zero)}, shape=(1, *IMAGE))
    x = grid(IMAGE)
    want = scale * (np.rint(x * 2) + 3 - zero)
    assert np.array_equal(ours(model, x, tmp_path), want)


@pytest.mark.parametrize(("zero", "dtype"), [(100, np.uint8), (-100, np.int8)])
def test_constants_that_are_quantized_are_clipped(zero, dtype, tmp_path):
    """Beyond both ends of the type: rint(w / scale) + zero is held to the type's range."""
    info = np.iinfo(dtype)
    w = np.float32([[-1000.5, 1000.5, .25], [-40000, 40000, .75]])
    model = made([helper.make_node("QuantizeLinear", ["wf", "s", "z"], ["wq"]),
                  helper.make_node("DequantizeLinear", ["wq", "s", "z"], ["wr"]),
                  helper.make_node("MatMul", ["a", "wr"], ["y"])],
                 {"wf": w, "s": np.float32(.5), "z": dtype(zero)}, shape=(1, 2))
    x = np.float32([[1, 0], [0, 1]])
    want = (np.clip(np.rint(w * 2) + zero, info.min, info.max) - zero) / 2
    assert np.array_equal(ours(model, x, tmp_path), want)


def test_types_of_codes_are_onnxs():
    """Their ranges are those of numpy's types, or 2**(n-1) of n bits; their numbers ONNX's."""
    for name, codes in qdq.RANGES.items():
        width, signed = int(name.strip("uint")), name[0] == "i"
        low = -(2 ** (width - 1)) if signed else 0
        assert (codes.lo, codes.hi) == (low, low + 2 ** width - 1), name
    for number, name in qdq.DTYPES.items():
        assert TensorProto.DataType.Name(number) == name.upper()


@pytest.mark.parametrize(("axis", "rank", "shape"), [
    (0, 4, (3, 1, 1, 1)), (-1, 2, (1, 3)), (1, 2, (1, 3)), (3, 1, (3,)), (4, 4, ()), (-3, 2, ())])
def test_an_axis_is_one_of_the_dimensions(axis, rank, shape):
    """A vector has one alone: tf2onnx gives a bias the axis of the weights."""
    scales = np.array([1., 2, 3])
    if shape:
        assert np.array_equal(qdq.along(scales, axis, rank), scales.reshape(shape))
        return
    with pytest.raises(Unsupported, match=f"its axis is {axis}, and its input has {rank} dim"):
        qdq.along(scales, axis, rank)

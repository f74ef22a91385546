"""Decisions of the operators' handlers: unequal operands, other zero points, inputs that are left
out, ends and refusals; against ONNX Runtime, or worked by hand."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders.onnx.handlers import qdq, qonnx
from qhw.loaders.onnx.values import Constant, Unsupported, claimed
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
         "half": np.float32(.5), "three": np.int8(3), "threes": np.int8([3, 3, 3]),
         "bias": np.array([17, -25, 33], np.int32)}
A, B, Y = ("qa", "sa", "za"), ("qb", "sb", "zb"), ("sy", "zy")
C = ("qc", "sa", "zb")
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


def quantizer(bits, zero=0., signed=1, narrow=0, scale=.5, mode="ROUND"):
    """A Quant of ``a`` to ``y``, and its constants."""
    node = helper.make_node("Quant", ["a", "qs", "qz", "qb"], ["y"], "own", domain=QONNX,
                            signed=signed, narrow=narrow, rounding_mode=mode)
    return node, {"qs": np.float32(scale), "qz": np.float32(zero), "qb": np.float32(bits)}


def loaded(tmp_path, nodes, known=None, **how):
    """The graph's layers by name."""
    path = tmp_path / "net.onnx"
    onnx.save(made(nodes, {**KNOWN, **(known or {})}, **{"shape": (1, *IMAGE), **how}), path)
    return qhw.load(path).nodes


def kinds(tmp_path, nodes, known=None, **how):
    """Of the layers, without the input."""
    return [n.op.kind for n in loaded(tmp_path, nodes, known, **how)[1:]]


@pytest.mark.parametrize(("width", "signed", "narrow", "want"), [
    (4, True, False, (-8, 7)), (4, True, True, (-7, 7)), (4, False, False, (0, 15)),
    (4, False, True, (0, 14)), (1, False, False, (0, 1)), (2, True, True, (-1, 1)),
    (16, True, False, (-32768, 32767))])
def test_the_interval_of_a_width(width, signed, narrow, want):
    found = qonnx.interval(width, signed, narrow)
    assert (found.lo, found.hi) == want


@pytest.mark.parametrize(("bits", "says"), [
    (0, "bit width of 0"), (33, "bit width of 33"), (2.5, "bit width of 2.5"),
    (17, "activations of 17 bits"), (16, None), (2, None)])
def test_widths_of_activations(bits, says, tmp_path):
    node, known = quantizer(bits, signed=0)
    if says is None:
        found = [n.op.codes for n in loaded(tmp_path, [node], known) if n.op.kind == "quantize"]
        assert found[-1] == Int(0, 2 ** bits - 1)
        return
    with pytest.raises(ModelError, match=says):
        loaded(tmp_path, [node], known)


@pytest.mark.parametrize(("zero", "says"), [
    (0., None), (1., "one signed bit with a zero point 1")])
def test_one_signed_bit_is_a_sign(zero, says, tmp_path):
    """Of +-1/2, 0 being +; a code of one bit has no room for a zero point."""
    node, known = quantizer(1, zero)
    model = made([node], known, shape=(1, 3))
    if says:
        with pytest.raises(ModelError, match=says):
            ours(model, np.zeros((1, 3)), tmp_path)
        return
    assert ours(model, np.array([[-.25, 0, .25]]), tmp_path).tolist() == [[-.5, .5, .5]]


def test_weights_of_qonnx_with_a_zero_point(tmp_path):
    """codes = clip(rint(w / (1/2) + 1), -8, 7), ties to even, and 1 less than that in halves:
    -9 is -17 -> -8 -> -4.5; 9 is 19 -> 7 -> 3; .25 is 1.5 -> 2 -> .5; .75 is 2.5 -> 2 -> .5."""
    model = made([helper.make_node("Quant", ["w4", "qs", "qz", "qb"], ["wq"], domain=QONNX),
                  helper.make_node("MatMul", ["a", "wq"], ["y"])],
                 {**quantizer(4, 1.)[1], "w4": np.float32([[-9, 9, .25, .75]])}, shape=(1, 1))
    assert ours(model, np.array([[1.]]), tmp_path).tolist() == [[-4.5, 3, .5, .5]]


def test_bipolar_weights(tmp_path):
    """0 counts as positive; the scale is a column's."""
    model = made([helper.make_node("BipolarQuant", ["w3", "each"], ["wq"], domain=QONNX),
                  helper.make_node("MatMul", ["a", "wq"], ["y"])],
                 {"w3": np.float32([[-.1, 0, .1]]), "each": np.float32([[.5, .25, 2]])},
                 shape=(1, 1))
    assert ours(model, np.array([[1.]]), tmp_path).tolist() == [[-.5, .25, 2]]


@pytest.mark.parametrize(("thresholds", "more", "says"), [
    (np.zeros((4, 3)), {}, None), (np.zeros((1, 3)), {}, None),
    (np.zeros((3, 3)), {}, "do not fit"), (np.zeros(4), {}, "do not fit"),
    (np.zeros((3, 3)), {"data_layout": "NHWC"}, None),
    (np.zeros((1, 3)), {"out_scale": 0.}, "is not positive"),
    (np.zeros((1, 3)), {"data_layout": "NCH"}, "does not fit 4 dimensions"),
    (np.zeros((1, 3)), {"data_layout": "CNHW"}, "does not fit"),
    (np.zeros((1, 3)), {"data_layout": "NHW"}, "does not fit")])
def test_thresholds_that_fit(thresholds, more, says, tmp_path):
    """The image has 4 channels, 5 rows and 3 columns in ONNX's order."""
    node = helper.make_node("MultiThreshold", ["a", "t"], ["y"], domain=QONNX, **more)
    known = {"t": thresholds.astype(np.float32)}
    if says is None:
        loaded(tmp_path, [node], known)
        return
    with pytest.raises(ModelError, match=says):
        loaded(tmp_path, [node], known)


def test_thresholds_in_any_order(tmp_path):
    """Steps at -1, 0 and 1/2, given as (1/2, -1, 0): each counts the steps at or below."""
    model = made([helper.make_node("MultiThreshold", ["a", "t"], ["y"], domain=QONNX)],
                 {"t": np.float32([[.5, -1, 0]])}, shape=(1, 5))
    x = np.array([[-1.25, -1, -.25, 0, .5]])
    assert ours(model, x, tmp_path).tolist() == [[0, 1, 1, 2, 3]]


@pytest.mark.parametrize(("values", "bits", "fits"), [
    ([-8, 15], 4, True), ([-9, 0], 4, False), ([0, 16], 4, False), ([-9, 16], None, True),
    ([-1, 1], 1, True), ([0, 2], 1, False), ([-2, 0], 1, False)])
def test_what_an_exporter_claims(values, bits, fits):
    """Of 4 bits: from -8 as signed numbers have it, to 15 as unsigned ones."""
    if fits:
        claimed(np.array(values), bits, "weights")
        return
    with pytest.raises(Unsupported, match=rf"its weights .* does not fit the {bits} bits"):
        claimed(np.array(values), bits, "weights")


@pytest.mark.parametrize(("value", "fits"), [
    ([3., -2], True), ([3, .5], False), ([.5, 3], False), ([2. ** 31 - 1, 0], True),
    ([2. ** 31, 0], False), ([0, -2. ** 31], False)])
def test_numbers_without_a_quantizer_that_are_weights(value, fits):
    """Whole numbers below 2**31."""
    constant = Constant(np.array(value))
    if fits:
        integers, scale = constant.weights
        assert integers.tolist() == value and scale.tolist() == [1, 1]
        return
    with pytest.raises(Unsupported, match="not quantized"):
        _ = constant.weights


def test_a_quantized_constant_moves_whole():
    constant = Constant.quantized(np.array([[1, -2], [3, 4]]), np.array([.5, 2]))
    moved = constant.moved(lambda a: a.T)
    assert moved.value.tolist() == [[.5, 1.5], [-4, 8]]
    assert [a.tolist() for a in moved.weights] == [[[1, 3], [-2, 4]], [[.5, .5], [2, 2]]]
    plain = Constant(np.array([[1., 2]])).moved(lambda a: a.T)
    assert plain.integers is None and plain.scale is None and plain.value.shape == (2, 1)


@pytest.mark.parametrize(("lo", "hi", "want"), [
    (0, 20, (0, 20)), (None, 0, (-128, 0)), (0, None, (0, 127)), (-3, None, (-3, 127)),
    (-3, 0, (-3, 0))])
def test_codes_that_are_clipped_have_fewer(lo, hi, want, tmp_path):
    """Of -128..127; a limit of 0 is one, and a limit that is left out is none."""
    known = {"s": np.float32(.5), "z": np.int8(0)} | {
        k: np.int8(v) for k, v in (("lo", lo), ("hi", hi)) if v is not None}
    names = ["q", "" if lo is None else "lo", "" if hi is None else "hi"]
    nodes = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"]),
             helper.make_node("Clip", names, ["c"], "own"),
             helper.make_node("DequantizeLinear", ["c", "s", "z"], ["y"])]
    found = [n.op.codes for n in loaded(tmp_path, nodes, known) if n.op.kind == "quantize"]
    assert found[-1] == Int(*want)


@pytest.mark.parametrize(("lo", "hi", "says"), [
    (2., 1., "least value 2 is above the most, 1"), (1., 1., None)])
def test_the_ends_of_a_clip(lo, hi, says, tmp_path):
    nodes = [helper.make_node("Clip", ["a", "lo", "hi"], ["y"], "own")]
    known = {"lo": np.float32(lo), "hi": np.float32(hi)}
    if says is None:
        assert "clamp" in kinds(tmp_path, nodes, known)
        return
    with pytest.raises(ModelError, match=says):
        loaded(tmp_path, nodes, known)


@pytest.mark.parametrize(("zero", "signed", "has"), [(0, 0, False), (1, 0, True), (0, 1, True)])
def test_a_relu_that_changes_nothing_is_left_out(zero, signed, has, tmp_path):
    """Codes from 0 are numbers from -zero / 2 on."""
    node, known = quantizer(4, float(zero), signed)
    node.output[0] = "q"
    found = kinds(tmp_path, [node, helper.make_node("Relu", ["q"], ["y"])], known)
    assert ("relu" in found) == has


@pytest.mark.parametrize(("op", "inputs", "says"), [
    ("Div", ["a", "zero"], "divides by 0"), ("Div", ["c", "a"], "products of two computed"),
    ("Mul", ["a", "a"], "products of two computed"),
    ("Div", ["a", "whole"], "divided by one positive number"),
    ("Div", ["a", "wholes"], "divided by one positive number"),
    ("PRelu", ["a", "slopes"], "a slope of -0.5")])
def test_scales_that_are_refused(op, inputs, says, tmp_path):
    known = {"zero": np.float32([[[1]], [[0]], [[2]], [[3]]]), "c": np.float32(2),
             "whole": np.int64(-2), "wholes": np.int64([2, 2, 2]),
             "slopes": np.float32([[[.5]], [[-.5]], [[0]], [[1]]])}
    with pytest.raises(ModelError, match=rf"'own' \({op}\): .*{says}"):
        loaded(tmp_path, [helper.make_node(op, inputs, ["y"], "own")], known)


@pytest.mark.parametrize("training", [0, 1, None])
def test_a_dropout_that_is_told_whether_it_trains(training, tmp_path):
    known = {"ratio": np.float32(.5), "training": np.bool_(training)}
    node = helper.make_node("Dropout", ["a", "ratio", *(["training"] if training is not None
                                                        else [])], ["y"], "own")
    if training:
        with pytest.raises(ModelError, match="drops at random"):
            loaded(tmp_path, [node], known)
        return
    loaded(tmp_path, [node], known)


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


@pytest.mark.parametrize(("given", "says"), [
    ({"n_levels": 8, "n_levels_out": 8}, None),
    ({"n_levels": 8, "n_levels_out": 9}, "n_levels and n_levels_out differ"),
    ({"n_levels": 1}, "1 levels"), ({"n_levels": 2}, None), ({"n_levels": 1 << 16}, None),
    ({"n_levels": (1 << 16) + 1}, "65537 levels"), ({"n_levels": 8, "div": 0}, "divided by 0"),
    ({"n_levels": 8, "div": 1}, None), ({}, "no attribute n_levels or div"),
    ({"n_levels": 8, "div": None}, "no attribute n_levels or div")])
def test_levels_of_a_requantization(given, says, tmp_path):
    attributes = {k: v for k, v in {"div": 4, **given}.items() if v is not None}
    node = helper.make_node("RequantShift", ["a", "m", "n"], ["y"], "own", domain="PACTOps",
                            **attributes)
    known = {"m": np.float32(3), "n": np.float32(1)}
    if says is None:
        levels = given["n_levels"]
        found = [n.op.codes for n in loaded(tmp_path, [node], known) if hasattr(n.op, "codes")]
        assert found[-1] == Int(0, levels - 1)
        return
    with pytest.raises(ModelError, match=says):
        loaded(tmp_path, [node], known)


def test_every_name_of_a_rounding():
    """QONNX's names; UP is away from 0 and DOWN towards it."""
    halves = np.array([-2.5, -1.5, -.5, .5, 1.5, 2.5])
    found = {name: how.real(halves).astype(int).tolist() for name, how in qonnx.ROUNDINGS.items()}
    even, zero = [-2, -2, 0, 0, 2, 2], [-2, -1, 0, 0, 1, 2]
    assert found == {"ROUND": even, "HALF_EVEN": even, "CEIL": [-2, -1, 0, 1, 2, 3],
                     "FLOOR": [-3, -2, -1, 0, 1, 2], "UP": [-3, -2, -1, 1, 2, 3], "DOWN": zero,
                     "ROUND_TO_ZERO": zero, "HALF_UP": [-3, -2, -1, 1, 2, 3], "HALF_DOWN": zero}

"""Functions of single elements: ends, signs, and what is refused."""

from math import erf, exp, log1p, tanh

import numpy as np
import pytest
from onnx import TensorProto, helper

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.foreign import refused
from tests.loaders.onnx.handlers.read import kinds, loaded, quantizer
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled, placed
from tests.loaders.onnx.small import quant, saved, small


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
    ("Div", ["a", "zero"], "divides by 0"), ("Div", ["c", "a"], "divides by a computed"),
    ("Div", ["a", "whole"], "divided by one positive number"),
    ("Div", ["a", "wholes"], "divided by one positive number")])
def test_scales_that_are_refused(op, inputs, says, tmp_path):
    known = {"zero": np.float32([[[1]], [[0]], [[2]], [[3]]]), "c": np.float32(2),
             "whole": np.int64(-2), "wholes": np.int64([2, 2, 2])}
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


@pytest.mark.parametrize(("zero", "to"), [("int8", "uint8"), ("uint8", "int8"),
                                          ("int8", "uint16")])
def test_a_cast_that_would_wrap(zero, to, tmp_path):
    """Codes below 0 in a type without a sign, and those above 127 in a byte with one."""
    refused(tmp_path, rf"'own' \(Cast\): it casts .* to {to}, which cannot hold them",
            helper.make_node("QuantizeLinear", ["a", "s", "nought"], ["q"]),
            helper.make_node("Cast", ["q"], ["y"], "own",
                             to=helper.np_dtype_to_tensor_dtype(np.dtype(to))),
            constants={"nought": np.array(0, zero)})


def test_a_sigmoid_is_a_table(tmp_path):
    nodes = [quant("qx", "x", "a"), helper.make_node("Sigmoid", ["a"], ["m"]),
             quant("qy", "m", "y", scale="sixteenth", signed=0)]
    model = small(nodes, constants={"sixteenth": np.float32(1 / 16)})
    x = np.array([[-4., -.5, 0, 3.5]])
    want = np.minimum(np.rint(16 / (1 + np.exp(-x))), 15) / 16
    assert qhw.simulate(saved(tmp_path, model), x, engine="amaranth").y.tolist() == want.tolist()


def test_a_cast_rounds_towards_zero(tmp_path):
    """Sums become integers, times 3, divided by 2 as integers are."""
    nodes = [quant("qx", "x", "a"), quant("qw", "w", "wq"),
             helper.make_node("MatMul", ["a", "wq"], ["m"]),
             helper.make_node("Cast", ["m"], ["i"], to=TensorProto.INT64),
             helper.make_node("Mul", ["i", "three"], ["n"]),
             helper.make_node("Div", ["n", "two"], ["d"]),
             helper.make_node("Cast", ["d"], ["f"], to=TensorProto.FLOAT),
             helper.make_node("Clip", ["f", "lo", "hi"], ["y"])]
    model = small(nodes, constants={"three": np.int64(3), "two": np.int64(2),
                                    "lo": np.float32(-5), "hi": np.float32(5)})
    x = np.array([[1., .5, -3, 2], [-4, 0, 1, -.5], [0, -1.5, 0, 0], [3.5, 3.5, 3.5, 3.5]])
    sums = x @ np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]])
    want = np.clip(np.trunc(np.trunc(sums) * 3 / 2), -5, 5)
    assert sums.tolist() == [[7, 2.5], [-3.5, 3.25], [-1.5, -3], [15.75, 3.5]]
    assert want.tolist() == [[5, 3], [-4, 4], [-1, -4], [5, 4]]
    assert qhw.simulate(saved(tmp_path, model), x, engine="amaranth").y.tolist() == want.tolist()


@pytest.mark.parametrize("middle", [1, -1.5])
def test_slopes_are_broadcast_as_onnx_says(middle, tmp_path):
    """Three slopes belong to the last of the dimensions, not to the channels."""
    nodes = [quant("qx", "x", "a"), helper.make_node("PRelu", ["a", "slopes"], ["m"]),
             quant("qy", "m", "y", bits="b8")]
    model = small(nodes, shape=(1, 3, 1, 3), constants={
        "slopes": np.array([.5, middle, 2], np.float32), "b8": np.float32(8)})
    x = np.full((1, 3, 1, 3), -2.)
    found = qhw.simulate(saved(tmp_path, model), x, engine="amaranth")
    assert found.y.tolist() == [[[[-1, -2 * middle, -4]]] * 3]


@pytest.mark.parametrize(("case", "opset"), runs_of("functions"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


X = np.array([[-6, -1, 0, 1, 2, 6]])


@pytest.mark.parametrize(("op", "attributes", "want"), [
    ("Relu", {}, [0, 0, 0, 1, 2, 6]), ("Neg", {}, [6, 1, 0, -1, -2, -6]),
    ("Abs", {}, [6, 1, 0, 1, 2, 6]), ("LeakyRelu", {"alpha": .5}, [-3, -.5, 0, 1, 2, 6]),
    ("HardSigmoid", {"alpha": .25, "beta": .5}, [0, .25, .5, .75, 1, 1]),
    ("Softsign", {}, [-6 / 7, -.5, 0, .5, 2 / 3, 6 / 7]),
    ("HardSwish", {"": 0}, [0, -1 / 3, 0, 2 / 3, 5 / 3, 6])])
def test_functions_by_hand(op, attributes, want):
    reader = begun((6,), opset=14)
    attributes.pop("", None)
    assert np.allclose(calculated(reader, handled(reader, op, **attributes), X), [want], atol=1e-15)


@pytest.mark.parametrize(("op", "function"), [
    ("Sigmoid", lambda x: 1 / (1 + exp(-x))), ("Tanh", tanh), ("Exp", exp), ("Erf", erf),
    ("Softplus", lambda x: log1p(exp(x)))])
def test_functions_by_definition(op, function):
    reader = begun((6,))
    found = calculated(reader, handled(reader, op), X)
    assert np.allclose(found, [[function(v) for v in X[0]]], rtol=1e-12)


def test_a_sigmoid_far_away_does_not_overflow():
    reader = begun((2,), codes=Int(-10**4, 10**4))
    found = calculated(reader, handled(reader, "Sigmoid"), np.array([[-10**4, 10**4]]))
    assert found.tolist() == [[0, 1]]


@pytest.mark.parametrize(("op", "c", "order", "want"), [
    ("Mul", [3.], "xc", [-18, -3, 0, 3, 6, 18]), ("Mul", [3.], "cx", [-18, -3, 0, 3, 6, 18]),
    ("Div", [4.], "xc", [-1.5, -.25, 0, .25, .5, 1.5])])
def test_factors(op, c, order, want):
    reader = begun((6,), c=np.array(c))
    assert calculated(reader, handled(reader, op, *order), X).tolist() == [want]


def test_integers_are_divided_as_integers():
    reader = begun((6,), c=np.int64(4))
    reader.values["x"] = placed(reader, range(6), whole=True)
    flow = handled(reader, "Div", "x", "c")
    assert flow.whole and calculated(reader, flow, X).tolist() == [[-1, 0, 0, 0, 0, 1]]


@pytest.mark.parametrize(("whole", "kind"), [(True, "quantize"), (False, "clamp")])
def test_a_clip_of_whole_numbers_is_a_quantizer(whole, kind):
    reader = begun((6,), lo=np.float32(-1), hi=np.float32(2))
    reader.values["x"] = placed(reader, range(6), whole=whole)
    flow = handled(reader, "Clip", "x", "lo", "hi")
    assert reader.by_name[flow.node].op.kind == kind
    assert calculated(reader, flow, X).tolist() == [[-1, -1, 0, 1, 2, 2]]


def test_old_clips_have_ends_that_are_none():
    """The largest float is the default of opset 6."""
    reader = begun((6,), opset=7)
    op = reader.by_name[handled(reader, "Clip", min=-1.).node].op
    assert (op.lo, op.hi) == (-1, None)


def test_a_range_beyond_what_an_exporter_claims():
    reader = begun((6,), lo=np.float32(-1), hi=np.float32(15))
    with pytest.raises(Unsupported, match=r"its range 16.*does not fit the 4 bits"):
        handled(reader, "Clip", "x", "lo", "hi", out_bits=4)
    with pytest.raises(Unsupported, match=r"its factor 16.*does not fit the 4 bits"):
        handled(begun((6,), c=np.float32(16)), "Mul", "x", "c", mult_bits=4)


def test_a_norm_by_hand():
    """3 (x - 1) / 2 - 1 of a variance of 3.75 and an epsilon of 1/4."""
    reader = begun((1, 1, 2), g=[3.], b=[-1.], m=[1.], v=[3.75])
    flow = handled(reader, "BatchNormalization", *"xgbmv", epsilon=.25)
    assert calculated(reader, flow, np.array([[[[5], [1]]]])).tolist() == [[[[5, -1]]]]
    reader = begun((1, 1, 2), g=[3.], b=[-1.], m=[1.], v=[-.25])
    with pytest.raises(Unsupported, match=r"its variance -0\.25 is not positive"):
        handled(reader, "BatchNormalization", *"xgbmv", epsilon=.25)


@pytest.mark.parametrize(("lo", "hi"), [(np.inf, np.inf), (-np.inf, -np.inf), (np.nan, 1.)])
def test_limits_that_leave_nothing_are_refused(lo, hi):
    reader = begun((3,), lo=np.float32(lo), hi=np.float32(hi))
    with pytest.raises(Unsupported, match=r"its limits are|has nan, which is not finite"):
        handled(reader, "Clip", "x", "lo", "hi")


def test_no_limits_are_no_layer():
    reader = begun((3,), lo=np.float32(-np.inf))
    assert handled(reader, "Clip", "x", "lo").node == "x"

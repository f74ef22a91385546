"""QONNX's quantizers: intervals, widths, signs, thresholds and roundings, by hand."""

import numpy as np
import pytest
from onnx import helper

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders.onnx.handlers import qonnx
from tests.loaders.onnx.handlers.read import QONNX, loaded, quantizer
from tests.loaders.onnx.small import DOMAIN, quant, saved, small
from tests.onnx_models import made, ours


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


def test_every_name_of_a_rounding():
    """QONNX's names; UP is away from 0 and DOWN towards it."""
    halves = np.array([-2.5, -1.5, -.5, .5, 1.5, 2.5])
    found = {name: how.real(halves).astype(int).tolist() for name, how in qonnx.ROUNDINGS.items()}
    even, zero = [-2, -2, 0, 0, 2, 2], [-2, -1, 0, 0, 1, 2]
    assert found == {"ROUND": even, "HALF_EVEN": even, "CEIL": [-2, -1, 0, 1, 2, 3],
                     "FLOOR": [-3, -2, -1, 0, 1, 2], "UP": [-3, -2, -1, 1, 2, 3], "DOWN": zero,
                     "ROUND_TO_ZERO": zero, "HALF_UP": [-3, -2, -1, 1, 2, 3], "HALF_DOWN": zero}


@pytest.mark.parametrize(("domain", "attributes"), [
    ("onnx.brevitas", {"signed": 1, "narrow": 1, "rounding_mode": "round"}), ("", {}),
    ("finn.custom_op.general", {"signed": 1, "narrow": 1}),
    ("qonnx.custom_op.general", {"signed": 1, "narrow": 1, "rounding_mode": "ROUND"})])
def test_quant_in_every_domain(tmp_path, domain, attributes):
    node = helper.make_node("Quant", ["x", "s", "zero", "b4"], ["a"], domain=domain, **attributes)
    more = helper.make_node("MatMul", ["a", "eye"], ["y"])
    model = small([node, more], constants={"eye": np.eye(4, dtype=np.float32)})
    found = qhw.simulate(saved(tmp_path, model), np.array([[.25, .75, -99, 99]]))
    low = -7 if attributes.get("narrow") else -8
    assert found.y.tolist() == [[0, 1, low / 2, 3.5]]


@pytest.mark.parametrize(("mode", "want"), [
    ("ROUND", [-2, -2, 0, 0, 2, 2]), ("CEIL", [-2, -1, 0, 1, 2, 3]),
    ("FLOOR", [-3, -2, -1, 0, 1, 2]), ("UP", [-3, -2, -1, 1, 2, 3]), ("DOWN", [-2, -1, 0, 0, 1, 2]),
    ("HALF_UP", [-3, -2, -1, 1, 2, 3]), ("half_down", [-2, -1, 0, 0, 1, 2])])
def test_rounding_modes_on_ties(tmp_path, mode, want):
    """In the host's quantizer and as thresholds behind a product: both are the same integers."""
    x = np.array([-2.5, -1.5, -.5, .5, 1.5, 2.5])
    eye = np.eye(6, dtype=np.float32)
    nodes = [quant("qx", "x", "a", scale="half", bits="b8"), quant("qw", "eye", "wq", scale="one"),
             helper.make_node("MatMul", ["a", "wq"], ["m"]),
             quant("qy", "m", "y", scale="one", rounding_mode=mode)]
    more = {"half": np.float32(.5), "one": np.float32(1), "b8": np.float32(8), "eye": eye}
    found = qhw.simulate(saved(tmp_path, small(nodes, shape=(1, 6), constants=more)), x[None])
    assert found.y[0].tolist() == want
    nodes = [quant("q", "x", "a", scale="one", rounding_mode=mode),
             helper.make_node("MatMul", ["a", "eye"], ["y"])]
    found = qhw.simulate(saved(tmp_path, small(nodes, shape=(1, 6), constants=more)), x[None])
    assert found.y[0].tolist() == want


def test_multi_threshold(tmp_path):
    node = helper.make_node("MultiThreshold", ["a", "t"], ["y"], domain=DOMAIN, out_scale=2.0,
                            out_bias=-1.0)
    model = small([quant("qx", "x", "a"), node],
                  constants={"t": np.array([[-1, 0, .5]], np.float32)})
    found = qhw.simulate(saved(tmp_path, model), np.array([[-2., -1, 0, 3]]))
    assert found.y.tolist() == [[-1, 1, 3, 5]]


def test_scales_of_channels(tmp_path):
    """An activation whose channels have scales of their own, then a layer that adds them up."""
    model = small([quant("qx", "x", "a", scale="each"), quant("qw", "w", "wq"),
                   helper.make_node("MatMul", ["a", "wq"], ["y"])],
                  constants={"each": np.array([[.5, .25, 1, .5]], np.float32)})
    x = np.array([[1., .5, -3, 2]])
    w = np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]])
    assert qhw.simulate(saved(tmp_path, model), x, engine="amaranth").y.tolist() == (x @ w).tolist()

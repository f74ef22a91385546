"""Requantizing shifts of integer networks."""

import numpy as np
import onnx
import pytest
from onnx import helper

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.foreign import SHAPE
from tests.loaders.onnx.handlers.read import loaded
from tests.loaders.onnx.reading import begun, calculated, handled
from tests.onnx_models import made


@pytest.mark.parametrize("attributes", [
    {"n_levels": 16, "div": 4}, {"n_levels_out": 8, "div": 2, "signed": 1},
    {"n_levels_out": 256, "n_levels": 256, "div": 16, "signed": 1}, {"n_levels": 5, "div": 3}])
@pytest.mark.parametrize("domain", ["", "PACTOps", "ai.onnx.contrib"])
def test_requant_shift(attributes, domain, tmp_path):
    """By its definition, in integers."""
    mul, add = np.float32([3, -2, 1, 5]), np.float32([1, 7, 0, -9])
    model = made([helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1]),
                  helper.make_node("RequantShift", ["m", "mul", "add"], ["y"], "own",
                                   domain=domain, **attributes)],
                 {"mul": mul.reshape(4, 1, 1), "add": add.reshape(4, 1, 1)}, shape=(1, *SHAPE),
                 quantized=False)
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    x = np.random.default_rng(0).integers(-100, 101, (4, *SHAPE))
    levels, div = attributes.get("n_levels_out") or attributes["n_levels"], attributes["div"]
    low = -(levels // 2) if attributes.get("signed") else 0
    want = np.clip((x * mul.astype(int).reshape(4, 1, 1) + add.astype(int).reshape(4, 1, 1)
                    + div // 2) // div, low, low + levels - 1 - levels % 2 * (low < 0))
    assert np.array_equal(qhw.simulate(qhw.load(path, "s8"), x).y, want)


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


@pytest.mark.parametrize(("attributes", "want"), [
    ({"n_levels": 4, "div": 4}, [0, 0, 0, 1, 1, 3]),
    ({"n_levels": 4, "div": 4, "signed": 1}, [-2, -1, 0, 1, 1, 1]),
    ({"n_levels_out": 5, "div": 1, "signed": 1}, [-2, -2, -1, 1, 1, 1]),
    ({"n_levels": np.array([4]), "div": np.array([4])}, [0, 0, 0, 1, 1, 3])])
@pytest.mark.parametrize("op", ["RequantShift", "RequantizedShift"])
def test_by_hand(op, attributes, want):
    """3 x - 1: -10, -4, -1, 2, 5 and 11, of which a half goes up."""
    reader = begun((6,), m=np.float32(3), n=np.float32(-1))
    flow = handled(reader, op, *"xmn", domain="PACTOps", **attributes)
    assert calculated(reader, flow, np.array([[-3, -1, 0, 1, 2, 4]])).tolist() == [want]


@pytest.mark.parametrize(("m", "n", "says"), [
    (2.5, 1, r"its mul 2\.5 is no whole number"), (2, .5, r"its add 0\.5 is no whole number")])
def test_multipliers_are_whole(m, n, says):
    with pytest.raises(Unsupported, match=says):
        handled(begun((2,), m=np.float32(m), n=np.float32(n)), "RequantShift", *"xmn",
                domain="PACTOps", n_levels=4, div=2)


ADDER = {f"in{k}_{what}": value for k in (1, 2) for what, value in (
    ("mul", 5 * k), ("add", 8), ("shift", 4), ("n_levels", 256), ("rq", 1))} | {
    "out_mul": 1, "out_add": 0, "out_shift": 0, "out_n_levels": 256, "out_rq": 0, "add_bits": 8}


def requantized(x, mul, add, shift, levels, signed):
    """QuantLab's own definition, in integers."""
    low = -(levels // 2) if signed else 0
    return np.clip((x * mul + add) >> shift, low, low + levels - 1)


@pytest.mark.parametrize("changed", [
    {}, {"in1_mul": -5}, {"in1_n_levels": 16, "in2_add": -3},
    {"in2_rq": 0, "in2_mul": 1, "in2_add": 0, "in2_shift": 0},
    {"out_rq": 1, "out_mul": 9, "out_shift": 3, "out_n_levels": 16},
    {"out_rq": 1, "out_shift": 1, "out_signed": 1}, {"out_rq": 1, "out_mul": 3, "out_signed": 0}])
@pytest.mark.parametrize("format", ["u8", "s8"])
def test_quantlabs_sum_is_its_definition(changed, format, tmp_path):
    given = {**ADDER, "out_n_levels": 512, **changed}
    model = made([helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1]),
                  helper.make_node("Add", ["a", "m"], ["y"], "own", **given)], {},
                 shape=(1, *SHAPE), quantized=False)
    onnx.save(model, tmp_path / "net.onnx")
    signed = format == "s8"
    x = np.random.default_rng(0).integers(-128 * signed, 256 - 128 * signed, (4, *SHAPE))
    sides = [requantized(x, *(given[f"in{k}_{n}"] for n in ("mul", "add", "shift", "n_levels")),
                         signed) if given[f"in{k}_rq"] else x for k in (1, 2)]
    want = sides[0] + sides[1]
    if given["out_rq"]:
        want = requantized(want, *(given[f"out_{n}"] for n in ("mul", "add", "shift", "n_levels")),
                           given.get("out_signed", bool(want.min() < 0)))
    assert np.array_equal(qhw.simulate(qhw.load(tmp_path / "net.onnx", format), x).y, want)


@pytest.mark.parametrize(("changed", "says"), [
    ({"out_n_levels": 128}, r"its sum is 0\.\.239, beyond the 128 of its out_n_levels"),
    ({"in1_rq": 0}, "it has in1_rq 0, and yet a factor 5, 8 and shift 4"),
    ({"in1_shift": 32}, "a shift of 32"), ({"in2_n_levels": 255}, "255 levels"),
    ({"in2_mul": 1.5}, "in2_mul is 1.5"), ({"in2_add": None}, "in2_add is None")])
def test_quantlabs_sums_that_are_refused(changed, says):
    reader = begun((2, 3), Int(0, 255))
    given = {k: v for k, v in {**ADDER, **changed}.items() if v is not None}
    with pytest.raises(Unsupported, match=says):
        handled(reader, "Add", "x", "x", **given)

"""Constants that are computed while reading: right where they are cheap, refused in a line where
they would take for ever."""

import numpy as np
import pytest
from onnx import TensorProto, helper

import qhw
from qhw import limits
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx import constants as onnx_constants
from qhw.loaders.onnx.graph import inspect_onnx
from tests.loaders.onnx.small import quant, saved, small


def with_bias(*nodes, **constants):
    """The small network with the constant ``b``, which the nodes make, added at its end."""
    return small([*nodes, quant("qx", "x", "a"), quant("qw", "w", "wq"),
                  helper.make_node("MatMul", ["a", "wq"], ["m"], name="mm"),
                  helper.make_node("Add", ["m", "b"], ["y"])], constants=constants)


def bias_of(tmp_path, model):
    """What the model adds, as real numbers."""
    return qhw.simulate(saved(tmp_path, model), np.zeros((1, 4))).y[0]


def forever(trips):
    """A loop that counts."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Add", ["v", "v"], ["w2"])],
        "body", [helper.make_tensor_value_info("k", TensorProto.INT64, []),
                 helper.make_tensor_value_info("go", TensorProto.BOOL, []),
                 helper.make_tensor_value_info("v", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("w2", TensorProto.FLOAT, [2])])
    return with_bias(helper.make_node("Loop", ["trips", "yes", "one"], ["b"], name="L", body=body),
                     trips=np.int64(trips), yes=np.bool_(True), one=np.float32([1, 2]))


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(limits, "FOLD_SECONDS", 1)


@pytest.mark.parametrize(("node", "constants", "want"), [
    (helper.make_node("CumSum", ["c", "zero"], ["b"]), {"c": np.float32([1, 2]),
                                                        "zero": np.int64(0)}, [1, 3]),
    (helper.make_node("Expand", ["c", "n"], ["b"]), {"c": np.float32(3), "n": np.int64([2])},
     [3, 3]),
    (helper.make_node("Tile", ["c", "n"], ["b"]), {"c": np.float32([3]), "n": np.int64([2])},
     [3, 3]),
    (helper.make_node("Clip", ["c", "", "six"], ["b"]), {"c": np.float32([-9, 9]),
                                                         "six": np.float32(6)}, [-9, 6])],
    ids=lambda v: getattr(v, "op_type", ""))
def test_what_is_cheap_is_computed(tmp_path, node, constants, want):
    assert bias_of(tmp_path, with_bias(node, **constants)).tolist() == want


def test_a_loop_of_constants_is_computed(tmp_path):
    assert bias_of(tmp_path, forever(3)).tolist() == [8, 16]


def test_a_loop_without_an_end_is_one_line_that_names_it(tmp_path, impatient):
    path = saved(tmp_path, forever(1 << 60))
    with pytest.raises(ModelError, match=r"node 'L' \(Loop\): its constants take more than 1 s"):
        load(path)
    assert [f.node.name for f in inspect_onnx(path) if f.reason] == ["L"]


def test_a_pattern_that_backtracks_for_ever(tmp_path, impatient):
    model = with_bias(
        helper.make_node("RegexFullMatch", ["s"], ["f"], name="R", pattern="(a+)+c"),
        helper.make_node("Cast", ["f"], ["b"], to=TensorProto.FLOAT),
        s=np.array(["a" * 60], object))
    model.opset_import[0].version = 20
    path = saved(tmp_path, model)
    with pytest.raises(ModelError, match=r"node 'R' \(RegexFullMatch\): its constants take|"
                                         r"node 'R' .*cannot be computed"):
        load(path)


@pytest.mark.parametrize(("node", "constants", "says"), [
    (helper.make_node("ConstantOfShape", ["n"], ["b"]), {"n": np.int64([1 << 40])}, "elements"),
    (helper.make_node("Expand", ["one", "n"], ["b"]),
     {"one": np.float32(1), "n": np.int64([1 << 30, 1 << 30])}, "elements"),
    (helper.make_node("Range", ["one", "n", "one"], ["b"]),
     {"one": np.float32(1), "n": np.float32(1e30)}, "elements"),
    (helper.make_node("Range", ["one", "n", "zero"], ["b"]),
     {"one": np.float32(1), "n": np.float32(1e30), "zero": np.float32(0)}, "cannot be computed"),
    (helper.make_node("Tile", ["c", "n"], ["b"]),
     {"c": np.float32([1]), "n": np.int64([1 << 50])}, "elements"),
    (helper.make_node("EyeLike", ["c"], ["b"]), {"c": np.zeros((20000, 20000), np.int8)},
     "too large|memory|elements"),
    (helper.make_node("RandomNormalLike", ["c"], ["b"]), {"c": np.float32([1])}, "random")],
    ids=lambda v: getattr(v, "op_type", ""))
def test_what_is_large_is_refused(tmp_path, node, constants, says):
    path = saved(tmp_path, with_bias(node, **constants))
    with pytest.raises(ModelError, match=says) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_many_constants_that_are_large_together(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "ELEMENTS", 1000)
    nodes = [helper.make_node("Expand", ["one", "n"], [f"e{k}"]) for k in range(11)]
    path = saved(tmp_path, with_bias(*nodes, helper.make_node("ReduceSum", ["e0"], ["b"]),
                                     one=np.float32(1), n=np.int64([100])))
    with pytest.raises(ModelError, match="more than 1000 elements together"):
        load(path)


def test_no_process_is_started_for_cheap_operators_and_one_for_all_others(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(onnx_constants, "_started", lambda begin=onnx_constants._started: (
        started.append(begin()), started[-1])[1])
    cheap = with_bias(helper.make_node("Neg", ["c"], ["b"]), c=np.float32([1, 2]))
    assert bias_of(tmp_path, cheap).tolist() == [-1, -2] and not started
    dear = [helper.make_node("CumSum", [f"c{k}", "zero"], [f"c{k + 1}"]) for k in range(3)]
    dear[-1].output[0] = "b"
    load(saved(tmp_path, with_bias(*dear, c0=np.float32([1, 2]), zero=np.int64(0))))
    assert len(started) == 1 and started[0].returncode is not None

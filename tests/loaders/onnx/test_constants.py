"""Constants that are computed while reading: right where they are cheap, refused in a line where
they would take for ever."""

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import qhw
from qhw import limits
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx import constants as onnx_constants
from qhw.loaders.onnx import file as onnx_file
from qhw.loaders.onnx.graph import inspect_onnx
from tests.loaders.onnx.test_onnx import quant, saved, small


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


def outside(location="data.bin", **more):
    """The small network with its weights in a file, as an initializer or as a Constant's value."""
    def change(tensor):
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, **more}.items():
            tensor.external_data.add(key=key, value=str(value))
    model = small()
    change(next(t for t in model.graph.initializer if t.name == "w"))
    constant = small([helper.make_node("Constant", [], ["v"], value=TensorProto(
        data_type=TensorProto.FLOAT, dims=(4, 2))), quant("qx", "x", "a"), quant("qw", "v", "wq"),
        helper.make_node("MatMul", ["a", "wq"], ["y"])])
    change(constant.graph.node[0].attribute[0].t)
    return [model, constant]


WEIGHTS = np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]], np.float32)


@pytest.mark.parametrize("kind", [0, 1], ids=["initializer", "Constant"])
def test_external_data_beside_the_model(tmp_path, kind, monkeypatch):
    """Wherever the command is run, and not what is called so in the folder where it is."""
    (tmp_path / "net").mkdir()
    (tmp_path / "data.bin").write_bytes(bytes(32))
    (tmp_path / "net" / "data.bin").write_bytes(b"1234" + WEIGHTS.tobytes())
    monkeypatch.chdir(tmp_path)
    path = saved(tmp_path / "net", outside(offset=4, length=32)[kind])
    y = qhw.simulate(path, np.eye(4)).y
    assert y.tolist() == WEIGHTS.tolist()


@pytest.mark.parametrize("kind", [0, 1], ids=["initializer", "Constant"])
@pytest.mark.parametrize(("about", "says"), [
    ({"location": "../data.bin"}, "outside the model's folder"),
    ({"location": "/dev/zero"}, "outside the model's folder"),
    ({"location": ""}, "outside the model's folder"),
    ({"location": "link"}, "outside the model's folder"),
    ({"location": "."}, "missing"), ({"location": "pipe"}, "missing"),
    ({"location": "nothing"}, "missing"),
    ({"offset": 8}, "which has 32"), ({"offset": "1e3"}, "no whole number"),
    ({"offset": -1}, "no whole number"), ({"length": 1 << 60}, "needs 32 bytes"),
    ({"length": "9" * 5000}, "no whole number"), ({"length": 16}, "needs 32 bytes"),
    ({"checksum": "0" * 40}, "checksum")], ids=str)
def test_external_data_that_is_not_there(tmp_path, kind, about, says):
    folder = tmp_path / "net"
    folder.mkdir()
    (tmp_path / "data.bin").write_bytes(WEIGHTS.tobytes())
    (folder / "data.bin").write_bytes(WEIGHTS.tobytes())
    (folder / "link").symlink_to(tmp_path / "data.bin")
    os.mkfifo(folder / "pipe")
    path = saved(folder, outside(**about)[kind])
    with pytest.raises(ModelError, match=says) as caught:
        load(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    with pytest.raises(ModelError, match=says):
        inspect_onnx(path)


def test_a_name_or_a_graph_beyond_the_limits(tmp_path, monkeypatch):
    long = small()
    long.graph.node[0].name = "n" * (limits.NAME + 1)
    with pytest.raises(ModelError, match="characters, more than"):
        load(saved(tmp_path, long))
    monkeypatch.setattr(limits, "NODES", 2)
    with pytest.raises(ModelError, match="3 nodes, more than 2"):
        load(saved(tmp_path, small()))


def test_the_child_has_no_imports_of_ours():
    text = Path(onnx_constants.onnx_child.__file__).read_text(encoding="utf-8")
    assert "from ." not in text and "import qhw" not in text
    assert onnx.__version__


def test_a_file_that_needs_no_other(tmp_path):
    """External data is in it, everywhere, and nothing of it points outside."""
    model = outside(offset=4)[0]
    model.graph.node.append(outside(offset=4)[1].graph.node[0])
    model.graph.initializer[0].external_data.add(key="location", value="../../pretends")
    (tmp_path / "data.bin").write_bytes(b"1234" + WEIGHTS.tobytes())
    made = onnx.load_model_from_string(onnx_file.whole(saved(tmp_path, model)))
    tensors = [*made.graph.initializer, made.graph.node[-1].attribute[0].t]
    assert not any(t.external_data or t.data_location for t in tensors)
    assert [t.raw_data for t in tensors if len(t.dims)] == [WEIGHTS.tobytes()] * 2

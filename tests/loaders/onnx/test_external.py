"""Data in a file beside the model."""

import hashlib
import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import qhw
from qhw import limits
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx.external import bytes_of, internalize
from qhw.loaders.onnx.graph import inspect_onnx
from tests.loaders.onnx.small import WEIGHTS, outside, saved, small


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


@pytest.mark.parametrize(("kind", "dims", "size"), [
    ("FLOAT", (2, 3), 24), ("FLOAT", (), 4), ("FLOAT", (0, 7), 0), ("INT64", (3,), 24),
    ("INT8", (5,), 5), ("BOOL", (5,), 5), ("FLOAT16", (3,), 6), ("INT4", (4,), 2),
    ("INT4", (5,), 3), ("UINT4", (3, 3), 5)])
def test_bytes_of_a_tensor(kind, dims, size):
    """Two codes of four bits are a byte, and an odd one is another."""
    assert bytes_of(TensorProto(data_type=TensorProto.DataType.Value(kind), dims=dims)) == size


def test_tensors_are_found_wherever_they_are(tmp_path):
    """In a graph within a node, in a function, in lists, and in halves of a sparse tensor."""
    (tmp_path / "data.bin").write_bytes(WEIGHTS.tobytes())

    def far():
        tensor = TensorProto(data_type=TensorProto.FLOAT, dims=(4, 2),
                             data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="data.bin")
        return tensor
    model = small()
    model.graph.sparse_initializer.add(values=far(), indices=far())
    body = helper.make_graph([], "body", [], [], initializer=[far()])
    model.graph.node.append(helper.make_node("If", ["c"], ["d"], then_branch=body))
    model.graph.node.append(helper.make_node("Odd", [], ["e"], many=[far(), far()]))
    model.functions.append(helper.make_function("own", "F", [], ["f"], [helper.make_node(
        "Constant", [], ["f"], value=far())], [helper.make_opsetid("", 13)]))
    internalize(tmp_path / "net.onnx", model)
    graph = model.graph
    found = [graph.sparse_initializer[0].values, graph.sparse_initializer[0].indices,
             graph.node[-2].attribute[0].g.initializer[0], *graph.node[-1].attribute[0].tensors,
             model.functions[0].node[0].attribute[0].t]
    assert [t.raw_data for t in found] == [WEIGHTS.tobytes()] * 6
    assert not any(t.external_data or t.data_location for t in found)


@pytest.mark.parametrize("upper", [False, True])
def test_a_checksum_is_of_the_whole_file(tmp_path, upper):
    content = b"1234" + WEIGHTS.tobytes()
    (tmp_path / "data.bin").write_bytes(content)
    known = hashlib.sha1(content).hexdigest()
    model = outside(offset=4, checksum=known.upper() if upper else known)[0]
    internalize(tmp_path / "net.onnx", model)
    assert WEIGHTS.tobytes() in [t.raw_data for t in model.graph.initializer]


def test_all_external_data_together_has_a_limit(tmp_path, monkeypatch):
    (tmp_path / "data.bin").write_bytes(WEIGHTS.tobytes())
    monkeypatch.setattr(limits, "FILE_BYTES", 64)
    model = outside()[0]
    far = next(t for t in model.graph.initializer if t.data_location)
    model.graph.initializer.append(far)
    internalize(tmp_path / "net.onnx", copied(model))
    model.graph.initializer.append(far)
    with pytest.raises(ModelError, match="the external data has more than 64 bytes"):
        internalize(tmp_path / "net.onnx", copied(model))


def copied(model):
    return onnx.ModelProto.FromString(model.SerializeToString())

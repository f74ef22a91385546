"""Networks on their way to other processes: nothing goes to a path that a model's file names."""

import pickle
import shutil

import numpy as np
import onnx
import pytest

import qhw
from qhw.errors import ModelError
from qhw.exploration.points import Network
from tests.loaders.onnx.small import saved, small


def pretending(*locations):
    """A model whose tensors say that their data lies in files, and have it within."""
    model = small()
    for tensor, location in zip(model.graph.initializer, locations, strict=False):
        tensor.external_data.add(key="location", value=location)
    return model


def test_what_a_tensor_says_of_files_is_no_path(tmp_path, monkeypatch):
    """Neither here nor in a worker is anything read or written there."""
    work, victim = tmp_path / "deep/work", tmp_path / "victim"
    work.mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    victim.write_text("mine")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(work)
    path = saved(work, pretending(str(victim), "../escaped", "inside/escaped", "../../../escaped"))
    before = {p for p in tmp_path.rglob("*") if tmp_path / "cache" not in (p, *p.parents)}
    for known in (qhw.compare(path, "xc7", "binary", jobs=1),
                  qhw.explore(path, ["xc7"], "binary", cycles=[4], jobs=1)):
        assert [row["error"] for row in known["rows"]] == [None]
    assert victim.read_text() == "mine"
    assert {p for p in tmp_path.rglob("*") if tmp_path / "cache" not in (p, *p.parents)} == before
    network = Network.of(path)
    assert list(network.files) == ["net.onnx"]
    assert not [t for t in onnx.load_model_from_string(network.files["net.onnx"]).graph.initializer
                if t.external_data]


@pytest.mark.parametrize("name", ["../escaped", "deep/er.onnx"])
def test_names_of_a_network_that_comes_from_elsewhere_stay_in_its_folder(name, tmp_path,
                                                                         monkeypatch):
    """As one that a scheduler sends to a worker."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    sent = pickle.loads(pickle.dumps(Network({f"{name}.onnx": small().SerializeToString()})))
    assert len(sent.graph.nodes) > 2
    assert list(tmp_path.rglob("*")) == [tmp_path / "tmp"]


def test_data_beside_the_model_goes_along(tmp_path):
    """And is a part of what the result is kept under."""
    (tmp_path / "net").mkdir()
    model = small()
    path = tmp_path / "net/net.onnx"
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=16)
    assert (tmp_path / "net/w.bin").stat().st_size
    network = Network.of(path)
    data = (tmp_path / "net/w.bin").read_bytes()
    (tmp_path / "net/w.bin").write_bytes(data.replace(np.float32(3).tobytes(),
                                                      np.float32(2).tobytes()))
    assert Network.of(path).digest != network.digest
    shutil.rmtree(tmp_path / "net")
    sent = pickle.loads(pickle.dumps(network))
    assert qhw.simulate(sent.graph, np.eye(4)).y.tolist() == [[.5, -1], [1, 2], [0, -.5], [3, .5]]


def test_a_metric_needs_labels(tiny):
    with pytest.raises(ModelError, match="Metric 'mse' needs labels y beside the samples"):
        Network.of(tiny, np.zeros((3, 8)), measure="mse")

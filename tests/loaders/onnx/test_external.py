"""Data in a file beside the model."""

import os

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx.graph import inspect_onnx
from tests.loaders.onnx.small import WEIGHTS, outside, saved


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

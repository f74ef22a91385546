"""A file's format is found by content and suffix, and a format is a package that nobody lists."""

import ast
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw import loaders
from qhw.errors import ModelError, QhwError
from qhw.exploration.points import Network
from qhw.loaders import contents, findings, format_of, formats, load, shipped
from tests.loaders.onnx.small import saved, small

TOY = '''
"""An invented format: a line ``toy``, then an integer matrix, a row a line."""

import numpy as np

from qhw.errors import ModelError, QhwError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.graph.source import Format
from qhw.layers import Dense, Input
from qhw.schemes import Codes, Scheme, integer_scheme


class Toy(Format):
    name = "toy"
    what = "a toy (.toy)"
    suffixes = (".toy",)
    text = True

    def recognizes(self, path, head):
        return head.startswith(b"toy\\n")

    def load(self, path, input_format=None, input_shape=None):
        rows = [list(map(int, line.split())) for line in path.read_text().splitlines()[1:]]
        if not rows:
            raise ModelError(f"{path}: it has no rows")
        scheme, codes = integer_scheme(np.array(rows))
        dense = Dense(scheme, Codes(codes, np.ones(())))
        return Graph("toy", (Node("input", Input((len(rows[0]),), Int(0, 15))),
                             Node("fc", dense, ("input",)))).check()

    def reference(self, path, shape):
        matrix = np.array([list(map(int, r.split())) for r in path.read_text().splitlines()[1:]])
        return "toys 1.0", lambda x: x @ matrix.T + OFF

    def contents(self, path):
        return {path.name: path.read_bytes()}


OFF = 0
FORMAT = Toy()
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A folder with a package for an invented format, which is all that is added."""
    (tmp_path / "packages/toy").mkdir(parents=True)
    (tmp_path / "packages/toy/__init__.py").write_text(TOY)
    monkeypatch.setattr(loaders, "__path__", [*loaders.__path__, str(tmp_path / "packages")])
    monkeypatch.delitem(sys.modules, "qhw.loaders.toy", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["net.toy", "net.dat"])
def test_a_package_is_all_that_a_format_needs(toy, name):
    path = toy / name
    path.write_text("toy\n1 -1 0\n3 2 -4\n")
    assert [f.name for f in formats()] == ["description", "onnx", "tflite", "toy"]
    assert [(f.node.name, f.became, f.shape) for f in findings(path)] == [
        ("input", "input", (3,)), ("fc", "dense", (2,))]
    x = np.array([[1, 2, 3], [15, 0, 1]])
    y = x @ np.array([[1, -1, 0], [3, 2, -4]]).T
    assert (qhw.simulate(load(path), x).y == y).all()
    sent = pickle.loads(pickle.dumps(Network.of(path)))
    path.unlink()
    assert (qhw.simulate(sent.graph, x).y == y).all()


def test_a_new_format_knows_its_framework(toy):
    """A build compares the network with what it answers, and refuses what differs."""
    (toy / "net.toy").write_text("toy\n1 -1 0\n3 2 -4\n")
    known = qhw.build(toy / "net.toy", toy / "out")["check"]["reference"]
    assert known["engine"] == "toys 1.0" and known["equal"] == known["samples"] > 0
    sys.modules["qhw.loaders.toy"].OFF = 1
    with pytest.raises(QhwError, match=r"samples differ from toys 1\.0: output 0 is"):
        qhw.build(toy / "net.toy", toy / "again")
    assert not (toy / "again").exists()


def test_a_format_without_float_weights_is_not_quantized(toy):
    (toy / "net.toy").write_text("toy\n1 -1 0\n3 2 -4\n")
    with pytest.raises(ModelError, match="Model 'toy': no layer of it has float weights"):
        qhw.quantize(toy / "net.toy", "binary", toy / "out")


def test_a_new_format_says_itself_what_is_wrong_and_is_named_to_others(toy):
    (toy / "net.toy").write_text("toy\n")
    with pytest.raises(ModelError, match=r"net\.toy: it has no rows"):
        load(toy / "net.toy")
    (toy / "net.xyz").write_text("something")
    with pytest.raises(ModelError, match=r"a text file, and qhw reads .*model folder.* or an ONNX "
                                         r"model.* or a toy \(\.toy\)"):
        load(toy / "net.xyz")


def test_content_decides(tmp_path):
    """Not the suffix."""
    model = saved(tmp_path, small())
    for name in ("net", "net.bin", "net.toml"):
        shutil.copy(model, tmp_path / name)
        assert format_of(tmp_path / name).name == "onnx"
        assert load(tmp_path / name).nodes[-1].op.kind == load(model).nodes[-1].op.kind
    shutil.copytree(shipped()["digits-ternary"], tmp_path / "digits")
    for name in ("net.txt", "other.onnx"):
        shutil.copy(tmp_path / "digits/model.toml", tmp_path / "digits" / name)
        assert load(tmp_path / "digits" / name).name == "digits-ternary"
        assert list(contents(tmp_path / "digits" / name)) == ["model.toml", "weights.npz"]


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_broken_file_is_its_format_s(tmp_path, cut):
    """A part of an ONNX model is not recognized, and its suffix says who explains it."""
    path = saved(tmp_path, small())
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ModelError, match=r"\.onnx: it is no ONNX model"):
        load(path)


def test_nobody_else_knows_suffixes():
    root = Path(qhw.__file__).parent
    suffixes = {s for f in formats() for s in f.suffixes} - {"/"}
    for path in root.rglob("*.py"):
        if root / "loaders" not in path.parents:
            words = {n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(
                n, ast.Constant)}
            assert not words & suffixes, path


def test_the_file_that_is_named_is_quantized(tmp_path):
    """Not the one beside it that has the usual name."""
    shutil.copytree(shipped()["digits-float"], tmp_path / "digits")
    text = (tmp_path / "digits/model.toml").read_text()
    assert 'name = "digits-float"' in text
    (tmp_path / "digits/other.txt").write_text(text.replace("digits-float", "other"))
    qhw.quantize(tmp_path / "digits/other.txt", "binary", tmp_path / "out")
    assert load(tmp_path / "out").name == "other"

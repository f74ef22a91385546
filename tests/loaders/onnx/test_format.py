"""Which files are ONNX models: fields of a protocol buffer, by hand."""

import pytest

from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx.format import Onnx
from tests.loaders.onnx.small import outside, saved, small

VERSION, PRODUCER, GRAPH = b"\x08\1", b"\x12\2ab", b"\x3a\2ab"


@pytest.mark.parametrize(("content", "known"), [
    (VERSION + PRODUCER + GRAPH, True), (GRAPH, True), (GRAPH + b"\x42\0", True),
    (b"\x08\xff\xff\1" + GRAPH, True),              # a number of three bytes
    (b"\x3a\x81\0a", True), (b"\xa2\1\1a" + GRAPH, True),           # field 20
    (VERSION + PRODUCER, False), (b"", False),
    (GRAPH + b"\x7a\1a", False), (b"\x7a\1a" + GRAPH, False),       # field 15
    (GRAPH + b"\x0a\1a", False), (b"\x10\1" + GRAPH, False),        # other wire types
    (b"\x3a\3ab", False), (GRAPH + b"\x08", False), (GRAPH + b"\x08\xff", False),
    (b"\x08" + b"\xff" * 10 + b"\1" + GRAPH, False)])
def test_fields(tmp_path, content, known):
    path = tmp_path / "net"
    path.write_bytes(content)
    assert Onnx().recognizes(path, content[:4096]) == known


def test_a_model_is_recognized_and_its_beginning_is_not(tmp_path):
    path = saved(tmp_path, small())
    content = path.read_bytes()
    assert Onnx().recognizes(path, content)
    path.write_bytes(content[:-1])
    assert not Onnx().recognizes(path, content)


def test_contents_need_no_other_file(tmp_path):
    (tmp_path / "data.bin").write_bytes(bytes(32))
    (name, content), = Onnx().contents(saved(tmp_path, outside()[0])).items()
    assert name == "net.onnx" and b"data.bin" not in content


def test_other_protocol_buffers_are_no_onnx_models(tmp_path):
    """Not without a graph, nor with a field that a model does not have."""
    path = tmp_path / "saved_model.pb"
    for content in (VERSION + PRODUCER, GRAPH + b"\x7a\1a", b"\x3a\7ab", b"\x08"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="a file of unknown format"):
            load(path)

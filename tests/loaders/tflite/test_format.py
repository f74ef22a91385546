"""Recognition of TFLite files, and options that they answer themselves."""

import pytest

import qhw
from qhw.errors import ModelError
from qhw.loaders.tflite.format import TFLite

from .networks import Made


@pytest.fixture
def path(tmp_path):
    net = Made()
    x, y = net.tensor((1, 4), scale=0.5), net.tensor((1, 4), scale=0.5, name="scores")
    net.op("RELU", [x], [y])
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    return tmp_path / "n.tflite"


def test_a_file_is_known_by_its_identifier(path):
    """In bytes 4 to 8, behind an offset that may be any."""
    head = path.read_bytes()[:16]
    assert TFLite().recognizes(path, head) and TFLite().recognizes(path, b"\x99" * 4 + head[4:])
    for other in (b"", b"TFL3", head[:7], b"\0" + head, head[:4] + b"TFL2"):
        assert not TFLite().recognizes(path, other)


def test_the_file_is_all_there_is_of_it(path):
    assert TFLite().contents(path) == {"n.tflite": path.read_bytes()}


@pytest.mark.parametrize("ask", [TFLite().load, TFLite().findings, qhw.load])
def test_options_of_the_command_line_that_the_file_answers_are_refused(ask, path):
    for option in ({"input_format": "s8"}, {"input_shape": (4,)}):
        name = next(iter(option)).replace("_", "-")
        with pytest.raises(ModelError, match=f"its input, so --{name} does not apply"):
            ask(path, **option)
    assert qhw.load(path).output.name == "scores_real"

"""The process that computes constants: what it is sent and what it answers, in this process."""

from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from qhw.loaders.onnx import child


def model(op, *constants, **attributes):
    """A node of constants, without inputs."""
    names = [f"c{k}" for k in range(len(constants))]
    graph = helper.make_graph(
        [helper.make_node(op, names, ["y"], **attributes)], "g", [],
        [helper.make_empty_tensor_value_info("y")],
        initializer=[numpy_helper.from_array(np.asarray(c), n)
                     for n, c in zip(names, constants, strict=True)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])


@pytest.mark.parametrize("parts", [(), (b"",), (b"a", b"", b"\0" * 300)])
def test_what_is_sent_is_received(parts):
    stream = BytesIO()
    child.send(stream, *parts)
    child.send(stream, b"next")
    stream.seek(0)
    assert child.receive(stream) == list(parts)
    assert child.receive(stream) == [b"next"]


@pytest.mark.parametrize("cut", [0, 3, 4, 11, 13])
def test_a_stream_that_ends(cut):
    """Nowhere, in the count, before and in the size, in the part."""
    stream = BytesIO()
    child.send(stream, b"ab")
    assert len(stream.getvalue()) == 4 + 8 + 2
    with pytest.raises(EOFError):
        child.receive(BytesIO(stream.getvalue()[:cut]))


def test_outputs_by_onnxs_reference():
    y, = child.run(model("Sub", np.int64([5, 7]), np.int64([2, 9])))
    assert y.tolist() == [3, -2] and y.dtype == np.int64


@pytest.mark.parametrize(("most", "status"), [(2, child.DONE), (1, child.FAILED)])
def test_at_most_so_many_elements_are_answered(most, status):
    found, rest = child._answer(model("Neg", np.int64([5, 7])).SerializeToString(), most)
    assert found == status
    if status == child.DONE:
        assert numpy_helper.to_array(onnx.TensorProto.FromString(rest)).tolist() == [-5, -7]
    else:
        assert rest == b"it makes more than 1 elements"


@pytest.mark.parametrize("text", [
    b"\xff\xff", model("Reshape", np.int64([5, 7]), np.int64([3])).SerializeToString()])
def test_what_fails_is_said(text):
    status, says = child._answer(text, 9)
    assert status == child.FAILED and 0 < len(says) <= 1000


def test_the_child_has_no_imports_of_ours():
    text = Path(child.__file__).read_text(encoding="utf-8")
    assert "from ." not in text and "import qhw" not in text

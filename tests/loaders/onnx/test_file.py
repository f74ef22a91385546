"""Files as they are read."""


import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from qhw import limits
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx import file as onnx_file
from qhw.loaders.onnx.file import read_onnx
from tests.loaders.onnx.small import WEIGHTS, outside, saved, small


def test_a_name_or_a_graph_beyond_the_limits(tmp_path, monkeypatch):
    long = small()
    long.graph.node[0].name = "n" * (limits.NAME + 1)
    with pytest.raises(ModelError, match="characters, more than"):
        load(saved(tmp_path, long))
    monkeypatch.setattr(limits, "NODES", 2)
    with pytest.raises(ModelError, match="3 nodes, more than 2"):
        load(saved(tmp_path, small()))


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


def test_nodes_and_tensors_as_plain_python(tmp_path):
    """A tensor of one element is a number, but for a Constant's; a node without a name has that of
    its first output."""
    nodes = [helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.int64([7]))),
             helper.make_node("Odd", ["x", "", "w"], ["y", "z"], domain="own", a=3, b=.5, c=b"text",
                              d=[1, 2], e=numpy_helper.from_array(np.float32([2.5])))]
    model = small(nodes, shape=(1, "n", 3))
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 2))
    file = read_onnx(saved(tmp_path, model))
    first, odd = file.nodes
    assert (first.name, first.op, first.domain, first.inputs) == ("c", "Constant", "", ())
    assert first("value").tolist() == [7]
    assert (odd.name, odd.domain, odd.inputs, odd.outputs) == (
        "y", "own", ("x", "", "w"), ("y", "z"))
    assert [odd(n) for n in "abcdef"] == [3, .5, "text", [1, 2], 2.5, None]
    assert file.inputs == {"x": (1, 0, 3)} and file.types == {"x": "float32"}
    assert file.opsets == {"": 13, "qonnx.custom_op.general": 1, "ai.onnx.ml": 2}
    assert file.name == "net" and list(file.outputs) == ["y"] and not file.functions
    assert file.constants["w"].tolist() == WEIGHTS.tolist()


def test_onnxs_domain_has_two_names(tmp_path):
    model = small()
    model.opset_import[0].domain = "ai.onnx"
    assert read_onnx(saved(tmp_path, model)).opsets[""] == 13


def test_a_constant_that_is_an_input_too_is_a_constant(tmp_path):
    """As files before IR version 4 have it."""
    model = small()
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, (4, 2)))
    assert list(read_onnx(saved(tmp_path, model)).inputs) == ["x"]


def test_functions_of_the_files_own(tmp_path):
    model = small()
    model.functions.append(helper.make_function(
        "own", "F", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])],
        [helper.make_opsetid("", 13)]))
    assert read_onnx(saved(tmp_path, model)).functions == {("own", "F")}


@pytest.mark.parametrize(("order", "want"), [
    ("abcde", "abcde"), ("edcba", "badce"), ("cabde", "abcde"), ("ebdca", "badce")])
def test_nodes_come_after_their_inputs(tmp_path, order, want):
    """a and b read the input, c reads a, d reads b, e reads c; of one depth they keep their order.
    """
    nodes = {n: helper.make_node("Odd", list(i), [n]) for n, i in
             {"a": "x", "b": "x", "c": "a", "d": "bx", "e": "c"}.items()}
    file = read_onnx(saved(tmp_path, small([nodes[n] for n in order], outputs=("e",))))
    assert "".join(n.name for n in file.nodes) == want


def twice(model):
    model.graph.initializer.append(model.graph.initializer[0])


def attribute_twice(model):
    model.graph.node[0].attribute.append(model.graph.node[0].attribute[0])


def no_tensor(model):
    model.graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = 1


def deep(model):
    model.graph.input[0].type.tensor_type.shape.dim.extend(
        [onnx.TensorShapeProto.Dimension(dim_value=1)] * 15)


def odd_bytes(model):
    model.graph.initializer[0].raw_data = b"12345"


@pytest.mark.parametrize(("change", "says"), [
    (twice, "tensor 's': two constants have this name"),
    (attribute_twice, "node 'qx': attribute [a-z_]+: it is there twice"),
    (no_tensor, "'x' is no tensor"), (deep, "'x' has 17 dimensions, more than 16"),
    (odd_bytes, r"tensor 's': its shape \[\] needs 4 bytes, and it has 5")])
def test_what_is_not_sound(tmp_path, change, says):
    model = small()
    change(model)
    with pytest.raises(ModelError, match=rf"net\.onnx: {says}"):
        read_onnx(saved(tmp_path, model))

"""The state that handlers share: names, channels, and the order of elements."""

from fractions import Fraction

import numpy as np
import pytest
from onnx import helper

import qhw
from qhw import limits
from qhw.errors import ModelError
from qhw.layers import Join, Relu
from qhw.loaders import load
from qhw.loaders.onnx.file import OnnxNode
from qhw.loaders.onnx.reader import InputOrder, rational, safe, standard
from qhw.loaders.onnx.values import Flow, Unsupported
from qhw.ops import Reorder, Take
from tests.loaders.onnx.reading import begun, calculated, placed
from tests.loaders.onnx.small import quant, saved, small


def test_an_order_that_is_not_the_inputs(tmp_path):
    """A transposed tensor behind a layer that keeps its shape is reordered there."""
    model = small([quant("qx", "x", "a"), quant("qw", "k", "wq"),
                   helper.make_node("Conv", ["a", "wq"], ["c"], pads=[1, 1, 1, 1]),
                   quant("qc", "c", "cq"), helper.make_node(
                       "Transpose", ["cq"], ["t"], perm=[0, 1, 3, 2]),
                   helper.make_node("Conv", ["t", "wq"], ["y"])],
                  shape=(1, 2, 4, 4), constants={"k": np.tile(np.array(
                      [[.5, 0, -.5], [1, .5, 0], [0, 0, 1]], np.float32), (2, 2, 1, 1))})
    x = np.random.default_rng(0).integers(-4, 4, (2, 2, 4, 4)) / 2
    found = qhw.simulate(saved(tmp_path, model), x, engine="amaranth", trace=True)
    assert found.matches == 2
    k = np.array([[.5, 0, -.5], [1, .5, 0], [0, 0, 1]])
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))).sum(1)
    c = sum(k[i, j] * padded[:, i:i + 4, j:j + 4] for i in range(3) for j in range(3))
    t = np.clip(np.rint(c * 2), -8, 7).transpose(0, 2, 1)       # in halves; both channels alike
    y = sum(k[i, j] * t[:, i:i + 2, j:j + 2] for i in range(3) for j in range(3))
    assert found.y.tolist() == np.stack([y, y], 1).tolist()


def test_a_number_for_each_of_millions_of_elements(tmp_path):
    """Refused before each becomes a fraction."""
    nodes = [quant("qx", "x", "a"), helper.make_node("Div", ["a", "many"], ["y"], name="div")]
    many = np.linspace(1, 2, 3 << 20, dtype=np.float32).reshape(1, 3, 1024, 1024)
    path = saved(tmp_path, small(nodes, shape=(1, 3, 1024, 1024), constants={"many": many}))
    with pytest.raises(ModelError, match=r"'div' \(Div\): its output would have 3145728 channels"):
        load(path)

@pytest.mark.parametrize(("name", "want"), [
    ("fc1", "fc1"), ("a/b.c", "a_b_c"), ("/conv/", "conv"), ("1x", "t1x"), ("", "t"),
    ("_", "t"), ("a--__b", "a_b"), ("é9", "t9")])
def test_names_of_tensors_as_layers(name, want):
    assert safe(name) == want


@pytest.mark.parametrize(("value", "want"), [
    (3, Fraction(3)), (np.int8(-3), Fraction(-3)), (.25, Fraction(1, 4)),
    (np.float32(.1), Fraction(13421773, 1 << 27)), (np.int64(2**62 + 1), Fraction(2**62 + 1))])
def test_parameters_are_taken_as_they_are_stored(value, want):
    assert rational(value) == want


@pytest.mark.parametrize(("last", "rank", "want"), [
    (True, 3, [[[0, 1]], [[2, 3]]]), (False, 3, [[[0], [2]], [[1], [3]]])])
def test_images_in_onnxs_order(last, rank, want):
    """Two rows of one pixel of two channels."""
    assert standard((2, 1, 2), channels_last=last, rank=rank).tolist() == want


def test_sequences_in_onnxs_order():
    assert standard((1, 3, 2), channels_last=True, rank=2).tolist() == [[0, 1], [2, 3], [4, 5]]
    assert standard((1, 3, 2), channels_last=False, rank=2).tolist() == [[0, 2, 4], [1, 3, 5]]


def node(*inputs):
    return OnnxNode("own", "Odd", "", inputs, ("y",))


def test_inputs_of_a_node():
    reader = begun((4,), one=2.5, row=[1, 2], far=[1, np.inf])
    assert reader.value(node("x", ""), 1) is None is reader.value(node("x"), 1)
    assert reader.flow(node("row", "x"), 1) is reader.values["x"] is reader.real(node("x"))
    assert reader.constant(node("x", "row"), 1).value.tolist() == [1, 2]
    assert reader.number(node("one"), 0) == 2.5 and reader.array(node("row"), 0).tolist() == [1, 2]


@pytest.mark.parametrize(("ask", "name", "says"), [
    ("flow", "row", "its input 0 is a constant or missing, not a layer's output"),
    ("flow", "", "its input 0 is a constant or missing"),
    ("constant", "x", "its input 0 must be a constant"),
    ("number", "row", r"its input 0 must be one number, and has shape \(2,\)"),
    ("number", "none", r"one number, and has shape \(0,\)"),
    ("array", "far", "its input 'far' has inf, which is not finite"),
    ("real", "halves", "it computes with codes that have a scale")])
def test_inputs_that_are_refused(ask, name, says):
    reader = begun((4,), row=[1, 2], far=[1, np.inf], none=np.zeros(0))
    reader.values["halves"] = placed(reader, [0], codes=(Fraction(1, 2), Fraction(0)))
    reader.values["ones"] = placed(reader, [0], codes=(Fraction(1), Fraction(0)))
    assert reader.real(node("ones")).codes == (1, 0)
    with pytest.raises(Unsupported, match=says):
        getattr(reader, ask)(node(name), *([] if ask in ("flow", "real") else [0]))


@pytest.mark.parametrize(("axis", "batch", "want"), [
    (1, True, 0), (3, True, 2), (-1, True, 2), (-3, True, 0), (0, False, 0), (-1, False, 2)])
def test_axes(axis, batch, want):
    reader = begun((2, 3, 4))
    reader.batch = batch
    assert reader.axis(axis, reader.values["x"]) == want


@pytest.mark.parametrize(("axis", "says"), [
    (0, r"works across samples \(axis 0\)"), (-4, "works across samples"),
    (4, "there is no axis 4 in 4 dimensions"), (-5, "there is no axis -5 in 4 dimensions")])
def test_axes_that_are_refused(axis, says):
    reader = begun((2, 3, 4))
    with pytest.raises(Unsupported, match=says):
        reader.axis(axis, reader.values["x"])


def test_layers_are_called_after_their_tensor():
    reader = begun((4,))
    assert [reader.add(Relu(), "x") for _ in range(3)] == ["y", "y_2", "y_3"]
    assert reader.add(Relu(), "y", name="a.b") == "a_b" and reader.unique("y_2") == "y_2_2"
    assert reader.tensors["a_b"].shape == (4,) and reader.by_name["y_2"].inputs == ("x",)


@pytest.mark.parametrize(("limit", "says"), [
    ("LAYER_ELEMENTS", "12 elements, more than 11"), ("CHANNELS", "12 channels, more than 11")])
def test_outputs_beyond_the_limits(monkeypatch, limit, says):
    reader = begun((12,))
    monkeypatch.setattr(limits, limit, 12)
    reader.add(Relu(), "x")
    monkeypatch.setattr(limits, limit, 11)
    with pytest.raises(Unsupported, match=says):
        reader.add(Relu(), "x")


def test_one_number_a_channel_or_one_an_element():
    """Of two channels in two rows: alike in all rows, or else the image becomes a vector."""
    reader = begun((2, 2, 1))
    flow, (each, one) = reader.channelwise(
        reader.values["x"], np.array([[[5]], [[6]]]), np.array([[[[7]]]]))
    assert (flow.node, each.tolist(), one.tolist()) == ("x", [5, 6], [7, 7])
    flow, (each,) = reader.channelwise(reader.values["x"], np.array([[[1], [2]], [[3], [4]]]))
    assert reader.tensors[flow.node].shape == (4,) and each.tolist() == [1, 3, 2, 4]


def test_parameters_that_do_not_fit():
    reader = begun((2, 2, 1))
    with pytest.raises(Unsupported, match=r"of shape \(3,\) does not fit the tensor's \(2, 2, 1\)"):
        reader.channelwise(reader.values["x"], np.zeros(3))


def test_parts_are_read_alone():
    """Elements of a vector, some rows of an image, and one that is there twice."""
    reader = begun((2, 2, 1))
    x = np.array([[[[1, 5]], [[2, 6]]]])
    flow = reader.packed(placed(reader, [0, 2]))
    assert calculated(reader, flow, x).tolist() == [[1, 2]] and flow.places.tolist() == [0, 1]
    flow = reader.packed(placed(reader, [[[2]], [[3]]]))
    assert evaluated(reader, flow, x) == [[[[2, 6]]]] and flow.places.tolist() == [[[0]], [[1]]]
    flow, places = reader.vector(placed(reader, [0, 0, 1, 1]))
    assert evaluated(reader, flow, x) == [[1, 1, 5, 5]] and places.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("slope", "offset", "whole"), [
    (2., 3., True), (.5, 3., False), (2., .5, False)])
def test_lines_are_exact_and_of_whole_numbers_if_all_are(slope, offset, whole):
    reader = begun((2,))
    flow = reader.affine(placed(reader, [0, 1], whole=True), np.array([slope]), np.array([offset]))
    assert flow.whole == whole
    assert calculated(reader, flow, np.array([[3, -1]])).tolist() == [
        [3 * slope + offset, -slope + offset]]
    assert not reader.affine(reader.values["x"], np.ones(1), np.ones(1)).whole


def test_neighbouring_channels_are_a_layer_of_their_own():
    """Of four in two pixels: the second and third, also in another order, and what is no part."""
    reader = begun((4, 2, 1))
    part = reader.whole(placed(reader, [[1, 5], [2, 6]]))
    assert reader.by_name[part.node].op == Take(1, 2) and part.places.tolist() == [[0, 2], [1, 3]]
    assert reader.whole(placed(reader, [6, 2, 5, 1])).places.tolist() == [3, 1, 2, 0]
    for places in ([0, 2, 4, 6], [1, 2], [1, 5, 3, 7]):
        assert reader.whole(placed(reader, places)).node == "x"


def test_vectors():
    reader = begun((2, 2, 1))
    flow, places = reader.vector(placed(reader, [3, 1, 0, 2]))
    assert reader.tensors[flow.node].shape == (4,) and places.tolist() == [3, 1, 0, 2]
    with pytest.raises(Unsupported, match="it needs a vector, and its input has shape"):
        reader.vector(placed(reader, [[0, 1], [2, 3]]))


def test_images_and_sequences():
    reader = begun((3, 2, 2))
    assert reader.image(reader.values["x"], channels_last=False).node == "x"
    reader = begun((6, 4))
    made = reader.image(reader.values["x"], channels_last=True)
    assert reader.tensors[made.node].shape == (1, 6, 4)
    with pytest.raises(Unsupported, match=r"image or a sequence, and its input has shape \(4,\)"):
        reader.image(begun((4,)).values["x"], channels_last=True)


def test_the_input_comes_in_the_order_that_is_wanted():
    """Through layers that keep elements where they are; the order that it has counts too."""
    reader = begun((2, 3))
    kept = reader.each(Relu(), placed(reader, [[0, 1, 2], [3, 4, 5]]))
    with pytest.raises(InputOrder) as wanted:
        reader.image(kept, channels_last=False)
    assert wanted.value.order.tolist() == [0, 3, 1, 4, 2, 5] and wanted.value.shape == (1, 3, 2)


def test_an_input_that_is_read_in_two_orders():
    """Only one of them is the input's; the other is made in hardware."""
    reader = begun((2, 3))
    reader.movable = False
    flow = reader.image(reader.values["x"], channels_last=False)
    assert isinstance(reader.by_name[reader.by_name[flow.node].inputs[0]].op, Reorder) or (
        isinstance(reader.by_name[flow.node].op, Reorder))


def test_other_layers_are_reordered():
    """A transposed matrix behind a join, which is no input."""
    reader = begun((2, 3))
    made = reader.add(Join(), "x", "x")
    flow = Flow(made, np.arange(12).reshape(2, 6).T)
    found = reader.rows(flow)
    assert isinstance(reader.by_name[found.node].op, Reorder)
    x = np.array([[[1, 2, 3], [4, 5, 6]]])
    assert evaluated(reader, found, x) == [[[1, 4], [2, 5], [3, 6]] * 2]
    swapped = reader.rows(Flow(made, np.array([[0, 1, 3, 2], [4, 5, 6, 7], [8, 9, 10, 11]])))
    assert evaluated(reader, swapped, x) == [[[1, 2, 1, 3], [2, 3, 4, 5], [6, 4, 5, 6]]]
    part = reader.rows(Flow(made, np.array([[7, 8], [9, 10]])))
    assert evaluated(reader, part, x) == [[[5, 6], [4, 5]]]
    back = reader.rows(Flow(made, np.array([[4, 3], [2, 1]])))
    assert evaluated(reader, back, x) == [[[2, 1], [3, 2]]]


def test_an_order_without_loops_is_refused():
    """5003 is prime, and too many for a table."""
    reader = begun((5003,))
    reader.movable = False
    places = np.random.default_rng(0).permutation(5003)
    with pytest.raises(Unsupported, match="an order that cannot be streamed"):
        reader.rows(Flow("x", places))


def evaluated(reader, flow, x):
    """All of our layer's elements, in our order."""
    shape = reader.tensors[flow.node].shape
    places = np.arange(int(np.prod(shape))).reshape(shape)
    return calculated(reader, Flow(flow.node, places), x).tolist()


def test_elements_where_anothers_are():
    reader = begun((2, 2))
    made = reader.add(Join(), "x", "x")                     # 0 1 0 1 / 2 3 2 3
    other = Flow(made, np.arange(8).reshape(2, 4).T)
    flow = reader.like(Flow(made, np.arange(8).reshape(4, 2)), other)
    x = np.array([[[10, 11], [12, 13]]])
    assert evaluated(reader, flow, x) == [[[10, 10, 12, 12], [11, 11, 13, 13]]]

"""Whole graphs by hand, and what is said of each node."""

import numpy as np
import onnx
import pytest
from onnx import helper

import qhw
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx.graph import inspect_onnx, places
from qhw.loaders.onnx.reference import runner
from qhw.lower import lower
from qhw.simulators.golden import evaluate, golden, host
from tests.loaders.onnx.small import conv, quant, saved, small


def test_by_hand(tmp_path):
    """x = (1, .26, -9, 9) is (2, 1, -8, 7) halves; ties go to even; weights are halves too."""
    found = qhw.simulate(saved(tmp_path, small()), np.array([[1., .26, -9, 9]]), trace=True)
    assert found.trace["y"].tolist() == [[2 * 1 + 1 * 2 + 0 + 7 * 6, -2 * 2 + 4 + 8 + 7 * 1]]
    assert found.y.tolist() == [[(2 + 2 + 42) / 4, (-4 + 4 + 8 + 7) / 4]]


def test_inspect_tells_all_at_once(tmp_path):
    nodes = [quant("qx", "x", "a"), helper.make_node("Einsum", ["a"], ["m"], name="odd"),
             helper.make_node("Relu", ["m"], ["n"], name="after"),
             helper.make_node("MatMul", ["a", "w"], ["y"], name="mm")]
    model = small(nodes, constants={"w": np.full((4, 2), .3, np.float32)})
    found = {f.node.name: f for f in inspect_onnx(saved(tmp_path, model))}
    assert found["odd"].reason == "operator Einsum is not supported"
    assert found["after"].help == "needs odd" and not found["after"].reason
    assert found["mm"].became == "float dense" and not found["mm"].reason
    assert found["qx"].became == "quantize" and found["qx"].format == "-8..7, scale 0.5"
    with pytest.raises(ModelError, match=r"node 'odd' \(Einsum\): operator Einsum is not sup"):
        load(saved(tmp_path, model))


def test_outputs_in_the_order_of_the_file(tmp_path):
    """An image comes out channels first, as it went in."""
    model = conv(w=(3, 1, 1, 1), shape=(1, 1, 2, 3))
    x = np.arange(6.).reshape(1, 1, 2, 3) / 2
    lowered = lower(load(saved(tmp_path, model)))
    y = host(lowered, golden(lowered, x)[lowered.hardware.output.name])
    assert y.tolist() == (np.ones((1, 3, 1, 1)) * x).tolist()


def annotated(model, **types):
    for name, key in types.items():
        model.graph.quantization_annotation.add(tensor_name=name).quant_parameter_tensor_names.add(
            key="finn_datatype", value=key)
    return model


def test_the_file_names_the_type_of_its_input(tmp_path):
    """255 / 2 + 3 * 7, and -255 - 1 / 2 + 7 / 2; --input-format goes first."""
    nodes = [quant("qw", "w", "wq"), helper.make_node("MatMul", ["x", "wq"], ["y"])]
    path = saved(tmp_path, annotated(small(nodes), x="UINT8", y="INT32"))
    assert str(load(path).tensors["x"].codes) == "0..255"
    assert str(load(path, "s4").tensors["x"].codes) == "-8..7"
    run = qhw.simulate(load(path), np.array([[255., 0, 1, 7]]), engine="amaranth")
    assert run.matches == 1 and run.y.tolist() == [[148.5, -252]]


def test_a_quantizer_at_the_input_makes_its_codes(tmp_path):
    assert load(saved(tmp_path, annotated(small(), x="UINT8"))).tensors["x"].codes is None


def test_a_node_without_output(tmp_path):
    model = small()
    model.graph.node.insert(0, helper.make_node("Neg", ["w"], [], name="odd"))
    with pytest.raises(ModelError, match=r"node 'odd' \(Neg\): it has no output"):
        load(saved(tmp_path, model))


def test_constants_without_elements(tmp_path):
    """They are none of the network's, and said so without a traceback."""
    nodes = [quant("qx", "x", "a"), quant("qw", "w", "wq"), quant("qe", "empty", "e"),
             helper.make_node("MatMul", ["a", "wq"], ["y"], name="mm")]
    path = saved(tmp_path, small(nodes, constants={"empty": np.zeros((0, 2), np.float32)}))
    assert {f.node.name: f.became for f in inspect_onnx(path)}["qe"] == "a constant"


def test_scales_beyond_floating_point(tmp_path):
    nodes = [quant("qx", "x", "a"), quant("qw", "w", "wq"),
             helper.make_node("MatMul", ["a", "wq"], ["t0"], name="mm"),
             *(helper.make_node("Mul", [f"t{k}", "huge"], [f"t{k + 1}" if k < 9 else "y"])
               for k in range(10))]
    path = saved(tmp_path, small(nodes, constants={"huge": np.float32(1e38)}))
    with pytest.raises(ModelError, match="exceed floating point"):
        qhw.simulate(path, np.ones((1, 4)))


def several(*nodes, constants=None, **how):
    """A model of two inputs, each quantized."""
    return small([quant("qx", "x", "a"), quant("qz", "z", "b"), *nodes], inputs=("x", "z"),
                 constants=constants, **how)


def test_several_inputs_are_one_beside_the_other(tmp_path):
    """Images of two channels; of the second input each channel is subtracted from the first's."""
    path = saved(tmp_path, several(helper.make_node("Sub", ["a", "b"], ["y"]), shape=(1, 2, 1, 2)))
    x = np.arange(8.)[None]     # channels first: 0 1 / 2 3 and 4 5 / 6 7, of which 4 are clipped
    assert load(path).nodes[0].name == "inputs"
    assert evaluate(load(path), x / 2)["y_out"].tolist() == [[[[-2, -2]], [[-2, -2]]]]


def test_a_part_without_elements_is_refused_where_it_is_cut(tmp_path):
    nodes = [quant("qx", "x", "a"), helper.make_node(
        "Slice", ["a", "two", "two", "one"], ["y"], name="nothing")]
    model = small(nodes, constants={"two": np.array([2]), "one": np.array([1])})
    with pytest.raises(ModelError, match=r"'nothing' \(Slice\): its result has no elements"):
        load(saved(tmp_path, model))


def test_inputs_of_other_sizes_are_refused(tmp_path):
    model = several(helper.make_node("Add", ["a", "b"], ["y"]), shape=(1, 2, 3, 3))
    model.graph.input[1].type.tensor_type.shape.dim[2].dim_value = 4
    with pytest.raises(ModelError, match="inputs 'x', 'z' have different shapes, which one stream"):
        load(saved(tmp_path, model))


@pytest.mark.parametrize(("shape", "says"), [
    ((), r"has the shape \[\]; all but the batch must be fixed"), ((1, "n"), "all but the batch"),
    ((1, 0), "all but the batch"), ((1, 1 << 23), None), ((1, (1 << 23) + 1), "is too large")])
def test_shapes_of_inputs(tmp_path, shape, says):
    path = saved(tmp_path, small([helper.make_node("Relu", ["x"], ["y"])], shape=shape))
    message = says or "channels, more than"
    with pytest.raises(ModelError, match=rf"input 'x'.*{message}"):
        load(path)


@pytest.mark.parametrize(("shape", "want"), [
    ((1, 3), (3,)), (("n", 3), (3,)), ((2, 3), (2, 3)), ((3,), (3,)), ((1, 2, 3, 4), (3, 4, 2))])
def test_one_or_no_sample_is_a_batch(tmp_path, shape, want):
    path = saved(tmp_path, small([quant("q", "x", "y")], shape=shape))
    assert load(path).tensors["x"].shape == want


def test_a_shape_that_is_given(tmp_path):
    path = saved(tmp_path, small([quant("q", "x", "y")], shape=(1, "n")))
    assert load(path, None, (5,)).tensors["x"].shape == (5,)
    path = saved(tmp_path, several(helper.make_node("Add", ["a", "b"], ["y"])))
    with pytest.raises(ModelError, match="it has 2 inputs, and one shape was given"):
        load(path, None, (5,))


def test_where_each_tensor_is(tmp_path):
    nodes = [quant("q", "x", "a"), helper.make_node("Transpose", ["a"], ["t"], perm=[0, 2, 1])]
    found = places(saved(tmp_path, small(nodes, shape=(1, 2, 3), outputs=("t",))))
    assert list(found) == ["x", "a", "t"] and found["t"].node == "a"
    assert found["a"].places.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["t"].places.tolist() == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize(("attribute", "value", "want"), [
    ("value_float", 1.5, [1.5] * 4), ("value_int", 2, [2] * 4),
    ("value_floats", [0., .5, 1, 2], [0, .5, 1, 2]), ("value_ints", [1, 2, 3, 4], [1, 2, 3, 4])])
def test_constants_of_every_kind(tmp_path, attribute, value, want):
    nodes = [quant("q", "x", "a"), helper.make_node("Constant", [], ["c"], **{attribute: value}),
             helper.make_node("Add", ["a", "c"], ["y"])]
    graph = load(saved(tmp_path, small(nodes)))
    assert evaluate(graph, np.zeros((1, 4)))["y"].tolist() == [want]


def test_outputs_follow_each_other(tmp_path):
    """Of several layers, or parts of one."""
    nodes = [quant("q", "x", "a"), helper.make_node("Relu", ["a"], ["b"])]
    graph = load(saved(tmp_path, small(nodes, outputs=("b", "a"))))
    x = np.array([[.5, 1, -1, 2]])
    assert evaluate(graph, x)[graph.output.name].tolist() == [[.5, 1, 0, 2, .5, 1, -1, 2]]
    graph = load(saved(tmp_path, small([*nodes, helper.make_node(
        "Split", ["b"], ["c", "d"], axis=1)], outputs=("d", "c"))))
    x = np.array([[.5, 1, -1, 2]])
    assert evaluate(graph, x)[graph.output.name].tolist() == [[0, 2, .5, 1]]


def test_an_output_of_codes_is_the_codes(tmp_path):
    """Steps of 1/2 around 3: those of 1 and -2 are 5 and -1."""
    node = helper.make_node("QuantizeLinear", ["x", "s", "three"], ["y"])
    graph = load(saved(tmp_path, small([node], constants={"three": np.int8(3)}, shape=(1, 2))))
    assert evaluate(graph, np.array([[1., -2]]))[graph.output.name].tolist() == [[5, -1]]


def test_what_nothing_reads_is_left_out(tmp_path):
    nodes = [quant("q", "x", "y"), helper.make_node("Relu", ["y"], ["b"])]
    assert [n.name for n in load(saved(tmp_path, small(nodes))).nodes] == ["x", "y"]


def batched(samples, behind=(), shape=None):
    """A convolution of so many samples, and nodes behind it."""
    model = conv(shape=(samples, 1, 5, 5))
    model.graph.node[-1].output[0] = "c"
    model.graph.node.extend([*behind, helper.make_node("Flatten" if shape is None else "Reshape", [
        "c", *([] if shape is None else ["shape"])], ["y"], name="end")])
    if shape is not None:
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(shape), "shape"))
    return model


@pytest.mark.parametrize("shape", [None, (4, 18), (4, -1), (-1, 18), (4, 2, 9), (0, -1)])
def test_a_batch_of_samples_is_one_sample_after_another(tmp_path, shape):
    """What the runtime makes of four samples is what we make of each."""
    path = saved(tmp_path, batched(4, shape=shape))
    x = np.random.default_rng(0).integers(-8, 8, (4, 1, 5, 5)) / 2
    y = qhw.simulate(path, x).y.reshape(4, -1)
    _, run = runner(path, (1, 5, 5))
    assert np.array_equal(y, run(x))


@pytest.mark.parametrize("shape", [(72,), (2, 36), (8, 9), (4, 17)])
def test_a_batch_that_matters_is_named(tmp_path, shape):
    with pytest.raises(ModelError, match=r"node 'end' \(Reshape\): .*its input has a batch of 4: "
                                         r"export the file with a batch of 1"):
        qhw.load(saved(tmp_path, batched(4, shape=shape)))


def test_rows_without_a_batch_stay_rows(tmp_path):
    """A product reads them as they are."""
    assert qhw.load(saved(tmp_path, small(shape=(3, 4)))).nodes[0].op.given == (3, 4)

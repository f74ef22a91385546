"""ONNX files by hand, and files that are wrong: one line that says what and where."""

import zipfile
from fractions import Fraction

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import qhw
from qhw import limits
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders import load
from qhw.loaders.onnx.graph import inspect_onnx
from qhw.loaders.onnx.input_format import parse_format
from qhw.lower import lower
from qhw.simulators.golden import golden, host
from qhw.verbs import read_input

DOMAIN = "qonnx.custom_op.general"


def quant(name, x, out, *, scale="s", bits="b4", **more):
    return helper.make_node("Quant", [x, scale, "zero", bits], [out], name=name, domain=DOMAIN,
                            **{"signed": 1, "narrow": 0, "rounding_mode": "ROUND", **more})


def small(nodes=None, *, shape=(1, 4), constants=None, inputs=("x",), outputs=("y",)):
    """x -> Quant -> MatMul with quantized weights, or other nodes."""
    known = {"s": np.float32(.5), "zero": np.float32(0), "b4": np.float32(4),
             "w": np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]], np.float32),
             **(constants or {})}
    nodes = nodes or [quant("qx", "x", "a"), quant("qw", "w", "wq"),
                      helper.make_node("MatMul", ["a", "wq"], ["y"], name="mm")]
    graph = helper.make_graph(
        nodes, "small",
        [helper.make_tensor_value_info(i, TensorProto.FLOAT, shape) for i in inputs],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
        initializer=[numpy_helper.from_array(np.asarray(v), k) for k, v in known.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13),
                                                   helper.make_opsetid(DOMAIN, 1)], ir_version=9)


def saved(tmp_path, model):
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString() if isinstance(model, onnx.ModelProto) else model)
    return path


def test_by_hand(tmp_path):
    """x = (1, .26, -9, 9) is (2, 1, -8, 7) halves; ties go to even; weights are halves too."""
    found = qhw.simulate(saved(tmp_path, small()), np.array([[1., .26, -9, 9]]), trace=True)
    assert found.trace["y"].tolist() == [[2 * 1 + 1 * 2 + 0 + 7 * 6, -2 * 2 + 4 + 8 + 7 * 1]]
    assert found.y.tolist() == [[(2 + 2 + 42) / 4, (-4 + 4 + 8 + 7) / 4]]


@pytest.mark.parametrize(("domain", "attributes"), [
    ("onnx.brevitas", {"signed": 1, "narrow": 1, "rounding_mode": "round"}), ("", {}),
    ("finn.custom_op.general", {"signed": 1, "narrow": 1}),
    ("qonnx.custom_op.general", {"signed": 1, "narrow": 1, "rounding_mode": "ROUND"})])
def test_quant_in_every_domain(tmp_path, domain, attributes):
    node = helper.make_node("Quant", ["x", "s", "zero", "b4"], ["a"], domain=domain, **attributes)
    more = helper.make_node("MatMul", ["a", "eye"], ["y"])
    model = small([node, more], constants={"eye": np.eye(4, dtype=np.float32)})
    found = qhw.simulate(saved(tmp_path, model), np.array([[.25, .75, -99, 99]]))
    low = -7 if attributes.get("narrow") else -8
    assert found.y.tolist() == [[0, 1, low / 2, 3.5]]


@pytest.mark.parametrize(("mode", "want"), [
    ("ROUND", [-2, -2, 0, 0, 2, 2]), ("CEIL", [-2, -1, 0, 1, 2, 3]),
    ("FLOOR", [-3, -2, -1, 0, 1, 2]), ("UP", [-3, -2, -1, 1, 2, 3]), ("DOWN", [-2, -1, 0, 0, 1, 2]),
    ("HALF_UP", [-3, -2, -1, 1, 2, 3]), ("half_down", [-2, -1, 0, 0, 1, 2])])
def test_rounding_modes_on_ties(tmp_path, mode, want):
    """In the host's quantizer and as thresholds behind a product: both are the same integers."""
    x = np.array([-2.5, -1.5, -.5, .5, 1.5, 2.5])
    eye = np.eye(6, dtype=np.float32)
    nodes = [quant("qx", "x", "a", scale="half", bits="b8"), quant("qw", "eye", "wq", scale="one"),
             helper.make_node("MatMul", ["a", "wq"], ["m"]),
             quant("qy", "m", "y", scale="one", rounding_mode=mode)]
    more = {"half": np.float32(.5), "one": np.float32(1), "b8": np.float32(8), "eye": eye}
    found = qhw.simulate(saved(tmp_path, small(nodes, shape=(1, 6), constants=more)), x[None])
    assert found.y[0].tolist() == want
    nodes = [quant("q", "x", "a", scale="one", rounding_mode=mode),
             helper.make_node("MatMul", ["a", "eye"], ["y"])]
    found = qhw.simulate(saved(tmp_path, small(nodes, shape=(1, 6), constants=more)), x[None])
    assert found.y[0].tolist() == want


def test_multi_threshold(tmp_path):
    node = helper.make_node("MultiThreshold", ["a", "t"], ["y"], domain=DOMAIN, out_scale=2.0,
                            out_bias=-1.0)
    model = small([quant("qx", "x", "a"), node],
                  constants={"t": np.array([[-1, 0, .5]], np.float32)})
    found = qhw.simulate(saved(tmp_path, model), np.array([[-2., -1, 0, 3]]))
    assert found.y.tolist() == [[-1, 1, 3, 5]]


def test_scales_of_channels(tmp_path):
    """An activation whose channels have scales of their own, then a layer that adds them up."""
    model = small([quant("qx", "x", "a", scale="each"), quant("qw", "w", "wq"),
                   helper.make_node("MatMul", ["a", "wq"], ["y"])],
                  constants={"each": np.array([[.5, .25, 1, .5]], np.float32)})
    x = np.array([[1., .5, -3, 2]])
    w = np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]])
    assert qhw.simulate(saved(tmp_path, model), x, engine="amaranth").y.tolist() == (x @ w).tolist()


def test_a_sigmoid_is_a_table(tmp_path):
    nodes = [quant("qx", "x", "a"), helper.make_node("Sigmoid", ["a"], ["m"]),
             quant("qy", "m", "y", scale="sixteenth", signed=0)]
    model = small(nodes, constants={"sixteenth": np.float32(1 / 16)})
    x = np.array([[-4., -.5, 0, 3.5]])
    want = np.minimum(np.rint(16 / (1 + np.exp(-x))), 15) / 16
    assert qhw.simulate(saved(tmp_path, model), x, engine="amaranth").y.tolist() == want.tolist()


def test_a_cast_rounds_towards_zero(tmp_path):
    """Sums become integers, times 3, divided by 2 as integers are."""
    nodes = [quant("qx", "x", "a"), quant("qw", "w", "wq"),
             helper.make_node("MatMul", ["a", "wq"], ["m"]),
             helper.make_node("Cast", ["m"], ["i"], to=TensorProto.INT64),
             helper.make_node("Mul", ["i", "three"], ["n"]),
             helper.make_node("Div", ["n", "two"], ["d"]),
             helper.make_node("Cast", ["d"], ["f"], to=TensorProto.FLOAT),
             helper.make_node("Clip", ["f", "lo", "hi"], ["y"])]
    model = small(nodes, constants={"three": np.int64(3), "two": np.int64(2),
                                    "lo": np.float32(-5), "hi": np.float32(5)})
    x = np.array([[1., .5, -3, 2], [-4, 0, 1, -.5], [0, -1.5, 0, 0], [3.5, 3.5, 3.5, 3.5]])
    sums = x @ np.array([[.5, -1], [1, 2], [0, -.5], [3, .5]])
    want = np.clip(np.trunc(np.trunc(sums) * 3 / 2), -5, 5)
    assert sums.tolist() == [[7, 2.5], [-3.5, 3.25], [-1.5, -3], [15.75, 3.5]]
    assert want.tolist() == [[5, 3], [-4, 4], [-1, -4], [5, 4]]
    assert qhw.simulate(saved(tmp_path, model), x, engine="amaranth").y.tolist() == want.tolist()


@pytest.mark.parametrize(("coordinates", "nearest", "right"), [
    ("asymmetric", "floor", True), ("half_pixel", "round_prefer_floor", True),
    ("half_pixel", "floor", False), ("asymmetric", "round_prefer_floor", False),
    ("align_corners", "round_prefer_floor", False)])
def test_enlarging(tmp_path, coordinates, nearest, right):
    """What repeats pixels is what ONNX's reference makes of it; the rest is refused."""
    node = helper.make_node("Resize", ["a", "", "f"], ["y"], mode="nearest",
                            coordinate_transformation_mode=coordinates, nearest_mode=nearest)
    model = small([quant("qx", "x", "a"), node], shape=(1, 1, 3, 2),
                  constants={"f": np.array([1, 1, 2, 3], np.float32)})
    x = np.arange(-3., 3).reshape(1, 1, 3, 2)
    if not right:
        with pytest.raises(ModelError, match=f"{coordinates} with nearest_mode {nearest}"):
            load(saved(tmp_path, model))
        return
    alone = helper.make_model(helper.make_graph(
        [node], "r", [helper.make_tensor_value_info("a", TensorProto.FLOAT, (1, 1, 3, 2))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializer=[numpy_helper.from_array(np.array([1, 1, 2, 3], np.float32), "f")]),
        opset_imports=[helper.make_opsetid("", 13)])
    want, = ReferenceEvaluator(alone).run(None, {"a": x.astype(np.float32)})
    found = qhw.simulate(saved(tmp_path, model), x, engine="amaranth")
    assert found.y.tolist() == want.tolist()


def test_slopes_are_broadcast_as_onnx_says(tmp_path):
    """Three slopes belong to the last of the dimensions, not to the channels."""
    nodes = [quant("qx", "x", "a"), helper.make_node("PRelu", ["a", "slopes"], ["m"]),
             quant("qy", "m", "y", bits="b8")]
    model = small(nodes, shape=(1, 3, 1, 3), constants={
        "slopes": np.array([.5, 1, 2], np.float32), "b8": np.float32(8)})
    x = np.full((1, 3, 1, 3), -2.)
    found = qhw.simulate(saved(tmp_path, model), x, engine="amaranth")
    assert found.y.tolist() == [[[[-1, -2, -4]]] * 3]


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


def test_inspect_tells_all_at_once(tmp_path):
    nodes = [quant("qx", "x", "a"), helper.make_node("Einsum", ["a"], ["m"], name="odd"),
             helper.make_node("Relu", ["m"], ["n"], name="after"),
             helper.make_node("MatMul", ["a", "w"], ["y"], name="mm")]
    model = small(nodes, constants={"w": np.full((4, 2), .3, np.float32)})
    found = {f.node.name: f for f in inspect_onnx(saved(tmp_path, model))}
    assert found["odd"].reason == "operator Einsum is not supported"
    assert found["after"].help == "needs odd" and not found["after"].reason
    assert found["mm"].reason == "its weights are not quantized" and "Quant" in found["mm"].help
    assert found["qx"].became == "quantize" and found["qx"].format == "-8..7, scale 0.5"
    with pytest.raises(ModelError, match=r"node 'odd' \(Einsum\): .* \(1 more: qhw inspect"):
        load(saved(tmp_path, model))


@pytest.mark.parametrize(("text", "interval", "scale", "zero"), [
    ("u8", Int(0, 255), 1, 0), ("u16", Int(0, 65535), 1, 0), ("s1", Int(-1, 0), 1, 0),
    ("s4:scale=1/3", Int(-8, 7), Fraction(1, 3), 0),
    ("0..16:zero=3,scale=0.25", Int(0, 16), Fraction(1, 4), 3)])
def test_input_formats(text, interval, scale, zero):
    found = parse_format(text)
    assert (found.codes, found.scale, found.zero) == (interval, scale, zero)


@pytest.mark.parametrize("text", ["u0", "u17", "s17", "x8", "u8:scale=0", "u8:step=1", "5..2",
                                  "s8:scale=1/0", "s8:scale=1e999999999", "u8:zero=1e999999999"])
def test_wrong_input_formats(text):
    with pytest.raises(ModelError, match=f"Input format '{text}'"):
        parse_format(text)


def replaced(node, **attributes):
    made = onnx.NodeProto()
    made.CopyFrom(node)
    del made.attribute[:]
    made.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
    return made


def cyclic():
    return small([helper.make_node("Relu", ["b"], ["y"], name="r1"),
                  helper.make_node("Relu", ["y"], ["b"], name="r2")])


def graph_with(**constants):
    return small(constants=constants)


def weight_tensor(change):
    model = small()
    change(next(t for t in model.graph.initializer if t.name == "w"))
    return model


def conv(w=(2, 1, 3, 3), shape=(1, 1, 5, 5), **attributes):
    return small([quant("qx", "x", "a"), quant("qw", "k", "wq"),
                  helper.make_node("Conv", ["a", "wq"], ["y"], name="conv", **attributes)],
                 shape=shape, constants={"k": np.ones(w, np.float32)})


def far_away():
    model = small()
    tensor = next(t for t in model.graph.initializer if t.name == "w")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.ClearField("raw_data")
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return model


def missing_data():
    model = far_away()
    next(t for t in model.graph.initializer if t.name == "w").external_data[0].value = "w.bin"
    return model


def huge(tensor):
    tensor.dims[:] = [1 << 30, 1 << 30]


def shortened(tensor):
    tensor.dims[:] = [400, 2]


def negative_dims(tensor):
    tensor.dims[:] = [-4, 2]


def odd_type(tensor):
    tensor.data_type = 99


MALFORMED = {
    "empty": (b"", "this is an empty file, and qhw reads"),
    "no nodes": (helper.make_model(helper.make_graph([], "none", [], [])),
                 "its graph has no nodes"),
    "noise": (bytes(range(256)) * 8, "it is no ONNX model"),
    "truncated": (small().SerializeToString()[:-60], "net.onnx: "),
    "text": (b"hello, this is not a model\n", "this is a text file, and qhw reads"),
    "cyclic": (cyclic(), "node 'r1': it depends on itself"),
    "missing initializer": (small([helper.make_node("MatMul", ["x", "nowhere"], ["y"], name="mm")]),
                            "node 'mm': nothing makes its input 'nowhere'"),
    "made twice": (small([quant("q1", "x", "y"), quant("q2", "x", "y")]), "'y' is made twice"),
    "unknown operator": (small([helper.make_node("Wavelet", ["x"], ["y"], name="wave")]),
                         r"node 'wave' \(Wavelet\): operator Wavelet is not supported"),
    "unknown domain": (small([helper.make_node("Conf", ["x"], ["y"], name="c", domain="acme")]),
                       "operator Conf of domain acme is not supported"),
    "NaN scale": (graph_with(s=np.float32("nan")), r"node 'qx' \(Quant\): .*nan"),
    "infinite scale": (graph_with(s=np.float32("inf")), "has inf, which is not finite"),
    "negative scale": (graph_with(s=np.float32(-1)), "its scale -1.0 is not positive"),
    "zero scale": (graph_with(s=np.float32(0)), "its scale 0.0 is not positive"),
    "NaN weights": (graph_with(w=np.full((4, 2), np.nan, np.float32)),
                    "'w' has nan, which is not finite"),
    "fractional bits": (graph_with(b4=np.float32(2.5)), "a bit width of 2.5 is not supported"),
    "too many bits": (graph_with(b4=np.float32(64)), "a bit width of 64 is not supported"),
    "zero point": (graph_with(zero=np.float32(.25)), "zero point must be one whole number"),
    "wrong rank": (graph_with(w=np.ones((4, 2, 1), np.float32)), "have 3 dimensions, not 2"),
    "shapes that do not fit": (graph_with(w=np.ones((5, 2), np.float32)),
                               "its weights are for 5 inputs, and there are 4"),
    "scale that does not fit": (graph_with(s=np.ones(3, np.float32)), "not fit|do not fit"),
    "rounding mode": (small([quant("q", "x", "y", rounding_mode="SIDEWAYS")]),
                      "rounding_mode SIDEWAYS is not known"),
    "float weights": (small([quant("qx", "x", "a"),
                             helper.make_node("MatMul", ["a", "f"], ["y"], name="mm")],
                            constants={"f": np.full((4, 2), .3, np.float32)}),
                      "its weights are not quantized"),
    "no quantizer at the input": (small([quant("qw", "w", "wq"), helper.make_node(
        "MatMul", ["x", "wq"], ["y"], name="mm")]), "input is real-valued"),
    "dynamic shape": (small(shape=(1, "n")), "all but the batch must be fixed numbers"),
    "huge input": (small(shape=(1, 1 << 20, 1 << 20)), "which is too large"),
    "window too large": (conv(shape=(1, 1, 2, 2)), "does not fit an image of 2 x 2"),
    "groups": (conv(group=2), "do not fit"),
    "stride": (conv(strides=[0, 1]), "positive kernel, stride and dilation"),
    "strides of another rank": (conv(strides=[1, 1, 1]), r"strides \(1, 1, 1\) do not fit"),
    "negative pads": (conv(pads=[-1, 0, 0, 0]), "its pads .* do not fit"),
    "three dimensions": (conv(w=(2, 1, 3, 3, 3), shape=(1, 1, 5, 5, 5)), "not supported|image"),
    "data outside": (far_away(), "is outside the model's folder"),
    "data missing": (missing_data(), "its data file 'w.bin' is missing"),
    "huge tensor": (weight_tensor(huge), "tensor 'w': its shape .* is too large"),
    "short tensor": (weight_tensor(shortened), "tensor 'w': "),
    "negative shape": (weight_tensor(negative_dims), "tensor 'w': its shape .* is too large"),
    "unknown type": (weight_tensor(odd_type), "tensor 'w': "),
    "output of nothing": (small(outputs=("x2",)), "an output is not computed"),
    "no input": (small([helper.make_node("Relu", ["w"], ["y"])], inputs=()), "has no input"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files(tmp_path, name):
    model, message = MALFORMED[name]
    path = saved(tmp_path, model)
    with pytest.raises(ModelError, match=message) as caught:
        lower(load(path))
    assert str(path) in str(caught.value) or name == "no quantizer at the input"
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_an_archive_that_unpacks_to_too_much(tmp_path, monkeypatch):
    """Forty megabytes of zeros in forty kilobytes, where forty are too many; and a header that asks
    for four gigabytes."""
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=np.zeros((40, 1 << 20), np.uint8))
    monkeypatch.setattr(limits, "ARCHIVE_BYTES", 1 << 25)
    with pytest.raises(ModelError, match=r"bomb\.npz: it unpacks to \d+ bytes"):
        read_input(path)
    head = (b"{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 1), }").ljust(117)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00v\x00" + head + b"\n" + bytes(1000))
    with pytest.raises(ModelError, match=r"bomb\.npz: 'x' has the shape .* too few"):
        read_input(path)


def test_outputs_in_the_order_of_the_file(tmp_path):
    """An image comes out channels first, as it went in."""
    model = conv(w=(3, 1, 1, 1), shape=(1, 1, 2, 3))
    x = np.arange(6.).reshape(1, 1, 2, 3) / 2
    lowered = lower(load(saved(tmp_path, model)))
    y = host(lowered, golden(lowered, x)[lowered.hardware.output.name])
    assert y.tolist() == (np.ones((1, 3, 1, 1)) * x).tolist()


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
    with pytest.raises(ModelError, match="beyond floating point"):
        qhw.simulate(path, np.ones((1, 4)))


def test_a_number_for_each_of_millions_of_elements(tmp_path):
    """Refused before each becomes a fraction."""
    nodes = [quant("qx", "x", "a"), helper.make_node("Div", ["a", "many"], ["y"], name="div")]
    many = np.linspace(1, 2, 3 << 20, dtype=np.float32).reshape(1, 3, 1024, 1024)
    path = saved(tmp_path, small(nodes, shape=(1, 3, 1024, 1024), constants={"many": many}))
    with pytest.raises(ModelError, match=r"'div' \(Div\): its output would have 3145728 channels"):
        load(path)

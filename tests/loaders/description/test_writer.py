"""Networks that are written as descriptions compute the same when they are read again."""

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

from qhw import layers
from qhw.errors import ModelError
from qhw.exact.num import Int, Rounding
from qhw.exact.window import Window
from qhw.graph import Graph, Node, PeSimd
from qhw.layers.functions import NAMED
from qhw.layers.heads import Heads
from qhw.layers.levels import Levels, Ternarize, gaussian, logarithmic, minifloat, residual
from qhw.layers.pool import AveragePool, MaxPool
from qhw.layers.product import Product
from qhw.layers.spec import Spec
from qhw.loaders import load
from qhw.loaders.description.writer import written
from qhw.lower import lower
from qhw.ops import Concat, History, Requantize
from qhw.ops.pooling import Pooling
from qhw.ops.reorder import Reorder, enlarge, transpose
from qhw.ops.take import Take
from qhw.schemes import schemes
from qhw.simulators.golden import evaluate, golden
from tests.loaders.onnx.floats import network
from tests.loaders.onnx.small import saved

ROOT = Path(__file__).parents[3]
ZOO = ROOT.parent / "shared/zoo/models"
RNG = np.random.default_rng(0)


def back(graph, folder):
    """The network, written and read again."""
    text, arrays = written(graph)
    (folder / "model.toml").write_text(text)
    (folder / "weights.npz").write_bytes(arrays)
    return load(folder)


def samples(graph):
    op = graph.nodes[0].op
    shape = (3, *(op.given or op.shape))
    if op.codes is None:
        return np.random.default_rng(0).normal(size=shape, scale=2)
    return np.random.default_rng(0).integers(op.codes.lo, op.codes.hi + 1, shape)


def same(graph, again):
    """Both compute the same of all formats and shapes."""
    x = samples(graph)
    values, others = (evaluate(g, x) for g in (graph, again))
    assert len(graph.nodes) == len(again.nodes)
    for one, other in zip(graph.nodes, again.nodes, strict=True):
        assert type(one.op) is type(other.op)
        assert np.array_equal(values[one.name], others[other.name], equal_nan=True)
        assert graph.tensors[one.name] == again.tensors[other.name]


def dense(scheme, real=None, **more):
    real = RNG.normal(size=(4, 4)) if real is None else real
    return layers.Dense(scheme, scheme.quantize(real, per_channel=True), np.arange(4.) / 3, **more)


WINDOW = Window((2, 2), (2, 1), (1, 2), (0, 1, 2, 1))
V4 = np.array([.5, -1, 2.25, 3])
VECTOR = {
    **{f"dense {name}": dense(scheme()) for name, scheme in schemes.items()},
    "dense with a fold": dense(schemes["fixed"](6), fold=PeSimd(2, 4), storage="huffman"),
    "float dense": layers.Linear(RNG.normal(size=(3, 4)), np.array([.1, .2, .3])),
    "affine": layers.Affine((F(1, 3), F(2), F(-1), F(0)), (F(1, 4),) * 4),
    "norm": layers.BatchNorm(V4, V4[::-1], V4 * 2, V4**2, 1e-3),
    "shift norm": layers.ShiftNorm(V4, V4[::-1], V4 * 2, V4**2),
    "relu": layers.Relu(), "leaky": layers.LeakyRelu((F(1, 3),)),
    "leaky each": layers.LeakyRelu((F(1, 3), F(0), F(1), F(1, 10**20))),
    "clamp": layers.Clamp(F(-1, 3), F(6)), "clamp below": layers.Clamp(F(0)),
    "divide": layers.Divide(3), "round": layers.Round(Rounding.CEIL),
    **{f"function {name}": op for name, op in NAMED.items()},
    "quantize": layers.Quantize(Int(-8, 7), F(1, 3)),
    "quantize otherwise": layers.Quantize(Int(-7, 7), F(.1), 1, Rounding.FLOOR, 12, zero_last=True),
    "quantize wide": layers.Quantize(Int(-32768, 32767), F(1, 512)),
    "sign": layers.Sign(F(1, 3), -1), "sign one": layers.Sign(),
    "hwgq": gaussian([F(538, 1000) * k for k in (1, 2, 3)]),
    "hwgq rounded": gaussian([F(1, 3), F(7, 5), F(17, 7)], 6),
    "log": logarithmic(3, -2), "log signed": logarithmic(2, 5, signed=True),
    "minifloat": minifloat(3, 2), "residual levels": residual([F(2), F(1, 3)]),
    "ternarize": Ternarize(V4, V4 - 1, F(1, 3)),
    "thresholds": layers.MultiThreshold(np.sort(RNG.normal(size=(4, 3))), F(1, 3), F(1, 2)),
    "residual": layers.Residual(2), "block float": layers.BlockFloat(6),
    "softmax": layers.Softmax(), "log softmax": layers.Softmax(log=True),
    "argmax": layers.ArgMax(), "argmax last": layers.ArgMax(last=True),
    "reshape": layers.Reshape((2, 1, 2)), "arrange": layers.Arrange(np.array([[3, 0], [1, 1]])),
    "take": Take(1, 2),
    "reorder": Reorder(4, ((2, 1), (2, 2)), (2, 2)),
    "reorder by offsets": Reorder(4, ((3, (2, 0, -1)), (1, 1)), (3,), start=1)}
IMAGE = {
    "conv": layers.Conv(schemes["ternary"](), schemes["ternary"]().quantize(
        RNG.normal(size=(4, 8))), WINDOW, 2),
    "float conv": layers.FloatConv(RNG.normal(size=(4, 8)), WINDOW, 2, V4),
    "max pool": MaxPool(Window((2, 2))), "average pool": AveragePool(WINDOW),
    "flatten": layers.Flatten(), "enlarge": enlarge((3, 5, 4), 2, 3),
    "transpose": transpose((3, 5, 4), (2, 0, 1))}
CODES = {
    "requantize": Requantize(np.array([3, 5, 7, 9]), np.array([0, 1, 2, -3]), 4, Int(-8, 7), 1,
                             Rounding.HALF_UP, F(1, 3), 2),
    "recode": layers.Recode(F(1, 3), F(-5, 2)), "pool of codes": Pooling(Window((1, 2)), "max")}
TWO = {"add": layers.Add(), "concat": layers.Join(), "product": Product(), "outputs": Heads(),
       "concat of codes": Concat()}


def one(name, op):
    """A network of one layer, or of one behind two branches."""
    if name in TWO:
        scales = (F(1, 2), F(1, 2 if name == "concat of codes" else 3))
        nodes = [Node("x", layers.Input((4,), Int(-4, 4), F(1, 4))), *(
            Node(n, layers.Quantize(Int(-8, 7), scale), ("x",))
            for n, scale in zip("ab", scales, strict=True))]
        return Graph("net", (*nodes, Node("y", op, ("a", "b")))).check()
    shape, codes = ((3, 5, 4) if name in IMAGE or "pool" in name else (4,)), Int(-9, 9)
    first = layers.Input(shape, codes if name in CODES else None, F(1))
    return Graph("net", (Node("x", first), Node("y", op, ("x",)))).check()


EVERY = VECTOR | IMAGE | CODES | TWO


@pytest.mark.parametrize("name", EVERY)
def test_each_layer(name, tmp_path):
    graph = one(name, EVERY[name])
    same(graph, back(graph, tmp_path))


def test_no_type_of_a_table_is_forgotten():
    said = {word for op in EVERY.values() for word, spec in Spec.types.items()
            if spec.said(op) is not None}
    assert set(Spec.types) - said == {"hwgq"}       # which any levels stand for


@pytest.mark.parametrize("op", [
    layers.Input((4,), Int(-7, 7), F(1, 3), F(2), Rounding.FLOOR), layers.Input((4,), None),
    layers.Input((2, 3, 1), Int(0, 255), order=np.array([5, 0, 1, 4, 2, 3]), given=(1, 2, 3)),
    layers.Input((4,), None, order=np.array([3, 1, 2, 0]), given=(4,))],
    ids=["codes", "real", "an image", "another order"])
def test_inputs(op, tmp_path):
    graph = Graph("net", (Node("x", op), Node("y", layers.Relu(), ("x",)))).check()
    again = back(graph, tmp_path)
    same(graph, again)
    rounded = op.codes and op.rounding
    assert again.nodes[0].op.rounding is (rounded or Rounding.HALF_EVEN)


@pytest.mark.parametrize("seed", range(12, 24))
def test_random_float_networks(seed, tmp_path):
    graph = load(saved(tmp_path, network(seed)[0]))
    same(graph, back(graph, tmp_path))


@pytest.mark.parametrize("name", ["binary", "fixed4", "float", "ternary"])
def test_shipped_models(name, tmp_path):
    """Written again they are as they were, and so is their hardware."""
    graph = load(f"digits-{name}")
    again = back(graph, tmp_path)
    same(graph, again)
    assert [n.name for n in again.nodes] == [n.name for n in graph.nodes]
    if name != "float":
        x = samples(graph)
        wanted, found = (golden(lower(g), x) for g in (graph, again))
        assert wanted.keys() == found.keys()
        assert all(np.array_equal(wanted[k], found[k]) for k in wanted)


@pytest.mark.parametrize("name", ["digits_mlp_w1a1_a", "digits_mlp_asym_w8a4_a", "mnist_cnn_w2a2_a",
                                  "mnist_cnn_qdq_u8s8_pc", "mnist_resnet_w3a4_a", "zoo_TFC_1W1A",
                                  "bcancer_mlp_w3a3_a"])
def test_networks_of_others(name, tmp_path):
    """Quantized ONNX files, and the integers that hardware makes of them."""
    path = ZOO / f"{name}.onnx"
    if not path.is_file():
        pytest.skip(f"the zoo's file {path.name} is not here")
    graph = load(path)
    again = back(graph, tmp_path)
    same(graph, again)
    x = samples(graph)
    wanted, found = (golden(lowered, x)[lowered.hardware.output.name]
                     for lowered in map(lower, (graph, again)))
    assert np.array_equal(wanted, found)


def test_what_no_description_has():
    """The layer is named."""
    graph = Graph("net", (Node("x", layers.Input((2, 2), Int(0, 3))),
                          Node("past", History(np.zeros((1, 2), int)), ("x",))))
    with pytest.raises(ModelError, match="Layer 'past': a description has no history layer"):
        written(graph)
    for op in (layers.Function("relu6", lambda x: np.clip(x, 0, 6)),
               layers.Function("tanh", np.sin)):
        graph = Graph("net", (Node("x", layers.Input((2,), None)), Node("odd", op, ("x",))))
        with pytest.raises(ModelError, match="Layer 'odd': a description has no function layer"):
            written(graph)
    coded = layers.Input((2,), Int(0, 3), zero=F(1, 2))
    with pytest.raises(ModelError, match="Layer 'input': a description has no such input"):
        written(Graph("net", (Node("x", coded), Node("y", layers.Relu(), ("x",)))))


def test_uneven_levels_keep_their_codes(tmp_path):
    op = residual([F(2), F(1, 3)])
    found = back(one("r", op), tmp_path).by_name["y"].op
    assert isinstance(found, Levels) and found.values == op.values
    assert found.thresholds == op.thresholds and found.scale == op.scale

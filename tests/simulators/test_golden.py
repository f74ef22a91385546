"""The golden against exact rationals: random descriptions, every layer type and weight format; and
as it is computed against the layers' definitions.

``python -m sim.proof.descriptions`` runs thousands of them, and prints what is refused and why.
"""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Add, Conv, Input, Quantize
from qhw.layers.pool import MaxPool
from qhw.lower import lower
from qhw.ops import History, MatVec
from qhw.schemes import schemes
from qhw.simulators import golden as module
from qhw.simulators.golden import golden, outputs, seen
from sim.proof.descriptions import judge as judging
from sim.proof.descriptions.generate import draw
from sim.proof.descriptions.judge import judge
from tests.seeds import rotating

ALWAYS, PART = range(120), 20
SEEDS = [*ALWAYS, *rotating(60)]


@pytest.mark.parametrize("first", range(0, len(SEEDS), PART))
def test_the_golden_is_exact(first, tmp_path):
    verdicts = {seed: judge(draw(seed), tmp_path) for seed in SEEDS[first:first + PART]}
    assert not {k: v for k, v in verdicts.items() if v[0] not in ("exact", "refused")}
    assert sum(kind == "exact" for kind, _ in verdicts.values()) >= PART // 4


def test_every_layer_and_format_is_drawn(tmp_path):
    """In networks that are read, so that each of them is held against rationals."""
    layers, schemes = set(), set()
    for seed in ALWAYS:
        drawn = draw(seed)
        if judge(drawn, tmp_path)[0] == "exact":
            layers |= {layer["type"] for layer in drawn.text["layer"]}
            schemes |= {s if isinstance(s, str) else s["name"]
                        for layer in drawn.text["layer"] if (s := layer.get("scheme"))}
    assert layers >= {"dense", "conv", "max_pool", "average_pool", "add", "concat", "batch_norm",
                      "shift_norm", "relu", "quantize", "requantize", "sign", "ternary", "hwgq",
                      "log", "minifloat", "residual", "block_float", "flatten", "argmax"}
    assert schemes >= {"fixed", "binary", "ternary", "affine", "po2", "shiftcnn", "inq", "dfp",
                       "minifloat", "balanced", "dorefa", "ttq"}


def test_a_difference_is_seen(tmp_path, monkeypatch):
    """One output of one sample that is off by a millionth of the largest is wrong."""
    simulate = judging.qhw.simulate

    def off(graph, x):
        run = simulate(graph, x)
        run.y.flat[-1] += max(np.abs(run.y).max(), 1) * 1e-6
        return run

    monkeypatch.setattr(judging.qhw, "simulate", off)
    kinds = {judge(draw(seed), tmp_path)[0] for seed in range(10)}
    assert kinds == {"wrong", "refused"}


def naive(graph, x):
    """Each layer's definition, one after the other, on int64."""
    found = {}
    for node in graph.hardware.nodes:
        xs = [seen(node.op, found[i], graph.tensors[i]) for i in node.inputs] or [x]
        found[node.name] = node.op.evaluate(*xs)
    return found


def images():
    """A network of all kinds of windows: dense, depthwise, pooled, summed, with wide codes too."""
    rng, fixed = np.random.default_rng(0), schemes["fixed"](bits=8)

    def conv(inputs, outputs, groups=1, **window):
        w = rng.normal(size=(outputs, 9 * inputs // groups))
        return Conv(fixed, fixed.quantize(w), Window((3, 3), **window), groups)

    act = Quantize(Int(-128, 127), Fraction(1, 4))
    nodes = (("x", Input((6, 5, 3), Int(-2048, 2047), Fraction(1, 64)), ()),
             ("c1", conv(3, 8, pads=(1, 1, 1, 1)), ("x",)), ("a1", act, ("c1",)),
             ("c2", conv(8, 8, 8, pads=(1, 1, 1, 1)), ("a1",)), ("a2", act, ("c2",)),
             ("sum", Add(), ("a1", "a2")), ("a3", Quantize(Int(0, 15), Fraction(1, 2)), ("sum",)),
             ("pool", MaxPool(Window((2, 2))), ("a3",)),
             ("c3", conv(8, 4, stride=(2, 2)), ("pool",)))
    return lower(Graph("images", tuple(Node(*n) for n in nodes)).check())


def test_chunks_and_layers(monkeypatch):
    """However many samples are computed at a time, and whichever layers are asked for."""
    graph = images()
    x = np.random.default_rng(1).integers(-2048, 2048, (7, 6, 5, 3))
    want = naive(graph, x)
    for chunk in (1, 720, 1 << 18):
        monkeypatch.setattr(module, "CHUNK", chunk)
        for layers in (None, [graph.hardware.output.name], list(want)[2:4]):
            found = golden(graph, x, layers)
            assert list(found) == [name for name in want if layers is None or name in layers]
            for name, value in found.items():
                assert value.dtype == np.int64 and value.flags.c_contiguous
                assert np.array_equal(value, want[name]), (chunk, name)
        assert np.array_equal(outputs(graph, x), want[graph.hardware.output.name])


def test_masked_samples_have_values_or_are_refused():
    graph, x = images(), np.ones((3, 6, 5, 3), int)
    want = outputs(graph, x)
    assert np.array_equal(outputs(graph, np.ma.masked_array(x)), want)
    assert np.array_equal(outputs(graph, np.ma.masked_array(x, mask=x > 1)), want)
    with pytest.raises(ModelError, match="Elements of the samples are masked"):
        outputs(graph, np.ma.masked_array(x, mask=x > 0))


def test_state_goes_from_one_sample_to_the_next(monkeypatch):
    """Samples of a network with state are computed as one sequence."""
    monkeypatch.setattr(module, "CHUNK", 1)
    rows = History(np.arange(6).reshape(2, 3))
    graph = Graph("state", (Node("x", Input((1, 3), Int(0, 9))), Node("h", rows, ("x",)))).check()
    x = np.random.default_rng(2).integers(0, 10, (5, 1, 3))
    assert np.array_equal(golden(graph, x)["h"], naive(graph, x)["h"])


def test_no_layer_is_computed_by_another_one(monkeypatch):
    """A fault in one prepared layer is seen by the definition."""
    graph, x = images(), np.random.default_rng(3).integers(-2048, 2048, (3, 6, 5, 3))
    prepared = MatVec.prepared
    monkeypatch.setattr(MatVec, "prepared", lambda self, *xs: lambda v: prepared(self, *xs)(v) + 1)
    found, want = golden(graph, x), naive(graph, x)
    assert any(not np.array_equal(found[name], want[name]) for name in want)


def test_an_integer_outside_its_interval_is_refused(monkeypatch):
    graph, x = images(), np.zeros((3, 6, 5, 3), int)
    prepared = MatVec.prepared
    monkeypatch.setattr(MatVec, "prepared",
                        lambda self, *xs: lambda v: prepared(self, *xs)(v) + (1 << 23))
    with pytest.raises(ModelError, match=r"Layer 'c1': Values must be in .*, not \d+\.\.\d+$"):
        golden(graph, x)


def test_numpys_buffers_stay(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 1)
    before = np.getbufsize()
    golden(images(), np.zeros((3, 6, 5, 3), int))
    assert np.getbufsize() == before

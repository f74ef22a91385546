"""Windows whose pads are as high as the kernel, or more, and pads that no code stands for."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.design.cycles import predict, total
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Groups, Node, Whole
from qhw.layers import Conv, Input, Quantize
from qhw.layers.pool import AveragePool, MaxPool
from qhw.lower import lower
from qhw.ops import HardwareOp
from qhw.schemes import schemes
from qhw.simulators.golden import evaluate
from qhw.verbs.simulation import simulated
from sim.proof import small
from tests.seeds import rotating

HIGH = [Window((1, 1), pads=(1, 1, 1, 1)), Window((2, 2), pads=(3, 0, 0, 2)),
        Window((1, 2), (2, 1), pads=(2, 1, 3, 1)),
        Window((2, 1), dilation=(2, 1), pads=(4, 0, 4, 0))]


def network(codes, zero, op):
    """A layer with a window between the input and a quantizer, with a convolution behind it."""
    w = np.random.default_rng(5).integers(-3, 4, (2, 2))
    nodes = (("input", Input((3, 3, 2), codes, Fraction(1, 4), Fraction(zero)), ()),
             ("layer", op, ("input",)),
             ("act", Quantize(Int(-7, 7), Fraction(1, 2)), ("layer",)),
             ("last", Conv(schemes["fixed"](), schemes["fixed"]().quantize(w), Window((1, 1))),
              ("act",)))
    return Graph("window", tuple(Node(*node) for node in nodes)).check()


def layer(kind, window):
    w = np.random.default_rng(4).normal(size=(2, window.taps * 2))
    return {"conv": Conv(schemes["fixed"](), schemes["fixed"]().quantize(w), window),
            "average": AveragePool(window), "max": MaxPool(window)}[kind]


def check(graph, codes, **how):
    x = np.random.default_rng(0).integers(codes.lo, codes.hi + 1, (3, 3, 3, 2))
    x[0], x[1] = codes.lo, codes.hi
    ran = qhw.simulate(graph, x, engine="amaranth", trace=True, **how)
    assert ran.matches == 3
    assert np.allclose(ran.y, evaluate(graph, x)["last"], rtol=1e-9, atol=1e-9)
    return ran


@pytest.mark.parametrize("window", HIGH, ids=str)
@pytest.mark.parametrize("kind", ["conv", "average"])
def test_pads_as_high_as_the_kernel(kind, window):
    """Rows of pads alone belong to an image that has begun: each layer puts out as many beats as
    there are, and at the cycles predicted."""
    codes = Int(-8, 7)
    graph = network(codes, 0, layer(kind, window))
    check(graph, codes, stalls=1)
    interval, latency = predict(lower(graph))
    assert check(graph, codes).cycles == latency + 2 * interval


@pytest.mark.parametrize(("codes", "zero"), [
    (Int(-8, 7), 9), (Int(0, 15), -1), (Int(0, 15), 40), (Int(16, 31), 0), (Int(-8, -1), 0),
    (Int(0, 255), 128)], ids=str)
@pytest.mark.parametrize("kind", ["conv", "average", "max"])
def test_zero_points_beyond_the_codes(kind, codes, zero):
    """The port carries the input's codes, the layers behind what the pads need."""
    check(network(codes, zero, layer(kind, Window((2, 2), pads=(1, 1, 0, 1)))), codes, stalls=2)


def test_a_maximum_of_nothing_is_refused():
    with pytest.raises(ModelError, match="'layer': some of its windows cover only the pads"):
        lower(network(Int(0, 3), 0, MaxPool(HIGH[0])))


def random_window(rng, shape):
    """Any that fits, pads of at least the kernel's size among them."""
    while True:
        pair = [tuple(map(int, rng.integers(1, 4, 2))) for _ in range(3)]
        window = Window(*pair[:2], pair[2] if rng.integers(3) == 0 else (1, 1),
                        tuple(map(int, rng.integers(0, 4, 4))))
        try:
            window.outputs(*shape[:2])
        except ValueError:
            continue
        return window


def random_layers(rng, shape):
    """Convolutions, means and maxima with scales between, each with any activation behind."""
    row = small.Row()
    for k in range(int(rng.integers(1, 4))):
        window, channels = random_window(rng, shape), shape[2]
        match rng.choice(["conv", "groups", "mean", "maximum", "line"]):
            case "conv" | "groups" as kind:
                groups = channels if kind == "groups" else 1
                outputs = channels if kind == "groups" else int(rng.choice([1, 2, 4]))
                scheme = schemes[rng.choice(["binary", "ternary", "minifloat", "affine"])]()
                w = rng.normal(size=(outputs, window.taps * channels // groups))
                row.add(f"conv{k}", Conv(scheme, scheme.quantize(w), window, groups))
                shape = (*window.outputs(*shape[:2]), outputs)
            case "mean":
                row.add(f"mean{k}", AveragePool(window))
                shape = (*window.outputs(*shape[:2]), channels)
            case "maximum" if not window.blind(*shape[:2]):
                row.add(f"max{k}", MaxPool(window))
                shape = (*window.outputs(*shape[:2]), channels)
            case _:
                slopes, offsets = (tuple(Fraction(int(n), 4) for n in rng.integers(-6, 7, channels))
                                   for _ in range(2))
                row.add(f"line{k}", small.Affine(slopes, offsets))
        row.add(f"act{k}", small.ACTIVATIONS[rng.choice(list(small.ACTIVATIONS))])
    return row.nodes


@pytest.mark.parametrize("seed", rotating(8))
def test_any_window_of_any_codes(seed):
    """Zero points far outside, one-code inputs, one-pixel images, any fold: every layer in RTL."""
    rng = np.random.default_rng(seed)
    shape = (*map(int, rng.integers(1, 5, 2)), int(rng.choice([1, 2, 4])))
    lo = int(rng.integers(-20, 20))
    codes = Int(lo, lo + int(rng.integers(0, 20)))
    first = Input(shape, codes, Fraction(1, 4), Fraction(int(rng.integers(-60, 60))))
    graph = Graph("any", (Node("input", first), *random_layers(rng, shape))).check()
    x = rng.integers(codes.lo, codes.hi + 1, (4, *shape))
    x[0], x[1] = codes.lo, codes.hi
    near = lower(graph, cycles=int(rng.choice([1, 10, 100])))     # or as near as its windows are
    ran = simulated(near, x, "amaranth", trace=True, stalls=seed, progress=lambda done: None)
    assert ran.matches == 4
    folds = whole(graph, rng)
    assert qhw.simulate(graph, x, engine="amaranth", stalls=seed, folds=folds).matches == 4
    ran = qhw.simulate(graph, x, engine="amaranth", trace=True, folds=folds)
    assert ran.matches == 4 and ran.cycles == total(lower(graph, folds), 4)


def whole(graph, rng):
    """Some of the whole windows and parallel groups that the layers of a graph can have."""
    lowered = lower(graph)
    every = {node.name: [one for one in node.op.folds(*(lowered.tensors[i] for i in node.inputs))
                         if isinstance(one, Whole | Groups)]
             for node in lowered.nodes if isinstance(node.op, HardwareOp)}
    return {name: found[rng.integers(len(found))] for name, found in every.items() if found}

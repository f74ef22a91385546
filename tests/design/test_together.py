"""Cycles of a product behind whole windows, as Amaranth's simulator takes them."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.design import together as design
from qhw.design.together import together
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node, PeSimd, Spatial, Whole
from qhw.layers import Conv, Input
from qhw.lower import lower
from qhw.schemes import schemes

X = Int(0, 3)


def network(window, shape, outputs):
    scheme = schemes["ternary"]()
    w = np.random.default_rng(0).normal(size=(outputs, window.taps * shape[2]))
    conv = Conv(scheme, scheme.quantize(w), window)
    return Graph("one", (Node("input", Input(shape, X, Fraction(1)), ()),
                         Node("conv", conv, ("input",)))).check()


@pytest.mark.parametrize(("window", "shape", "fold", "pixels", "products"), [
    (Window((3, 3)), (5, 5, 1), PeSimd(4, 9), 25, 9),
    (Window((3, 3)), (4, 4, 2), PeSimd(1, 18), 16, 16),
    (Window((2, 2), (2, 2)), (4, 6, 1), PeSimd(2, 2), 24, 24),
    (Window((3, 3), pads=(1, 1, 1, 1)), (3, 3, 1), PeSimd(1, 3), 16, 108)], ids=str)
def test_cycles(window, shape, fold, pixels, products):
    """No fewer than either takes by itself, and no more than one after the other."""
    graph = network(window, shape, 4)
    folded = lower(graph, {"conv": fold, "conv_window": Whole(shape[2])})
    window, product = (folded.by_name[name].op for name in ("conv_window", "conv"))
    images = [folded.tensors[name] for name in ("input", "conv_window")]
    cycles = together(window, product, *images)
    assert (window.interval(images[0]), product.interval(images[1])) == (pixels, products)
    assert max(pixels, products) <= cycles <= pixels + products
    x = np.random.default_rng(0).integers(0, 4, (6, *shape))
    ran = [qhw.simulate(graph, x[:n], engine="amaranth", stalls=None, folds={
        "conv": fold, "conv_window": Whole(shape[2])}) for n in (5, 6)]
    assert ran[1].matches == 6
    assert ran[1].cycles - ran[0].cycles == cycles


@pytest.mark.parametrize(("window", "shape", "groups"), [
    (Window((3, 3), pads=(1, 1, 1, 1)), (4, 5, 2), 1), (Window((3, 3), (2, 2)), (7, 6, 2), 1),
    (Window((2, 2)), (3, 4, 4), 4), (Window((3, 1), (2, 1), pads=(1, 0, 0, 0)), (5, 3, 2), 2),
    (Window((1, 4), pads=(0, 1, 0, 2)), (2, 6, 3), 1), (Window((2, 2), (2, 2)), (4, 4, 1), 1)],
    ids=str)
def test_cycles_of_every_fold_are_those_of_the_play(window, shape, groups):
    """Also where they are known without it."""
    scheme, channels = schemes["ternary"](), shape[2]
    w = np.random.default_rng(1).normal(size=(4 * groups, window.taps * channels // groups))
    conv = Conv(scheme, scheme.quantize(w), window, groups)
    graph = lower(Graph("one", (Node("input", Input(shape, X, Fraction(1)), ()),
                                Node("conv", conv, ("input",)))).check())
    slides, product = (graph.by_name[name].op for name in ("conv_window", "conv"))
    images = [graph.tensors[name] for name in ("input", "conv_window")]
    wide = [fold for fold in slides.folds(images[0]) if isinstance(fold, Whole)]
    logic = [Spatial()] * (groups == 1)
    played = {(a, b): (slides.folded(a), product.folded(b), *images)
              for a in wide for b in [*product.folds(images[1]), *logic]}
    assert {key: together(*pair) for key, pair in played.items()} == {
        key: steady(design._net(*pair)) for key, pair in played.items()}


def steady(net):
    """Cycles between the last two of six inferences."""
    return int(np.diff(net.play(6).ends)[-1])

"""Which folds of a product are priced, in which ways, and the bounds that stand for prices."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from qhw import estimator
from qhw.exact.num import Int
from qhw.fold import products
from qhw.fold.products import Products
from qhw.fold.trellis import KINDS
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary
from qhw.targets import target


def priced(scheme, chip, price=None, sizes=(24, 40)):
    """The layer of a matrix of random weights, its folds, and their prices."""
    w = np.random.default_rng(0).normal(size=sizes)
    found = scheme.quantize(w)
    graph = lower(Graph("one", (Node("input", Input((sizes[1],), Int(-8, 7), Fraction(1)), ()),
                                Node("fc", Dense(scheme, found), ("input",)))).check())
    has = target(chip)

    def own(stage):
        cost = estimator.price(stage, has)
        return np.array([getattr(cost, kind) for kind in KINDS], float)

    node = graph.by_name["fc"]
    xs = tuple(graph.tensors[i] for i in node.inputs)
    every = sorted(node.op.folds(*xs), key=lambda one: one.size)
    return products._Layer(Products(graph, has, np.inf, price or own), node, xs, every), every


@pytest.mark.parametrize(("scheme", "chip"), [
    (Fixed(8), "ecp5-25k"), (Fixed(4), "ecp5-25k"), (Fixed(4), "ice40hx8k"),
    (Fixed(6), "ice40up5k"), (Ternary(), "ice40hx8k")], ids=str)
def test_bounds_are_no_more_than_the_prices(scheme, chip):
    layer, every = priced(scheme, chip)
    large = [one for one in every if isinstance(one, PeSimd)
             and products.SOME < one.size < layer.product.weights.size]
    assert len(large) > 8
    bounds = 0
    for one in (large[0], large[4], large[-1]):
        for name in layer.every:
            way = replace(one, multiply=name)
            if (bound := layer._bound(way)) is not None:
                assert (bound <= layer._cost(way)).all(), way
                bounds += 1
    assert bounds > 4


LINES = {"": (0, 10, 0), "chains": (0, 10, 0), "planes": (30, 9, 0), "digits": (50, 5, 0)}
"""LUTs, LUTs for each PE, and blocks."""


@pytest.mark.parametrize(("lines", "left"), [
    ({}, ["", "planes", "digits"]), ({"planes": (0, 9, 0)}, ["planes", "digits"]),
    ({"planes": (0, 4, 0)}, ["planes"]), ({"": (0, 1, 1)}, ["", "chains", "planes", "digits"]),
    ({"planes": (51, 5, 0)}, ["", "digits"])])
def test_of_many_products_a_way_is_left_out_if_another_is_no_worse_on_a_line(lines, left):
    """Also where it is only as good."""
    def price(stage):
        engine = stage.op.engine
        luts, each, dsps = (LINES | lines)[engine.multiply]
        return np.array([luts + each * engine.pe, 0, dsps * engine.pe * engine.simd], float)

    layer, _ = priced(Fixed(8), "ecp5-25k", price)
    assert layer._names(PeSimd(6, 4)) == left
    assert layer._names(PeSimd(4, 4)) == list(LINES)

"""Layers that add up integers, and those that want their sums whole."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Dense, Input, Quantize
from qhw.layers.pool import AveragePool
from qhw.layers.product import Product
from qhw.layers.run_time import BlockFloat, Residual
from qhw.lower import lower
from qhw.ops import Requantize
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from qhw.simulators.golden import evaluate, golden, host
from sim.proof import small

F = Fraction


def dense_requantized(scale, bias, zero=0):
    codes = np.array([[1, 3, 0], [2, 1, 1]])
    dense = Dense(Fixed(3), Codes(codes, np.array(scale)), np.array(bias, float))
    op = Requantize(np.array([3, 5]), np.array([4, -2]), 3, Int(-20, 20))
    return Graph("requantize", (
        Node("input", Input((3,), Int(-8, 7), F(1), F(zero))), Node("fc", dense, ("input",)),
        Node("out", op, ("fc",)))).check()


@pytest.mark.parametrize("zero", [0, 5])
def test_a_requantization_takes_the_sums(zero):
    """floor((sum x multiplier + offset) / 8 + 1/2), the zero point and the bias in the sum."""
    graph = dense_requantized(1.0, [7, -1], zero)
    weights = graph.by_name["fc"].op.integers
    x = np.random.default_rng(0).integers(-8, 8, (100, 3))
    sums = (x - zero) @ weights.T + [7, -1]
    want = np.clip((sums * [3, 5] + [4, -2] + 4) >> 3, -20, 20)
    assert np.array_equal(golden(lower(graph), x)["out"], want)
    assert qhw.simulate(graph, x[:4], engine="amaranth", trace=True).matches == 4


@pytest.mark.parametrize(("scale", "bias"), [(.5, [0, 0]), (1., [.5, 0])])
def test_a_requantization_of_fractions_is_refused(scale, bias):
    with pytest.raises(ModelError, match=r"'out': it takes whole numbers.*'fc'"):
        lower(dense_requantized(scale, bias))


@pytest.mark.parametrize("op", [Residual(2), BlockFloat(4)])
@pytest.mark.parametrize("last", [True, False])
def test_scales_of_run_time_go_into_a_dense_layer(op, last):
    row = small.active("quantize").add("flat", small.Flatten()).add("code", op)
    if not last:
        row.add("out", small.THREE)
    with pytest.raises(ModelError, match="'code': only a dense layer takes"):
        lower(small.Case("run time", tuple(row.nodes)).graph)


def test_a_mean_with_pads_of_channels_with_zeros_of_their_own():
    """Some of them no code's: integers of one scale, in which 0 is 0; a constant channel too."""
    lines = small.Affine((F(1, 2), F(-1, 3), F(0), F(2)), (F(1, 4), F(1), F(2), F(0)))
    row = small.active("sign").add("line", lines)
    row.add("out", AveragePool(Window((2, 2), pads=(1, 0, 1, 1))))
    from sim.proof.pairs import meant
    assert meant(small.Case("mean", tuple(row.nodes)), small.samples(20))


def multiplied(zero, other, line):
    """A product of the input with a line of it."""
    return Graph("product", (
        Node("a", Input((2,), Int(-8, 7), F(1, 2), zero)),
        Node("b", small.Affine(*line), ("a",)), Node("c", Quantize(Int(-4, 7), F(1, 3), other),
                                                     ("b",)),
        Node("y", Product(), ("a", "c")))).check()


@pytest.mark.parametrize(("zero", "other"), [(F(0), 0), (F(3), -2), (F(1, 2), 1)])
def test_products_of_tensors_are_differences_of_squares(zero, other):
    """All pairs of codes."""
    graph = multiplied(zero, other, ((F(1), F(-1, 2)), (F(0), F(1))))
    x = np.stack(np.meshgrid(np.arange(-8, 8), np.arange(-8, 8)), -1).reshape(-1, 2)
    lowered = lower(graph)
    found = golden(lowered, x)
    assert np.allclose(host(lowered, found[lowered.hardware.output.name]),
                       evaluate(graph, x)["y"], rtol=1e-12, atol=1e-12)
    assert [n.op.kind for n in lowered.nodes].count("lookup") == 2
    assert qhw.simulate(graph, x[::37], engine="amaranth", trace=True).matches == 7


@pytest.mark.parametrize(("codes", "kinds"), [(Int(-1024, 1023), 2), (Int(-1024, 1024), 0)])
def test_products_of_many_values_have_multipliers(codes, kinds):
    """From sums of 4097 values on; the zero point of the second factor is 3."""
    graph = Graph("product", (
        Node("a", Input((2,), codes, F(1, 2), F(1))), Node("b", small.Affine((F(2),) * 2, (F(-1),) *
                                                                           2), ("a",)),
        Node("c", Quantize(codes, F(1), 3), ("b",)), Node("y", Product(), ("a", "c")))).check()
    x = np.random.default_rng(0).integers(codes.lo, codes.hi, (50, 2), endpoint=True)
    x[0], x[1] = codes.lo, codes.hi
    lowered = lower(graph)
    found = golden(lowered, x)
    assert np.allclose(host(lowered, found[lowered.hardware.output.name]),
                       evaluate(graph, x)["y"], rtol=1e-12, atol=1e-12)
    assert [n.op.kind for n in lowered.nodes].count("lookup") == kinds
    assert [n.op.kind for n in lowered.nodes].count("multiply") == (kinds == 0)
    assert qhw.simulate(graph, x[:5], engine="amaranth", trace=True).matches == 5

"""Integers move below their scales, are clipped, or are requantized as they are."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int, Rounding
from qhw.layers import (
    Affine,
    ArgMax,
    Clamp,
    Divide,
    Input,
    Quantize,
    Relu,
    Reshape,
    Round,
)
from qhw.lower import lower
from qhw.ops import Requantize, Take
from qhw.simulators.golden import evaluate, golden, host

from .chains import chain, two

W = np.array([[1, 1], [1, 0], [3, 1], [0, 1]])
"""Two-bit weights 1, 1; 1, 0; -1, 1; 0, 1."""
X = np.array([[0, 3], [2, 1], [3, 3]])


@pytest.mark.parametrize("op", [Reshape((2, 2)), Take(1, 2)])
@pytest.mark.parametrize("scale", [np.array(.5), np.array([.5, 1, 2, .25])])
def test_what_is_moved_is_worth_the_same(op, scale):
    """Also where the channels that come together have several scales."""
    graph = chain(Input((2,), Int(0, 3)), two(W, scale), op, Quantize(Int(-8, 7), Fraction(1, 4)))
    assert np.array_equal(golden(lower(graph), X)["l3"], evaluate(graph, X)["l3"])


def requantized(scale, bias):
    return chain(Input((2,), Int(0, 3)), two(W, np.array(scale), np.full(4, bias)),
                 Requantize(np.full(4, 3), np.zeros(4, int), 1, Int(-64, 63)))


def test_whole_biases_are_multiplied_too():
    """(0 + 3 + 2) * 3 / 2 is 7.5, and half goes up."""
    assert golden(lower(requantized(1., 2.)), X)["l2"][0, 0] == 8


@pytest.mark.parametrize(("scale", "bias"), [(.5, 0.), (1., .5)])
def test_fractions_cannot_be_requantized(scale, bias):
    with pytest.raises(ModelError, match="it takes whole numbers, and those of 'l1' have a scale"):
        lower(requantized(scale, bias))


F = Fraction
BELOW = np.array([[-8, 3], [-1, 7], [5, -6], [0, 0]])


def kinds(graph):
    return [n.op.kind for n in graph.nodes[1:]]


def test_codes_below_zero_become_it():
    """Of the zero point 2: -8..1 are 2, 7 stays."""
    graph = lower(chain(Input((2,), Int(-8, 7), F(1, 2), F(2)), Relu(), two(W, np.array(1.))))
    assert kinds(graph)[:2] == ["requantize", "matvec"]
    made = graph.tensors["l1"]
    assert (made.codes, made.scale, made.zero) == (Int(2, 7), F(1, 2), 2)
    assert golden(graph, BELOW)["l1"].tolist() == [[2, 3], [2, 7], [5, 2], [2, 2]]


@pytest.mark.parametrize("op", [
    Relu(), Clamp(F(-1), F(2)), Clamp(None, F(1, 3)), Clamp(F(9), None), Clamp(None, F(-9))])
@pytest.mark.parametrize("zero", [F(0), F(3), F(1, 2)])
def test_limits_are_exact(op, zero):
    """Also between two integers, and beyond all of them."""
    graph = chain(Input((2,), Int(-8, 7), F(1, 2), zero), op, two(W, np.array(.5)))
    lowered = lower(graph)
    codes = golden(lowered, BELOW)[lowered.hardware.output.name]
    assert np.allclose(host(lowered, codes), evaluate(graph, BELOW)["l2"], rtol=1e-12, atol=1e-12)


def test_scales_of_channels_come_to_one_before():
    graph = chain(Input((2,), Int(-8, 7)), Affine((F(1, 2), F(-1, 3)), (F(1), F(0))), Relu(),
                  two(W, np.array(1.)), ArgMax())
    assert np.array_equal(golden(lower(graph), BELOW)["l4"], evaluate(graph, BELOW)["l4"])


def test_a_limit_before_a_quantizer_is_in_its_thresholds():
    graph = lower(chain(Input((2,), Int(-8, 7)), Relu(), Quantize(Int(0, 3), F(2))))
    assert [n.op.kind for n in graph.hardware.nodes[1:]] == ["threshold"]


def test_a_limit_at_the_end_is_the_hosts():
    graph = lower(chain(Input((2,), Int(-8, 7)), two(W, np.array(1.)), Relu()))
    assert [n.op.kind for n in graph.host][-1] == "relu"


@pytest.mark.parametrize("op", [*map(Round, Rounding), Divide(3)])
def test_rounded_sums_are_codes_of_a_layer_behind(op):
    """No quantizer limits them, but the sums do, ties included: all pairs of codes."""
    between = Affine((F(1, 2), F(-3, 2), F(1, 3), F(1)), (F(0), F(1, 2), F(1), F(-1, 4)))
    graph = chain(Input((2,), Int(-8, 7)), two(W, np.array(1.)), between, op,
                  two(np.array([[1, 1, 1, 1], [3, 1, 0, 1]]), np.array(1.)))
    every = np.stack(np.meshgrid(np.arange(-8, 8), np.arange(-8, 8)), axis=-1).reshape(-1, 2)
    lowered = lower(graph)
    x = evaluate(graph, every)["l3"]
    lowered.tensors["l3"].integer.check(x)
    assert np.array_equal(host(lowered, golden(lowered, every)[lowered.hardware.output.name]),
                          evaluate(graph, every)["l4"])


def test_rounded_numbers_without_end_are_refused():
    """30 * 2**12 and more are no codes."""
    graph = chain(Input((2,), Int(-8, 7)), two(W, np.array(1.)),
                  Affine((F(1 << 12),) * 4, (F(0),) * 4), Round(Rounding.FLOOR),
                  two(np.ones((2, 4), int), np.array(1.)), Quantize(Int(-8, 7), F(1)))
    with pytest.raises(ModelError, match="real-valued"):
        lower(graph)

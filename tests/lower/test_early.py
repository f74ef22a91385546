"""Quantizers behind moves of real numbers."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.exact.num import Int
from qhw.layers import Affine, BatchNorm, Function, Input, LeakyRelu, Quantize, Relu, Reshape
from qhw.lower import lower
from qhw.ops import Reorder, Take
from qhw.simulators.golden import evaluate, golden

from .chains import chain

F = Fraction
X = np.random.default_rng(0).integers(-8, 8, (20, 2, 3, 2))
INPUT = Input((2, 3, 2), Int(-8, 7), F(1, 2))
NORM = BatchNorm(np.array([1., -.5]), np.array([.5, 1]), np.array([0., 1]), np.array([2., .5]), .1)
QUANTIZE = Quantize(Int(-4, 3), F(1, 2))
BACK = Reorder(12, ((12, -1),), (12,), start=11)


@pytest.mark.parametrize("before", [NORM, LeakyRelu((F(1, 4), F(1, 2))),
                                    Function("tanh", np.tanh)])
@pytest.mark.parametrize("move", [Reshape((12,)), Reshape((4, 3)), BACK, Take(1, 1)])
@pytest.mark.parametrize("between", [
    (), (Relu(),), (LeakyRelu((F(1, 4),)), Relu()), ("line",)])
def test_codes_move_and_are_the_same(before, move, between):
    channels = move.infer(INPUT.infer()).channels
    between = [Affine((F(-3, 2),) * channels, (F(1, 8),) * channels) if op == "line" else op
               for op in between]
    graph = chain(INPUT, before, move, *between, QUANTIZE)
    lowered, last = lower(graph), graph.output.name
    assert np.array_equal(golden(lowered, X)[last], evaluate(graph, X)[last])
    assert type(lowered.by_name[last].op) is type(move)
    assert qhw.simulate(graph, X[:2], engine="amaranth", trace=True).matches == 2


def test_several_moves_and_what_also_reads_them():
    """Both come behind the quantizer; another quantizer has its own."""
    graph = chain(INPUT, NORM, Reshape((6, 2)), Relu(), Reshape((12,)), QUANTIZE)
    lowered = lower(graph)
    assert [n.op.kind for n in lowered.nodes[1:4]] == ["threshold", "reshape", "reshape"]
    assert np.array_equal(golden(lowered, X)["l5"], evaluate(graph, X)["l5"])


@pytest.mark.parametrize(("before", "behind"), [
    (Affine((F(2),) * 2, (F(1),) * 2), Relu()),
    (Relu(), Affine(tuple(F(k + 1) for k in range(12)), (F(0),) * 12))])
def test_integers_move_as_they_are(before, behind):
    """Where there are no other functions than lines; the quantizer stays the last layer."""
    lowered = lower(chain(INPUT, before, Reshape((12,)), behind, QUANTIZE))
    assert lowered.output.op.kind != "reshape"

"""Lowering against the network's real meaning, and pass against pass."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.layers import Affine, ArgMax, Flatten, Function, Input, Quantize, Relu, Sign
from qhw.lower import INTEGER_PASSES, REAL_PASSES, lower
from qhw.lower.fold import fold
from qhw.simulators.golden import evaluate, golden, host
from tests.networks import random_input, random_network

from .chains import chain, two


@pytest.mark.parametrize("seed", range(40))
def test_golden_is_the_real_network(seed):
    """Every activation code and class, except where float64 itself is on the fence.

    Multipliers round the scale, so networks that ask for them are left to their own test.
    """
    graph = random_network(seed, most=60)
    graph = graph.replaced(replace(n, op=replace(n.op, multiplier_bits=0))
                           if isinstance(n.op, Quantize) else n for n in graph.nodes)
    x = random_input(graph, 200)
    real, lowered = evaluate(graph, x), lower(graph)
    exact = golden(lowered, x)
    for node in graph.nodes:
        if isinstance(node.op, Quantize | Sign | ArgMax):
            assert np.array_equal(exact[node.name], real[node.name]), node.name
    assert np.allclose(host(lowered, exact[lowered.hardware.output.name]),
                       real[graph.output.name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_integer_passes_keep_every_integer(seed):
    graph = random_network(seed, most=40)
    for step in REAL_PASSES:
        graph = step(graph).check()
    x = random_input(graph, 50)
    before = golden(graph, x)[graph.hardware.output.name]
    for step in (*INTEGER_PASSES, fold):
        graph = step(graph).check()
        assert np.array_equal(golden(graph, x)[graph.hardware.output.name], before), step


def test_what_is_left_for_the_host_is_named():
    lowered = lower(chain(Input((2,), Int(0, 3)),
                          two(np.array([[1, 1]]), np.array([.5]), np.array([.25])),
                          Relu()))
    assert [(n.name, n.op.kind) for n in lowered.host] == [("l1.real", "affine"), ("l2", "relu")]
    assert lowered.hardware.output.name == "l1"
    assert isinstance(lowered.host[0].op, Affine)
    assert host(lowered, np.array([[3]])).tolist() == [[1.75]]


@pytest.mark.parametrize(("ops", "message"), [
    ([two(np.array([[1, 1]]), np.array(1.)), Function("tanh", np.tanh),
      two(np.array([[1]]), np.array(1.)), Sign()],
     "dense layer 'l3' is real-valued here; put a quantize or sign layer before it"),
    ([two(np.ones((2, 2), int), np.array([1., 2.])), ArgMax()],
     "argmax needs scores with one scale"),
    ([two(np.ones((2, 3), int), np.array(1.))],
     r"its weights are 2 x 3, and its input has shape \(2,\), not \(3,\)"),
    ([Flatten()], "no layer of it can become hardware"),
])
def test_what_cannot_be_lowered_is_said(ops, message):
    with pytest.raises(ModelError, match=message):
        lower(chain(Input((2,), Int(0, 3)), *ops))

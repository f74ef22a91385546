"""Lowering against the network's real meaning, and pass against pass."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Affine, ArgMax, BatchNorm, Dense, Input, Quantize, Relu, Sign
from qhw.lower import INTEGER_PASSES, REAL_PASSES, lower
from qhw.ops import Largest, MatVec, Threshold
from qhw.schemes import Codes
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from qhw.simulators.golden import evaluate, golden, host
from tests.networks import random_input, random_network


def chain(*ops):
    """A network of the ops in a row."""
    names = [f"l{k}" for k in range(len(ops))]
    return Graph("chain", tuple(Node(name, op, tuple(names[k - 1:k])) for k, (name, op) in
                                enumerate(zip(names, ops, strict=True)))).check()


def two(codes, scale, bias=None):
    """A layer of two-bit weights."""
    return Dense(Fixed(2), Codes(codes, scale), bias)


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
    for step in INTEGER_PASSES:
        graph = step(graph).check()
        assert np.array_equal(golden(graph, x)[graph.hardware.output.name], before), step


def test_ties_of_a_batch_norm_by_hand():
    """y = gamma (acc - 3) / 2: with half-even, 0.5 becomes 0 and 1.5 becomes 2."""
    norm = BatchNorm(np.array([1., -1., 0.]), np.array([0., 0., 1.]), np.array([3., 3., 0.]),
                     np.array([4., 4., 1.]), 0.0)
    lowered = lower(chain(
        Input((1,), Int(0, 15)), two(np.array([[1], [1], [1]]), np.array(1.)),
        norm, Quantize(Int(0, 3), Fraction(1))))
    codes = golden(lowered, np.arange(10)[:, None])["l3"]
    assert codes[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 2, 2, 2, 3]     # (n - 3) / 2
    assert codes[:, 1].tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0]     # (3 - n) / 2
    assert codes[:, 2].tolist() == [1] * 10


@pytest.mark.parametrize(("gamma", "fires"), [
    (.5, [pc >= 4 for pc in range(9)]), (-.5, [pc <= 5 for pc in range(9)]), (0., [True] * 9)])
def test_a_batch_norm_before_a_sign_by_hand(gamma, fires):
    """Courbariaux et al.: mean 1, deviation 2, beta .25, by how many of eight signs agree."""
    norm = BatchNorm(np.array([gamma]), np.array([.25]), np.array([1.]), np.array([4.]), 0.0)
    w = np.array([[1, 0, 1, 1, 0, 0, 1, 0]])
    lowered = lower(chain(Input((8,), Int(0, 1), Fraction(2), Fraction(1, 2)),
                          Dense(Binary(), Codes(w, np.array(1.))), norm, Sign()))
    x = np.array([np.where(np.arange(8) < pc, w[0], 1 - w[0]) for pc in range(9)])
    assert golden(lowered, x)["l3"][:, 0].tolist() == fires


def test_equal_sums_are_told_apart_by_their_biases():
    """Scores 0 + 0.25, 0 + 0.75, 0 + 0.5: the sums tie, the second class wins."""
    graph = chain(Input((1,), Int(0, 1)),
                  Dense(Binary(), Codes(np.ones((3, 1), int), np.array(1.)),
                        np.array([.25, .75, .5])),
                  ArgMax())
    lowered = lower(graph)
    largest = lowered.by_name["l2"].op
    assert isinstance(largest, Largest) and largest.rank.tolist() == [0, 2, 1]
    assert golden(lowered, np.array([[0], [1]]))["l2"].tolist() == [[1], [1]]


def test_accumulators_start_at_minus_the_middle_threshold():
    lowered = lower(chain(Input((2,), Int(0, 3)),
                          two(np.array([[1, 1]]), np.array(1.)),
                          Quantize(Int(0, 3), Fraction(2))))
    matvec, threshold = (lowered.by_name[n].op for n in ("l1", "l2"))
    assert isinstance(matvec, MatVec) and isinstance(threshold, Threshold)
    assert (matvec.start.tolist(), threshold.thresholds.tolist()) == ([-3], [[-1, 0, 3]])


def test_what_is_left_for_the_host_is_named():
    lowered = lower(chain(Input((2,), Int(0, 3)),
                          two(np.array([[1, 1]]), np.array([.5]), np.array([.25])),
                          Relu()))
    assert [(n.name, n.op.kind) for n in lowered.host] == [("l1.real", "affine"), ("l2", "relu")]
    assert lowered.hardware.output.name == "l1"
    assert isinstance(lowered.host[0].op, Affine)
    assert host(lowered, np.array([[3]])).tolist() == [[1.75]]


@pytest.mark.parametrize(("ops", "message"), [
    ([two(np.array([[1, 1]]), np.array(1.)), Relu(),
      two(np.array([[1]]), np.array(1.)), Sign()],
     "dense layer 'l3' is real-valued here; put a quantize or sign layer before it"),
    ([two(np.ones((2, 2), int), np.array([1., 2.])), ArgMax()],
     "argmax needs scores with one scale"),
    ([two(np.ones((2, 3), int), np.array(1.))],
     r"its weights are 2 x 3, and its input has shape \(2,\), not \(3,\)"),
    ([Relu()], "no layer of it can become hardware"),
])
def test_what_cannot_be_lowered_is_said(ops, message):
    with pytest.raises(ModelError, match=message):
        lower(chain(Input((2,), Int(0, 3)), *ops))


@pytest.mark.parametrize(("folds", "message"), [
    ({"fc": (1, 1)}, "Fold of 'fc': there is no dense or convolutional layer of this name"),
    ({"l1": (2, 1)}, "Fold of 'l1': PE must divide its 3 outputs, and 2 does not"),
    ({"l1": (1, 4)}, "Fold of 'l1': SIMD must divide its 2 inputs, and 4 does not"),
    ({"l1": (0, 1)}, "Fold of 'l1': PE must divide its 3 outputs, and 0 does not")])
def test_folds_that_do_not_fit(folds, message):
    graph = chain(Input((2,), Int(0, 3)), two(np.ones((3, 2), int), np.array(1.)))
    with pytest.raises(ModelError, match=message):
        lower(graph, folds)


def test_default_folds_are_balanced():
    assert intervals(lower(balanced())) == {"l1": 64, "l3": 64}


@pytest.mark.parametrize(("cycles", "found"), [(1, (1, 1)), (100, (64, 64)), (5000, (4096, 1024))])
def test_folds_for_a_rate(cycles, found):
    """No layer slower than asked for, and none faster than it must be."""
    assert tuple(intervals(lower(balanced(), cycles=cycles)).values()) == found


def balanced():
    return chain(Input((64,), Int(0, 3)), two(np.ones((64, 64), int), np.array(1.)), Sign(),
                 two(np.ones((16, 64), int), np.array(1.)))


def intervals(graph):
    return {n.name: n.op.interval(graph.tensors[n.inputs[0]]) for n in graph.nodes
            if isinstance(n.op, MatVec)}


@pytest.mark.parametrize("zero", [-100, -8, 0, 5])
@pytest.mark.parametrize("signed", [False, True])
def test_a_multiplier_behind_a_relu_stops_at_zero_s_code(zero, signed):
    """Steps of powers of two, so that the multiplier is exact: code for code the real network,
    whose relu leaves nothing below 0."""
    codes = Int.of_bits(8, signed=signed)
    zero = max(zero, codes.lo)
    graph = chain(
        Input((3,), Int(-8, 7)), two(np.array([[1, 3, 1], [0, 1, 3], [3, 3, 3]]), np.ones(3)),
        Relu(), Quantize(codes, Fraction(1, 4), zero=zero, multiplier_bits=12))
    x = random_input_of(graph)
    exact, real = golden(lower(graph), x), evaluate(graph, x)
    assert np.array_equal(exact["l3"], real["l3"])
    assert real["l3"].min() == zero


def random_input_of(graph):
    made = graph.tensors["l0"]
    return np.random.default_rng(0).integers(made.integer.lo, made.integer.hi + 1,
                                             (200, *made.shape))

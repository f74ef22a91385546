"""Real layers before a quantizer become its thresholds or its multiplier, by hand."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import (
    Add,
    Affine,
    BatchNorm,
    Dense,
    Function,
    Input,
    Quantize,
    Relu,
    Rescale,
    Sign,
    Ternarize,
)
from qhw.layers.levels import gaussian, logarithmic, minifloat, residual
from qhw.lower import lower
from qhw.ops import Lookup, Sum, Take
from qhw.schemes import Codes
from qhw.schemes.binary import Binary
from qhw.simulators.golden import evaluate, golden

from .chains import chain, two


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


def test_a_table_has_entries_only_of_codes_that_a_multiplier_makes():
    """Codes of -3..3 times 8 reach 24, far less than the quantizer's."""
    triple = Function("triple", lambda x: 3 * x)
    narrow = Rescale(np.array([1 << 30]), np.array([4]), Int(-128, 127))
    graph = chain(Input((2,), Int(-3, 3)), narrow, triple, Quantize(Int(-400, 400), Fraction(1)))
    lowered = lower(graph)
    table = next(n.op for n in lowered.nodes if isinstance(n.op, Lookup))
    made = lowered.tensors[next(n for n in lowered.nodes if n.op is table).inputs[0]].integer
    assert (table.lo, len(table.table)) == (made.lo, made.hi - made.lo + 1)
    x = np.array([[-3, 3], [0, 1]])
    assert (evaluate(lowered, x)[lowered.hardware.output.name] == 24 * x).all()


def far(op, slope=1):
    """A quantizer of a sum whose inputs have no step in common but a far smaller one."""
    def half(k, scale):
        return (Node(f"t{k}", Take(3 * k, 3), ("x",)),
                Node(f"q{k}", Quantize(Int(-40, 40), Fraction(scale)), (f"t{k}",)))
    return Graph("sum", (
        Node("x", Input((6,), Int(-60, 60), Fraction(.17))), *half(0, 64 / 255), *half(1, .1037),
        Node("scaled", Affine((Fraction(slope),) * 3, (Fraction(0),) * 3), ("q0",)),
        Node("sum", Add(), ("scaled", "q1")), Node("y", op, ("sum",)))).check()


@pytest.mark.parametrize("op", [
    Sign(), gaussian([Fraction(1), Fraction(3), Fraction(7)]), minifloat(3, 1),
    residual([Fraction(4), Fraction(3, 2)]), Ternarize(np.array([1.5]), np.array([-2.0]))],
    ids=["sign", "gaussian", "minifloat", "residual", "ternary"])
@pytest.mark.parametrize("slope", [-1, 1])
def test_levels_of_a_sum_without_a_common_step(op, slope):
    """Codes that do not count up come from a table, as those of other integers."""
    graph, x = far(op, slope), np.random.default_rng(0).integers(-60, 61, (400, 6))
    lowered, want = lower(graph), graph.tensors["y"].real(evaluate(graph, x)["y"])
    assert any(isinstance(node.op, Sum) for node in lowered.nodes)
    assert np.array_equal(lowered.tensors["y"].real(golden(lowered, x)["y"]), want)
    assert len(np.unique(want)) > 1


def test_logarithmic_levels_of_a_sum_without_a_common_step():
    with pytest.raises(ModelError, match="'y': the scales of the inputs of 'sum' have only a far"):
        lower(far(logarithmic(2, 3)))

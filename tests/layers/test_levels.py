"""Activations: worked numbers of the papers, and the same codes after lowering and in gates."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.exact.cut import Cut
from qhw.exact.formats import MiniFloat
from qhw.exact.num import Int, Rounding
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import BatchNorm, Dense, Input, Quantize, ShiftNorm, Sign, Ternarize
from qhw.layers.levels import gaussian, logarithmic, minifloat, residual
from qhw.lower import lower
from qhw.schemes import schemes
from tests.layers.stored import made

F = Fraction


def real(op, x):
    return op.format.real(op.evaluate(np.array(x)))


def test_half_wave_gaussian_by_hand():
    """Cai et al.: 0 for x <= 0, steps of .538, ties down."""
    op = gaussian([F(538, 1000) * k for k in (1, 2, 3)])
    x = np.array([-.3, .1, .9, 5, 0])
    assert op.evaluate(x).tolist() == [0, 1, 2, 3, 0]
    assert op.evaluate(x) @ [1, -1, 1, 1, -1] == 4
    assert op.evaluate(np.array([0, 1e-9, .807, .8071, 1.345, 1.3451])).tolist() == [
        0, 1, 1, 2, 2, 3]


def test_free_levels_are_rounded_once():
    op = gaussian([F(1, 4), F(701, 1000), F(3, 2)], 8)
    assert np.allclose(real(op, [-1, .1, .6, 9]), [0, .25, .701, 1.5], atol=1 / 128)
    assert op.scale == F(1, 64)


@pytest.mark.parametrize(("scales", "values", "unit"), [
    ([F(1, 3)], (-1, 1), F(1, 3)), ([F(5), F(3, 2)], (-13, -7, 7, 13), F(1, 2)),
    ([F(65, 100), F(35, 100)], (-10, -3, 3, 10), F(1, 10)),
    ([F(97), F(30)], (-127, -67, 67, 127), F(1)), ([F(97), F(31)], (-64, -33, 33, 64), F(2))])
def test_levels_are_not_rounded_if_multiples_of_a_step_fit_the_bits(scales, values, unit):
    op = residual(scales, 8)
    assert (op.values, op.scale) == (values, unit)


def test_logarithmic_by_hand():
    """Hubara et al., FSR 2 and 3 bits: -5 .. 1; .3, .09, 1.7, 0 become -2, -3, 1 and zero."""
    op = logarithmic(3, 2)
    x = np.array([.3, .09, 1.7, 0])
    assert real(op, x).tolist() == [.25, .125, 2, 0]
    integers = op.coded.decode(op.evaluate(x))
    assert np.array([5, -3, 7, 2]) @ integers * 2.0**-5 == 14.875
    ends = [2.0**-5, 2.0**-5 * .999, 100, 2**-.5 * 1.001, 2**-.5 * .999]
    assert real(op, ends).tolist() == [2.0**-5, 0, 2, 1, .5]


def test_signed_logarithmic_is_the_mirror():
    op = logarithmic(2, 1, signed=True)
    x = np.linspace(-3, 3, 601) + 1e-4
    assert np.array_equal(real(op, x), -real(op, -x))
    assert sorted(set(real(op, x))) == [-1, -.5, -.25, 0, .25, .5, 1]


def test_residual_planes_by_hand():
    """Li et al.: with the scales .65 and .35 of X = [.9, -.2, .4, -1.1]."""
    op = residual([F(65, 100), F(35, 100)], 12)
    x = np.array([.9, -.2, .4, -1.1])
    h1 = np.where(x >= 0, 1, -1)
    h2 = np.where(x - .65 * h1 >= 0, 1, -1)
    assert (h1.tolist(), h2.tolist()) == ([1, -1, 1, -1], [1, 1, -1, -1])
    assert np.allclose(real(op, x), .65 * h1 + .35 * h2, atol=1e-3)
    assert np.isclose(.5 * np.array([1, -1, 1, 1]) @ real(op, x), .30, atol=2e-3)
    with pytest.raises(ValueError, match=r"Scale 0\.3 is less than those after it"):
        residual([F(3, 10), F(4, 10)])


@pytest.mark.parametrize("scales", [[1], [4, 2], [4, 2, 1], [F(3), F(11, 10), F(7, 10)],
                                    [8, F(7, 2), 2, 1], [16, 8, 4, 2, 1]])
def test_residual_planes_are_the_signs_of_what_is_left(scales):
    """Li et al., with any number of planes: at thresholds, between and beyond them."""
    op, reach = residual([F(s) for s in scales], 16), int(2 * sum(scales))
    for x in (F(k, 20) for k in range(-20 * reach, 20 * reach + 1)):
        rest = x
        for scale in scales:
            rest -= scale if rest >= 0 else -scale
        level, = real(op, np.array([float(x)]))
        assert np.isclose(level, float(x - rest), atol=1e-3)
    assert len(op.thresholds) == len(op.values) - 1


def test_minifloat_is_the_format():
    op = minifloat(3, 2)
    x = np.random.default_rng(0).normal(size=500) * 4
    assert np.array_equal(op.evaluate(x), op.coded.encode(x))
    assert np.array_equal(op.evaluate(np.array([0., 1e9, -1e9, 1.125, -1.125])),
                          op.coded.encode(np.array([0., 1e9, -1e9, 1.125, -1.125])))


def test_ternary_is_strict():
    """Alemdar et al.: above th +1, below tl -1."""
    op = Ternarize(np.array([0.]), np.array([-1.]))
    assert op.evaluate(np.array([1, 0, -1, -2])).tolist() == [1, 0, 0, -1]


@pytest.mark.parametrize(("of_zero", "want"), [(1, [1, 1, 0]), (-1, [1, 0, 0])])
def test_sign_of_zero(of_zero, want):
    assert Sign(of_zero=of_zero).evaluate(np.array([2., 0., -2.])).tolist() == want


def test_tables():
    """Steps of .538, or levels of one's own; what is not said is the paper's."""
    op = made("hwgq")
    assert op.values == (0, 1, 2, 3) and op.scale == F(538, 1000)
    assert made("hwgq", bits=1, step=2).thresholds == (Cut(F(0), strict=True),)
    assert made("hwgq", levels=["1/4", 0.75], level_bits=4).scale == F(1, 4)
    assert made("log").format == logarithmic(3, 0).format
    assert made("log", bits=2, full_scale=-1, signed=True).scale == F(1, 16)
    assert made("minifloat").coded == MiniFloat(4, 3)
    assert made("minifloat", exponent=2, mantissa=1).coded == MiniFloat(2, 1)
    op = made("ternary", {"low": [-1, 0]}, high=0.5, scale=3)
    assert (op.high.tolist(), op.low.tolist(), op.scale) == ([0.5], [-1, 0], 3)


@pytest.mark.parametrize(("arrays", "table", "message"), [
    ({"high": [1, 2], "low": [0] * 3}, {}, "There are 2 high thresholds and 3 low ones"),
    ({}, {"high": 0, "low": 0.5}, "The low threshold is above the high one"),
    ({}, {"high": float("nan"), "low": 0.5}, "greater than or equal")])
def test_thresholds_that_do_not_fit(arrays, table, message):
    with pytest.raises(ValueError, match=message):
        made("ternary", arrays, **table)


def test_equal_thresholds_are_two_signs():
    assert made("ternary", high=0, low=0).evaluate(np.array([-1, 0, 1])).tolist() == [-1, 0, 1]


def test_levels_must_rise():
    with pytest.raises(ValueError, match="Levels must rise"):
        made("hwgq", levels=[1, 1])


ACTIVATIONS = {
    "ternary": Ternarize(np.array([.5]), np.array([-.5])),
    "ternary by channel": Ternarize(np.linspace(0, 1, 6), np.linspace(-1, 0, 6)),
    "hwgq": gaussian([F(538, 1000) * k for k in (1, 2, 3)]),
    "free levels": gaussian([F(1, 4), F(7, 10), F(3, 2)]),
    "log": logarithmic(3, 1), "log of 2 bits": logarithmic(2, 1),
    "signed log": logarithmic(2, 1, signed=True),
    "residual": residual([F(65, 100), F(35, 100)]),
    "three planes": residual([F(4), F(2), F(1)]),
    "minifloat": minifloat(3, 2), "sign": Sign(of_zero=-1),
    "dynamic fixed point": Quantize(Int(-128, 127), F(1, 32), rounding=Rounding.HALF_AWAY),
}


def network(act, scheme, norm):
    rng = np.random.default_rng(1)
    first, last = (schemes["fixed"]().quantize(rng.normal(size=(6, 8))),
                   scheme.quantize(rng.normal(size=(4, 6))))
    return Graph("acts", tuple(Node(name, op, tuple(source)) for name, op, source in (
        ("input", Input((8,), Int(-8, 7)), []),
        ("fc1", Dense(schemes["fixed"](), first, fold=PeSimd(2, 2)), ["input"]),
        ("bn", norm, ["fc1"]), ("act", act, ["bn"]),
        ("fc2", Dense(scheme, last, fold=PeSimd(2, 3)), ["act"])))).check()


NORMS = [BatchNorm(np.array([.5, -.4, 0, 1, .3, .7]), np.linspace(-1, 1, 6), np.linspace(-9, 9, 6),
                   np.full(6, 90.), 1e-5),
         ShiftNorm(np.array([.5, -.4, 0, 1, .3, .7]), np.linspace(-1, 1, 6), np.linspace(-9, 9, 6),
                   np.full(6, .11))]


@pytest.mark.parametrize("norm", NORMS, ids=["norm", "shift norm"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_in_gates(name, norm):
    """Behind a layer and before one: the network's real meaning, and both hardware engines."""
    act = ACTIVATIONS[name]
    weights = "minifloat" if name == "minifloat" else "fixed"
    graph = network(act, schemes[weights](**({} if weights == "fixed" else {
        "exponent": 3, "mantissa": 2})), norm)
    x = np.random.default_rng(2).integers(-8, 8, (300, 8))
    from qhw.simulators.golden import evaluate
    meaning, lowered = evaluate(graph, x), qhw.simulate(graph, x, trace=True)
    assert np.array_equal(meaning["act"], lowered.trace["act"])
    assert np.allclose(meaning["fc2"], lowered.y, rtol=1e-9, atol=1e-9)
    assert qhw.simulate(graph, x, engine="verilator", trace=True).matches == 300
    assert qhw.simulate(graph, x[:8], engine="amaranth", stalls=1, trace=True).matches == 8


@pytest.mark.parametrize("scheme", ["binary", "ternary", "shiftcnn", "fixed", "affine", "po2"])
def test_logarithmic_activations_shift_the_weight(scheme):
    """Any one-part scheme takes them; there is no multiplier."""
    graph = network(logarithmic(3, 1), schemes[scheme](), NORMS[0])
    unit = lower(graph).by_name["fc2"].op.unit(lower(graph).tensors["act"])
    assert type(unit.element).__name__ == "Logs"
    x = np.random.default_rng(3).integers(-8, 8, (200, 8))
    assert qhw.simulate(graph, x, engine="verilator", trace=True).matches == 200

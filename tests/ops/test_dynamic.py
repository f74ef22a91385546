"""Scales found at run time: worked numbers, the real meaning, and both hardware engines."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.design.cycles import predict
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import Dense, Input, Quantize, Sign
from qhw.layers.run_time import BlockFloat, Residual
from qhw.lower import lower
from qhw.ops import MatVec
from qhw.ops.dynamic import DynamicMatVec
from qhw.schemes import schemes
from qhw.simulators.golden import evaluate


def dynamic(coding, scheme, w):
    found = scheme.quantize(np.array(w))
    return DynamicMatVec(coding, MatVec(scheme, found.codes, np.zeros(len(found.codes), int),
                                        found.table))


def test_high_order_residuals_by_hand():
    """Li et al.: X = [.9, -.2, .4, -1.1] in tenths; scales .65 and .35, sums 2 and -2, y = .30."""
    op = dynamic(Residual(2), schemes["binary"](), [[.5, -.25, .25, 1]])
    x = np.array([[9, -2, 4, -11]])
    signs, factors = op.coded(x)
    assert signs.tolist() == [[[1, -1, 1, -1], [1, 1, -1, -1]]]
    assert (factors / 4**2 / 10).tolist() == [[.65, .35]]
    assert np.isclose(.5 * op.evaluate(x)[0, 0] / 4**2 / 10, .30)


def test_the_k_of_xnor_net_by_hand():
    """Rastegari et al.: I = [.5, -1.5, 2, 0] in halves; s = 2, K = 1, and y = .3 * 2."""
    op = dynamic(Residual(1), schemes["binary"](), [[.4, -.2, .1, -.5]])
    signs, factors = op.coded(np.array([[1, -3, 4, 0]]))
    assert signs.tolist() == [[[1, -1, 1, 1]]] and factors.tolist() == [[8]]   # K = 8 / 4 / 2
    assert np.isclose(.3 * op.evaluate(np.array([[1, -3, 4, 0]]))[0, 0] / 4 / 2, .6)


def test_block_exponents_by_hand():
    """Four bits hold up to 7: a peak of 100 needs the exponent 4, halves go up."""
    op = dynamic(BlockFloat(4), schemes["fixed"](), [[1., 1., 1.]])
    codes, exponents = op.coded(np.array([[100, 24, -24], [7, -7, 0], [8, 3, -3], [127, 1, 0]]))
    assert exponents.ravel().tolist() == [4, 0, 1, 5 - 1]
    assert codes.tolist() == [[6, 2, -1], [7, -7, 0], [4, 2, -1], [7, 0, 0]]


def network(coding, scheme, inputs=12, fold=(2, 3), zero=0, last=None):
    rng = np.random.default_rng(1)
    first, second = (schemes["fixed"]().quantize(rng.normal(size=(inputs, 8))),
                     scheme.quantize(rng.normal(size=(4, inputs))))
    nodes = [("input", Input((8,), Int(-8, 7)), []),
             ("fc1", Dense(schemes["fixed"](), first, fold=PeSimd(2, 2)), ["input"]),
             ("act", Quantize(Int(-32, 31), Fraction(2), zero), ["fc1"]),
             ("code", coding, ["act"]),
             ("fc2", Dense(scheme, second, fold=PeSimd(*fold)), ["code"])]
    if last:
        nodes.append(("out", last, ["fc2"]))
    return Graph("run", tuple(Node(name, op, tuple(source)) for name, op, source in nodes)).check()


CASES = {"xnor with K": (Residual(1), "binary"), "horq": (Residual(2), "binary"),
         "three planes": (Residual(3), "binary"), "blocks": (BlockFloat(4), "fixed"),
         "ternary blocks": (BlockFloat(5), "ternary"), "wide blocks": (BlockFloat(12), "affine")}


@pytest.mark.parametrize("fold", [(3, 3), (2, 5)])
def test_folds_that_do_not_divide_are_refused(fold):
    """The units around the product count whole beats."""
    with pytest.raises(ModelError, match="PE must divide its 4 outputs and SIMD its 12 inputs"):
        lower(network(Residual(1), schemes["binary"](), fold=fold))
    found = lower(network(Residual(1), schemes["binary"]())).by_name["fc2"].op
    assert all(4 % one.pe == 12 % one.simd == 0 for one in found.folds())


@pytest.mark.parametrize(("fold", "says"), [
    (PeSimd(2, 3, 1), "no stages"), (PeSimd(2, 3, multiply="chains"), "not multiplied as chains"),
    (PeSimd(2, 3, memory="luts"), "where the chip's rule puts them"), (PeSimd(2, 3), "")])
def test_what_a_fold_cannot_ask_for(fold, says):
    found = dynamic(Residual(1), schemes["binary"](), np.eye(4, 6)).wrong(fold)
    assert says in found and bool(says) == bool(found)


@pytest.mark.slow(but=4)
@pytest.mark.parametrize("fold", [(2, 3), (4, 12), (1, 1), (4, 2), (2, 12)])
@pytest.mark.parametrize("name", CASES)
def test_in_gates(name, fold):
    coding, scheme = CASES[name]
    graph = network(coding, schemes[scheme](), fold=fold, zero=3)
    x = np.random.default_rng(2).integers(-8, 8, (200, 8))
    x[0], x[1], x[2] = 0, 7, -8
    ran = qhw.simulate(graph, x, engine="verilator", trace=True)
    cycles = predict(lower(graph))
    assert (ran.matches, ran.cycles) == (200, cycles.latency + 199 * cycles.interval)
    assert qhw.simulate(graph, x, engine="verilator", stalls=3).matches == 200
    assert qhw.simulate(graph, x[:4], engine="amaranth", stalls=1, trace=True).matches == 4


@pytest.mark.parametrize("planes", [1, 2])
def test_residuals_have_the_real_meaning(planes):
    graph = network(Residual(planes), schemes["binary"](), zero=-2)
    x = np.random.default_rng(3).integers(-8, 8, (100, 8))
    assert np.allclose(evaluate(graph, x)["fc2"], qhw.simulate(graph, x).y, rtol=1e-9, atol=1e-9)


def test_a_sign_behind_run_time_scales():
    """XNOR-Net's K is never negative, so a sign behind it sees the sums' signs alone."""
    graph = network(Residual(1), schemes["binary"](), last=Sign())
    x = np.random.default_rng(4).integers(-8, 8, (100, 8))
    assert qhw.simulate(graph, x, engine="verilator", trace=True).matches == 100


def test_what_does_not_go_together():
    with pytest.raises(ModelError, match="residual planes need weights of one bit, not ternary"):
        lower(network(Residual(2), schemes["ternary"]()))
    with pytest.raises(ModelError, match="block floating point does not go with sketch weights"):
        lower(network(BlockFloat(4), schemes["sketch"]()))

"""Networks whose activations become codes, and that can be built then."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.layers import Join, Quantize, Sign
from qhw.loaders import load
from qhw.lower import lower
from qhw.quantization.activations import activations
from qhw.quantization.prepare import Plan, prepare
from qhw.quantization.quantize import quantized, weighted
from qhw.schemes import parse
from qhw.simulators.golden import evaluate, host, outputs
from tests.quantization.nets import Net, residual, samples


def made(plan, graph=None, x=None):
    return prepare(graph or residual(), plan, samples() if x is None else x)


def test_every_place_has_its_format():
    graph, rows = made(Plan("u4", {"r3": "s6", "n3": "s5"}, first_last=7))
    assert [(r.layer, r.format) for r in rows] == [
        ("input", "u7"), ("r1", "u4"), ("r2", "u4"), ("n3", "s5"),
        ("r3", "s6"), ("r4", "u4"), ("mean", "u7")]
    assert graph.tensors["r1_codes"].codes == Int(0, 15)
    _, rows = made(Plan("u4"))
    assert [r.format for r in rows if r.layer in ("input", "n3", "mean")] == [
        "u8", "s8", "u4"]


def test_a_row_by_hand():
    """Samples 0 to 3 in steps of 2, ties to even: 1 and 3 are lost by 1, of squares 14."""
    net = Net(1).dense("a", 1, 1).graph
    x = np.array([[0], [1], [2], [3.0]])
    graph, (row,) = made(Plan("u8", {"input": "u1:power=1"}, "minmax"), net, x)
    assert (row.layer, row.scale, row.lo, row.hi) == ("input", 3, 0, 3)
    assert row.sqnr_db == pytest.approx(10 * np.log10(14 / 2))
    assert graph.tensors["input"].scale == 3


@pytest.mark.parametrize(("lo", "codes", "scale"), [
    (0, Int(0, 255), Fraction(1, 255)), (-1, Int(-128, 127), Fraction(130, 1 << 14))])
def test_the_inputs_format_is_that_of_its_samples(lo, codes, scale):
    """Images of bytes keep their steps of 1/255."""
    x = np.append(np.arange(lo, 256) / 255, lo)[:, None]
    graph, _ = made(Plan("u8"), Net(1).dense("a", 1, 1).graph, x)
    assert graph.tensors["input"].codes == codes
    assert graph.tensors["input"].scale == scale


@pytest.mark.parametrize("text", [*activations, "u1", "s2", "log:bits=4", "residual:planes=4"])
def test_whatever_the_format_is_it_builds(text):
    """And the hardware's integers give what the real network of its codes gives."""
    scheme = "minifloat" if text.startswith("mini") else "fixed:bits=4"
    x = samples(8)
    real, _ = made(Plan(text))
    graph, _ = quantized(real, {n.name: parse(scheme) for n in weighted(real)})
    low = lower(graph)
    assert host(low, outputs(low, x)) == pytest.approx(evaluate(graph, x)["fc"], abs=1e-9)


def test_codes_around_zero_take_a_relus_place():
    graph, rows = made(Plan("sign"))
    assert "r1" not in graph.by_name and isinstance(graph.by_name["r1_codes"].op, Sign)
    assert graph.by_name["r1_codes"].inputs == ("n1",)
    assert {r.layer: r.lo < 0 for r in rows}["r2"]


@pytest.mark.parametrize(("fold", "equalize"), [(True, False), (False, True)])
def test_norms_are_folded_where_they_are_asked_for(fold, equalize):
    graph, _ = made(Plan("u8", fold_norms=fold, equalize=equalize))
    assert "n1" not in graph.by_name
    assert "n1" in made(Plan("u8"))[0].by_name


def test_branches_that_are_joined_have_one_scale():
    net = Net(4, 4, 1).conv("a", 1, 2).relu("ra").conv("b", 1, 2, "input").relu("rb")
    graph = net.add("ab", Join(), "ra", "rb").conv("c", 4, 2).graph
    x = samples(20, (4, 4, 1))
    found, rows = made(Plan("u4"), graph, x)
    assert found.tensors["ra_codes"].scale == found.tensors["rb_codes"].scale
    assert rows[1].layer == "ra rb"
    values = evaluate(graph, x)
    assert rows[1].hi == max(values["ra"].max(), values["rb"].max())
    with pytest.raises(ModelError, match=r"Layers ra and rb are joined: they need one activation"):
        made(Plan("u4", {"ra": "u2", "rb": "u3"}), graph, x)


@pytest.mark.parametrize(("plan", "x", "said"), [
    (Plan(), True, "'input': its output is real-valued, and hardware needs codes of it; add --act"),
    (Plan("u8"), False, "codes for it are chosen by samples; add --calibrate FILE.npz"),
    (Plan("u8", {"r9": "u4"}), True, r"'r9': no layer .* has this name \(input, r1, r2, n3, r3"),
    (Plan("u9"), True, "bits should be from 1 to 8"), (Plan("u8", {"r1": "x"}), True, "'x'"),
    (Plan("u8", method="best"), True, "Method 'best'"),
    (Plan("log", method="kl"), True, "Calibration: kl is for even steps; use mse"),
    (Plan("u8", {"input": "sign"}), True, "the network's input cannot be sign; use even steps"),
    (Plan("u8", {"input": "hwgq"}), True, "the network's input cannot be hwgq")])
def test_what_is_refused(plan, x, said):
    with pytest.raises(ModelError, match=said):
        prepare(residual(), plan, samples() if x else None)


def test_samples_without_an_end_are_refused():
    with pytest.raises(ModelError, match="finite"):
        made(Plan("u8"), x=np.full((2, 6, 6, 2), np.nan))


def test_a_network_of_codes_needs_no_samples():
    net = Net(4, codes=Int(0, 15)).dense("a", 4, 4).add("q", Quantize(Int(0, 15), Fraction(1)))
    graph = net.dense("b", 4, 2).graph
    assert prepare(graph, Plan(), None) == (graph, [])


def test_a_method_without_activations_is_refused():
    with pytest.raises(ModelError, match="Method 'minmax' chooses scales of activations; add --ac"):
        prepare(load("digits-float"), Plan(method="minmax"), None)

"""Where codes are needed, and what is done there."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.layers import Add, Clamp, Flatten, Join, Quantize, Residual, Sign
from qhw.layers.pool import AveragePool, MaxPool
from qhw.quantization import places as module
from qhw.quantization.places import Place, before_relu, calibrated, ends, inserted, places
from qhw.simulators.golden import evaluate
from tests.quantization.nets import HALVES, Net, residual, samples


def test_a_network_with_a_residual_sum():
    """Pooling passes codes on; the branch without a relu is a sum; the last layer stays real."""
    assert places(residual()) == [
        Place(("input",), "input", ("c1",)), Place(("r1",), "activation", ("c2", "sum")),
        Place(("r2",), "activation", ("c3",)), Place(("n3",), "sum", ("sum",)),
        Place(("r3",), "activation", ("dw",)), Place(("r4",), "activation", ("mean",)),
        Place(("mean",), "activation", ("fc",))]


def test_codes_are_left():
    net = Net(4, codes=Int(0, 15)).dense("a", 4, 4).add("q", Quantize(Int(0, 15), Fraction(1)))
    assert places(net.dense("b", 4, 2).graph) == []


def test_branches_that_are_joined_share_a_quantizer():
    """Also by way of a third one, and through pools."""
    net = Net(4, 4, 1).conv("a", 1, 2).relu("ra").conv("b", 1, 2, "input").relu("rb")
    net.add("ab", Join(), "ra", "rb").conv("c", 4, 2).relu("rc")
    net.add("bc", Join(), "rb", "rc").add("pool", MaxPool(HALVES)).add("flat", Flatten())
    assert places(net.dense("fc", 16, 2).graph) == [
        Place(("input",), "input", ("a", "b")),
        Place(("ra", "rb", "rc"), "activation", ("c", "fc"))]


def test_a_sum_that_a_product_reads_too_is_an_activation():
    net = Net(4).dense("a", 4, 4).dense("b", 4, 4).add("sum", Add(), "a", "b").dense("c", 4, 4)
    assert {p.sources: p.kind for p in places(net.graph)} == {
        ("input",): "input", ("a",): "activation", ("b",): "sum", ("sum",): "activation"}


def test_a_mean_of_the_last_sums_stays_real():
    mean = AveragePool(Window((4, 4)))
    last = Net(4, 4, 1).conv("a", 1, 2).add("mean", mean).graph
    assert [p.sources for p in places(last)] == [("input",)]
    behind = Net(4, 4, 1).conv("a", 1, 2).relu("r").add("mean", mean).graph
    assert [p.sources for p in places(behind)] == [("input",), ("r",)]


def test_scales_of_run_time_need_codes_before_them():
    net = Net(4).dense("a", 4, 4).relu("r").add("planes", Residual(2)).dense("b", 4, 2)
    assert [p.sources for p in places(net.graph)] == [("input",), ("r",)]


def test_the_first_and_the_last_layers():
    assert ends(residual()) == ({"c1"}, {"fc"})
    net = Net(4).dense("a", 4, 4).dense("b", 4, 4, "input").add("sum", Add(), "a", "b").graph
    assert ends(net) == ({"a", "b"}, {"a", "b"})


def test_the_tensor_before_a_relu():
    net = Net(4).dense("a", 4, 4).relu("r").add("six", Clamp(Fraction(0), Fraction(6)))
    net.add("clip", Clamp(Fraction(-1), Fraction(1)))
    assert [before_relu(net.graph, n) for n in ("r", "six", "clip", "a")] == [
        "a", "r", "clip", "a"]


@pytest.mark.parametrize("at_once", [1, 3000, 1 << 24])
def test_values_are_counted_in_batches(monkeypatch, at_once):
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    graph, x = residual(), samples()
    one, two = calibrated(graph, [["r1"], ["r2", "n3"]], x)
    values = evaluate(graph, x)
    assert one.count == values["r1"].size and two.count == values["r2"].size * 2
    assert (two.lo, two.hi) == (min(0, values["n3"].min()), max(
        values["r2"].max(), values["n3"].max()))


def test_quantizers_are_read_by_all_behind():
    graph, step = residual(), Quantize(Int(0, 255), Fraction(1, 64), 3)
    made = inserted(graph, {"input": step, "r1": step, "r3": Sign(), "n3": step}, {"r3": "sum"})
    assert made.by_name["input"].op.infer().codes == Int(0, 255)
    assert made.by_name["input"].op.infer().zero == 3
    assert made.by_name["pool"].inputs == ("r1_codes",)
    assert made.by_name["sum"].inputs == ("pool", "n3_codes")
    assert made.by_name["r3_codes"].inputs == ("sum",) and "r3" not in made.by_name
    assert made.by_name["dw"].inputs == ("r3_codes",)
    real = evaluate(made, samples(2))
    assert np.isfinite(real["fc"]).all()

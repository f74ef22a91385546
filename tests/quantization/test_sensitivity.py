"""One layer in a scheme, and whole mixes: losses by hand, and the estimate's prices."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.estimator import estimate
from qhw.exact.num import Int
from qhw.layers import ArgMax, Quantize
from qhw.lower import lower
from qhw.quantization.quantize import quantized
from qhw.quantization.record import Trial
from qhw.quantization.sensitivity import Setting, priced
from qhw.schemes import parse
from qhw.simulators.golden import evaluate
from qhw.targets import target
from tests.quantization.nets import Net

SCHEMES = {name: parse(name) for name in ("fixed:bits=8", "binary", "product:length=5")}
X = np.random.default_rng(1).integers(0, 16, (30, 6))


@pytest.fixture(scope="module")
def setting():
    net = Net(6, codes=Int(0, 15)).dense("fc1", 6, 5).relu("r")
    net.add("act", Quantize(Int(0, 255), Fraction(1, 2)))
    graph = net.dense("fc2", 5, 3).add("class", ArgMax()).graph
    return Setting(graph, X, SCHEMES, evaluate(graph, X)["class"][:, 0], target("ecp5-25k"))


def test_the_loss_of_one_layer(setting):
    """The scores before the argmax, of a network in which no other layer is quantized."""
    for name in ("fixed:bits=8", "binary"):
        graph, _ = quantized(setting.real, {"fc1": SCHEMES[name]})
        was, now = evaluate(setting.real, X), evaluate(graph, X)
        lost = np.square(now["fc2"] - was["fc2"]).sum() / np.square(was["fc2"]).sum()
        same = (now["class"] == was["class"]).mean()
        found = setting.trial("fc1", name)
        assert found == Trial("fc1", name, pytest.approx(lost), pytest.approx(same))
    assert found.loss > 100 * setting.trial("fc1", "fixed:bits=8").loss


def test_a_scheme_that_does_not_fit_has_a_reason(setting):
    assert "do not divide the 6" in setting.trial("fc1", "product:length=5").reason


def test_prices_are_the_estimates(setting):
    schemes = {"fc1": "binary", "fc2": "fixed:bits=8"}
    made, prices = setting.mixed(schemes, uniform=False)
    graph, _ = quantized(setting.real, {n: SCHEMES[s] for n, s in schemes.items()})
    low = lower(graph, family="ecp5")
    costs = estimate(low, setting.target)
    assert made.luts == sum(c.luts for c in costs.values()) == sum(p[0] for p in prices.values())
    assert prices["fc1"][0] == costs["fc1"].luts + sum(
        c.luts for n, c in costs.items() if n.startswith(("act", "fc2_")))
    assert made.correct == (evaluate(low, X)[low.output.name][:, 0] == setting.labels).sum()
    table = priced([Trial("fc1", "binary", 0.1), Trial("fc1", "other")], "binary", prices)
    assert table[0].cost == tuple(prices["fc1"]) and table[1].luts is None

"""Prices of parts."""

import json
from dataclasses import replace

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.estimator import estimate
from qhw.estimator.prices import FILE, Prices, prices
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.hw.fabric import LONGEST
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.schemes import parse
from qhw.targets import target
from qhw.targets.cost import Cost
from qhw.targets.family import Gates


@pytest.mark.parametrize("name", ["ice40hx8k", "ice40up5k", "ecp5-25k", "gw1n-9c", "xc7", "asic"])
def test_every_target_has_prices_from_samples(name):
    known = json.loads(FILE.read_text())[target(name).family.name]
    assert known["tool"].startswith("Yosys") and known["networks"] > 5
    codes = parse("fixed").quantize(np.random.default_rng(0).normal(size=(4, 8)))
    graph = lower(Graph("net", (Node("in", Input((8,), Int(0, 3))),
                                Node("fc", Dense(parse("fixed"), codes), ("in",)))).check())
    total = sum(estimate(graph, target(name)).values(), Cost())
    assert total.luts > 10 and total.ffs > 10 and total.ns > 0


def test_prices_come_from_the_samples():
    from sim.calibrate.fit import fit
    known, again = json.loads(FILE.read_text())["gowin"], fit("gw1n-9c")
    assert again["units"] == known["units"]
    for kind, table in known["prices"].items():
        assert again["prices"][kind] == pytest.approx(table, abs=2e-3)


OURS = Prices({"luts": {"lut": 1.5, "mat/lut": 2, "x": 1}, "ffs": {"ff": 1}, "carries": {"alu": 1}},
              {"": .1}, {"": (1.0, .5), "mat": (2.0, 1.0)})


@pytest.mark.parametrize(("unit", "part", "price"), [
    ("mat", "lut", 2), ("other", "lut", 1.5), ("mat", "x", 1), ("mat", "unknown", 0)])
def test_a_units_own_price_goes_first(unit, part, price):
    assert OURS.price("luts", unit, part) == price


def test_costs_by_hand():
    """3 LUTs at 2 and one x; the way is 2 ns and all of what was mapped, or 1 and half of it."""
    parts = {"lut": 3, "x": 1, "ff": 4, "alu": 5, "bram": 2, "dsp": 6, LONGEST: 4.0}
    assert OURS.cost("mat", parts) == Cost(7, 4, 2, 6, 5, 6.0)
    assert OURS.cost("other", parts) == Cost(round(5.5), 4, 2, 6, 5, 3.0)
    assert OURS.cost("other", {}) == Cost(ns=1.0)


def test_gates_have_transistors():
    gates = Gates(lambda counted: 0, lambda luts, ffs: int(10 * luts + ffs))
    assert replace(OURS, gates=gates).cost("mat", {"lut": 3, "ff": 4}).transistors == 64


def test_a_family_without_prices():
    with pytest.raises(ModelError, match=r"Family 'none' has no prices in prices\.json"):
        prices("none")

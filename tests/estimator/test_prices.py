"""Prices of parts."""

import json
from dataclasses import replace

import numpy as np
import pytest

import qhw
from qhw.design.top import stages
from qhw.errors import ModelError
from qhw.estimator import deviation, estimate, kind, price
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
    for resource, table in known["prices"].items():
        assert again["prices"][resource] == pytest.approx(table, abs=2e-3)


CHIP = target("ice40up5k")
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


@pytest.fixture(scope="module")
def graph():
    return lower(qhw.load("digits-ternary"))


def test_prices_of_a_kind_come_before_common_ones(graph):
    unit = stages(graph)[0]
    assert price(unit, CHIP).luts > 0
    family = prices(CHIP.family.name)
    own = next(name for name in family.of["luts"] if "/" in name)
    which, part = own.split("/")
    assert family.price("luts", which, part) == family.of["luts"][own]
    assert family.price("luts", "none", part) == family.of["luts"].get(part, 0.0)


def test_a_unit_s_deviation_is_that_of_its_kind(graph):
    family = prices(CHIP.family.name)
    for unit in stages(graph):
        assert deviation(unit, CHIP) == family.spread.get(kind(unit), family.spread[""])
    assert len({deviation(unit, CHIP) for unit in stages(graph)}) > 1


def test_the_deviation_of_samples():
    """Off by 10, -20, 0, 30 and -10 LUTs of 100: the root of (1 + 4 + 0 + 9 + 1) / 500."""
    from sim.calibrate.fit import spread
    fit = {"luts": {"lut": 1.0, "few/lut": 2.0}}
    many = [("many", {"lut": 100.0 + off}, [100.0], 0) for off in (10, -20, 0, 30, -10)]
    few = [("few", {"lut": 5.0}, [5.0], 0)]     # 10 for 5, of 20 at least
    found = spread([*many, *few], fit)
    assert found == {"many": 0.1732, "": pytest.approx(((0.15 + 0.0625) / 6) ** 0.5, abs=1e-4)}

"""What a goal asks for in numbers: rates to cycles, limits by kind, weights, and what is said."""

import re
from dataclasses import replace

import numpy as np
import pytest

from qhw.design.cycles import predict
from qhw.errors import ModelError
from qhw.estimator import estimate
from qhw.exact.num import Int
from qhw.fold import goal
from qhw.fold.goal import Goal, reach
from qhw.fold.trellis import KINDS, Path
from qhw.graph import Graph, Node
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.lower.fold import fold
from qhw.schemes.fixed import Fixed
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from qhw.targets import target
from qhw.targets.boards import board
from qhw.verilog.design import Design
from tests.networks import random_input

UP5K = target("ice40up5k")      # 5280 LUTs, 30 block RAMs, 8 DSP blocks


@pytest.fixture(scope="module")
def graph():
    """Four outputs of six inputs: 24 cycles to 1."""
    weights = Fixed(4).quantize(np.random.default_rng(0).normal(size=(4, 6)))
    return lower(Graph("net", (Node("input", Input((6,), Int(0, 15))),
                               Node("fc", Dense(Fixed(4), weights, None), ("input",)))))


def search(graph, chip=UP5K, on=None, **asked):
    return goal._Search(graph, Goal(**asked), chip, on, {})


# -- goals

@pytest.mark.parametrize(("asked", "kept"), [
    ({}, {}), ({"luts": 0}, {"luts": 0}), ({"brams": 0, "dsps": 0}, {"brams": 0, "dsps": 0}),
    ({"cycles": 1}, {"cycles": 1}), ({"spatial": True}, {"spatial": True}),
    ({"spatial": False}, {"spatial": False}),
    ({"fps": 0.5, "clock_mhz": 12}, {"fps": 0.5, "clock_mhz": 12})])
def test_what_is_asked_for(asked, kept):
    assert Goal(**asked).asked == kept


@pytest.mark.parametrize(("name", "value"), [
    ("luts", -1), ("brams", -1), ("dsps", -1), ("cycles", 0), ("cycles", -2), ("fps", 0),
    ("fps", -0.5), ("clock_mhz", 0), ("fps", float("inf"))])
def test_what_cannot_be_asked_for(name, value):
    with pytest.raises(ModelError, match=f"Goal: {name} must be more than 0, not "
                                         f"{re.escape(str(value))}"):
        Goal(**{"luts": 5, name: value})


# -- rates

@pytest.mark.parametrize(("asked", "on", "cycles"), [
    ({}, "icebreaker", None),
    ({"cycles": 7}, None, 7),
    ({"fps": 1.5e6}, "icebreaker", 8),                      # 12 MHz, the board's
    ({"fps": 1.4e6}, "icebreaker", 8),                      # 8.57: 9 would be too slow
    ({"fps": 1.34e6}, "icebreaker", 8),                     # 8.96
    ({"fps": 12e6}, "icebreaker", 1),
    ({"fps": 3e6, "clock_mhz": 24}, "icebreaker", 8),       # the clock asked for goes first
    ({"fps": 3e6, "clock_mhz": 24}, None, 8),
    ({"fps": 1.5e6, "cycles": 9}, "icebreaker", 8), ({"fps": 1.5e6, "cycles": 5}, "icebreaker", 5),
    ({"fps": 1.1e6, "clock_mhz": 3.3}, None, 3),            # in floats 2.9999999999999996
])
def test_the_cycles_of_a_rate(graph, asked, on, cycles):
    on = board(on) if on else None
    found = search(graph, on=on, **asked)
    assert found.cycles == cycles


@pytest.mark.parametrize(("asked", "on", "says"), [
    ({"fps": 12e6 + 1}, "icebreaker", "12000001 inferences/s exceed one inference a cycle at"),
    ({"fps": 25e6, "clock_mhz": 24}, "icebreaker", "one inference a cycle at 24 MHz"),
    ({"fps": 100, "cycles": 5}, None, "--fps needs a clock: add --clock MHZ or --board"),
])
def test_rates_that_cannot_be(graph, asked, on, says):
    with pytest.raises(ModelError, match=says):
        reach(graph, Goal(**asked), UP5K, board(on) if on else None)


# -- limits

@pytest.mark.parametrize(("asked", "on", "limits"), [
    # Of 5280 LUTs 5280 / 1.15 = 4591.3, and behind a board's link 4630 / 1.15 = 4026.09.
    ({}, None, (4591, 30, 8)), ({}, "icebreaker", (4026, 28, 8)),
    # 100 / 1.15 = 86.96; others have no margin. What is asked for is net of the link.
    ({"luts": 100, "brams": 29, "dsps": 1}, None, (86, 29, 1)),
    ({"luts": 100, "brams": 29, "dsps": 1}, "icebreaker", (86, 28, 1)),
    ({"luts": 4629}, "icebreaker", (4025, 28, 8)), ({"luts": 4700}, "icebreaker", (4026, 28, 8)),
    ({"luts": 9999, "brams": 99, "dsps": 99}, None, (4591, 30, 8)),
    ({"luts": 0, "brams": 0, "dsps": 0}, None, (0, 0, 0)),
])
def test_limits_are_the_smaller_of_what_is_asked_and_what_is_there(graph, asked, on, limits):
    found = search(graph, on=board(on) if on else None, **asked)
    assert tuple(found.most) == limits


def test_a_chip_smaller_than_the_link_has_nothing(graph):
    on = replace(board("icebreaker"), chip=replace(UP5K, luts=600, brams=1, dsps=0))
    assert search(graph, on.chip, on, cycles=4).most.tolist() == [0, 0, np.inf]


@pytest.mark.parametrize("cycles", [None, 4])
def test_a_chip_without_a_size_has_no_limit(graph, cycles):
    if cycles:
        assert np.isinf(search(graph, target("xc7"), cycles=cycles).most).all()
    assert search(graph, target("xc7"), brams=0).most.tolist() == [np.inf, 0, np.inf]


def test_what_the_record_says(graph):
    on = board("icebreaker")
    asked = Goal(luts=4000, dsps=0, clock_mhz=18)
    folded, known = reach(graph, asked, on.chip, on)
    cycles = predict(folded).interval
    costs = estimate(folded, on.chip).values()
    total = {k: sum(getattr(c, k) for c in costs) for k in KINDS}
    share = np.linalg.norm([total["luts"] / 5280, total["brams"] / 30, total["dsps"] / 8])
    assert known["hardware"] == pytest.approx(share, rel=1e-12)
    assert {k: known[k] for k in ("asked", "board", "clock_mhz", "limits", "margin", "cycles",
                                  "fps", "exact")} == {
        "asked": {"luts": 4000, "dsps": 0, "clock_mhz": 18}, "board": "icebreaker",
        "clock_mhz": 18, "limits": {"luts": 3478, "brams": 28, "dsps": 0}, "margin": 0.15,
        "cycles": cycles, "fps": 18e6 / cycles, "exact": True}
    assert (known["reserve"]["luts"], known["reserve"]["brams"]) == (650, 2)
    assert known["bound"] == {"cycles": cycles}


def test_what_the_record_says_where_little_is_known(graph):
    _, known = reach(graph, Goal(cycles=4), target("asic"))
    assert known["limits"] == dict.fromkeys(KINDS)
    assert (known["board"], known["clock_mhz"], known["fps"]) == (None, None, None)
    assert set(known["reserve"].values()) == {0}
    assert known["bound"] == {"hardware": known["hardware"]} and known["exact"]


# -- weights

@pytest.mark.parametrize(("chip", "weights"), [
    (UP5K, (1 / 5280, 1 / 30, 1 / 8)),
    (target("ice40hx8k"), (1 / 7680, 1 / 32, 0)),               # it has no DSP blocks
    # One of the family where the chip has no size: the first board's, of 24288, 56 and 28.
    (replace(target("ecp5-25k"), luts=0), (1 / 24288, 1 / 56, 1 / 28)),
    (target("xc7"), (1 / 20800, 1 / 100, 1 / 90)),
    (target("asic"), (1, 0, 0)),                # no board has one
])
def test_a_unit_weighs_its_share_of_the_chip(graph, chip, weights):
    assert search(graph, chip, cycles=24).weights.tolist() == list(weights)


# -- what is wrong

def totals(graph, chip, folds):
    costs = estimate(fold(graph, folds), chip)
    return costs, {k: sum(getattr(c, k) for c in costs.values()) for k in KINDS}


def test_too_slow_says_by_how_much(graph):
    """The fastest of the limits takes n cycles, and 1 is asked for: n - 1 times more."""
    best = reach(graph, Goal(luts=350, dsps=0, spatial=False), UP5K)[1]["cycles"]
    assert best > 2
    more = f"{(best - 2) / 2:.0%}"
    with pytest.raises(ModelError) as e:
        reach(graph, Goal(cycles=2, luts=350, dsps=0, spatial=False), UP5K)
    assert str(e.value) == (f"net: an inference every 2 cycles is asked for, and the fastest that "
                            f"fits takes {best} ({more} more)")
    with pytest.raises(ModelError) as e:
        reach(graph, Goal(fps=6e6, luts=350, dsps=0, spatial=False), UP5K, board("icebreaker"))
    assert str(e.value) == (f"net: an inference every 2 cycles is asked for, and the fastest that "
                            f"fits takes {best}, {12e6 / best:.10g} inferences/s ({more} more)")


@pytest.mark.parametrize(("asked", "on", "chip", "says"), [
    ({"luts": 30}, None, {}, "26 (30 asked for, less 15% for the estimate's error)"),
    ({"luts": 30}, "icebreaker", {}, "26 (30 asked for, less 15% for the estimate's error)"),
    # 700 - 650 = 50, and 50 / 1.15 = 43.5; no other chip is looked for where a limit is asked for.
    ({}, "icebreaker", {"luts": 700}, "43 (700 of ice40up5k, less 650 for the link and 15% for "
     "the estimate's error); ice40hx8k would hold it"),
    ({}, None, {"luts": 40}, "34 (40 of ice40up5k, less 15% for the estimate's error); ice40hx8k "
     "would hold it"),
])
def test_too_large_says_how_much_there_is(graph, asked, on, chip, says):
    """What the smallest fold needs, and of which layer most."""
    chip = replace(UP5K, **chip)
    on = replace(board(on), chip=chip) if on else None
    folds = {"fc": (1, 1)}
    costs, need = totals(graph, chip, folds)
    with pytest.raises(ModelError) as e:
        reach(graph, Goal(**asked), chip, on, folds)
    assert str(e.value) == (f"net: folded to the smallest it needs {need['luts']} LUTs, "
                            f"{costs['fc'].luts} of them for 'fc', and there are {says}")


def test_too_many_blocks_of_another_kind(graph):
    """Four products of 4 bits take DSP blocks where products of so few bits are worth one."""
    chip = replace(target("gw2a-18"), dsps=3)
    wide = Fixed(8).quantize(np.random.default_rng(0).normal(size=(4, 6)))
    graph = lower(Graph("net", (Node("input", Input((6,), Int(0, 255))),
                                Node("fc", Dense(Fixed(8), wide, None), ("input",)))))
    folds = {"fc": (2, 3)}
    costs, need = totals(graph, chip, folds)
    assert need["dsps"] == costs["fc"].dsps == 6
    with pytest.raises(ModelError) as e:
        reach(graph, Goal(), chip, folds=folds)
    assert str(e.value) == ("net: folded to the smallest it needs 6 DSP blocks, 6 of them for "
                            "'fc', and there are 3 (3 of gw2a-18); ice40up5k would hold it")
    with pytest.raises(ModelError, match=r"6 of them for 'fc', and there are 0 \(0 asked for\)$"):
        reach(graph, Goal(dsps=0), replace(chip, dsps=48), folds=folds)


def test_a_chip_that_would_hold_it_is_another_and_the_smallest(graph):
    """Of chips by their LUTs: that of the same name is none, and one whose DSP blocks do not do
    is none."""
    found = search(graph, replace(UP5K, luts=10))
    assert found._elsewhere("luts", fold(graph, {"fc": (1, 1)})) == "; ice40hx8k would hold it"
    found = search(graph, replace(target("gw1n-9c"), luts=10))
    assert found._elsewhere("luts", fold(graph, {"fc": (1, 1)})) == "; ice40up5k would hold it"
    assert search(graph, luts=5)._elsewhere("luts", fold(graph, {"fc": (1, 1)})) == ""


def test_no_chip_holds_it(graph, monkeypatch):
    monkeypatch.setattr(goal, "targets", lambda: (replace(UP5K, name="tiny", luts=9),
                                                  target("asic")))
    with pytest.raises(ModelError, match=r"for the estimate's error\)$"):
        reach(graph, Goal(), replace(UP5K, luts=10))


# -- what only the whole network shows

@pytest.fixture
def queues(monkeypatch):
    """Folds take 100 LUTs more than their path, as queues between branches do."""
    total = goal._Search._total
    monkeypatch.setattr(goal._Search, "_total", lambda self, graph: (
        total(self, graph) + np.array([100, 0, 0])))


def cost(graph, folds):
    return totals(graph, UP5K, {"fc": folds})[1]["luts"]


@pytest.mark.usefixtures("queues")
def test_queues_take_room_from_the_folds(graph):
    """With as much as the whole product takes, 100 less are left; the bound stays that of the
    first search, so nobody says that this is the best."""
    most = cost(graph, (4, 6)) + 99
    limit = int(np.ceil(most * 1.15))
    folded, known = reach(graph, Goal(luts=limit, dsps=0, spatial=False), UP5K)
    assert known["limits"]["luts"] == most
    fits = [p for p in ((1, 6), (4, 2), (2, 6), (4, 3), (4, 6)) if cost(graph, p) + 100 <= most]
    assert known["cycles"] == min(24 // (pe * simd) for pe, simd in fits) > 1
    assert (known["bound"], known["exact"]) == ({"cycles": 1}, False)
    assert predict(folded).interval == known["cycles"]
    _, known = reach(graph, Goal(luts=limit + 2, dsps=0, spatial=False), UP5K)   # a LUT more
    assert (known["cycles"], known["exact"]) == (1, True)


@pytest.mark.usefixtures("queues")
def test_it_is_not_searched_for_ever(graph, monkeypatch):
    monkeypatch.setattr(goal, "ROUNDS", 1)
    limit = int(np.ceil((cost(graph, (4, 6)) + 50) * 1.15))
    with pytest.raises(ModelError, match="net: no fold was found whose queues between branches"):
        reach(graph, Goal(luts=limit, dsps=0, spatial=False), UP5K)


@pytest.mark.parametrize("path", [None, Path([], 4, np.array([]), False)])
def test_no_path_that_is_known_is_too_slow(graph, path, monkeypatch):
    searched = goal.Search.cheapest
    monkeypatch.setattr(goal.Search, "cheapest", lambda self, cycles: (
        path if cycles == 4 else searched(self, cycles)))
    with pytest.raises(ModelError, match="an inference every 4 cycles is asked for"):
        reach(graph, Goal(cycles=4), UP5K)


def test_a_chip_that_would_hold_it_has_enough_of_everything(graph, monkeypatch):
    monkeypatch.setattr(goal, "targets", lambda: tuple(
        replace(UP5K, name=name, luts=luts, brams=brams) for name, luts, brams in (
            ("large", 9000, 9), ("more", 7000, 9), ("few", 6000, 1))))
    monkeypatch.setattr(goal._Search, "_total", lambda self, graph: np.array([500, 2, 0]))
    found = search(graph, replace(UP5K, luts=10))
    assert found._elsewhere("luts", fold(graph, {"fc": (1, 1)})) == "; more would hold it"


# -- memories in LUTs

def small():
    """A layer whose weights, at a product a cycle, fill a fifth of a block RAM of 18 kbit."""
    weights = Fixed(8).quantize(np.random.default_rng(0).normal(size=(16, 30)))
    return lower(Graph("net", (Node("input", Input((30,), Int(0, 15))),
                               Node("fc", Dense(Fixed(8), weights, None), ("input",)))))


def test_memories_give_way_to_luts_where_block_ram_is_lacking():
    chip, asked, one = target("ecp5-85k"), {"dsps": 1, "spatial": False}, {"fc": (1, 1)}
    free, known = reach(small(), Goal(**asked), chip, folds=one)
    assert known["worth"] == free.worth == 0
    assert sum(cost.brams for cost in estimate(free, chip).values()) == 1
    given, known = reach(small(), Goal(brams=0, **asked), chip, folds=one)
    assert known["worth"] == given.worth == 2 * (83640 // 208)     # 480 LUTs
    assert sum(cost.brams for cost in estimate(given, chip).values()) == 0
    styles = [name.rsplit("_", 1)[-1] for name in Design.of(given, chip).memory_kinds]
    assert styles and "block" not in styles
    exact = golden(given, random_input(given, 3))
    run = verilator_sim.simulate(given, exact[given.hardware.nodes[0].name], target=chip)
    assert np.array_equal(run.codes, exact[given.hardware.output.name])


def test_luts_are_not_given_where_block_ram_would_not_help():
    assert search(small(), target("ecp5-85k"), luts=10).worths == []
    assert search(small(), target("ecp5-85k"), brams=0).worths == [402, 804, 1608]
    assert search(small(), target("xc7"), brams=0).worths == []

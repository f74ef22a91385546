"""Folding to a goal: the best there is, of all folds that there are."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.design.cycles import predict
from qhw.errors import ModelError
from qhw.estimator import estimate
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.fold import goal
from qhw.fold.goal import MARGIN, Goal, reach
from qhw.fold.trellis import KINDS
from qhw.graph import Graph, Node, PeSimd, Spatial
from qhw.graph.fold import LEVELS
from qhw.layers import Conv, Dense, Input, Quantize
from qhw.lower import lower
from qhw.lower.fold import fold
from qhw.schemes.alternating import Alternating
from qhw.schemes.ternary import Ternary
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from qhw.targets import target
from qhw.targets.boards import board
from qhw.targets.timing import adders_within
from tests.fold.every import every, network
from tests.networks import Builder, random_input
from tests.whole.test_images import description, samples


@pytest.mark.parametrize(("name", "asked"), [
    ("dense", {"cycles": 4}), ("image", {"luts": 700})])
def test_simulation_takes_the_cycles_that_were_found(name, asked):
    folded, known = reach(network(name), Goal(**asked), target("ice40hx8k"))
    assert_cycles(folded, known, random_input(folded, 20))


def test_a_rate_is_what_the_whole_network_reaches(monkeypatch):
    """Where units keep each other waiting, so that an inference takes twice as long as the slowest
    of them, faster ones are taken."""
    slow = lambda graph: predict(graph)._replace(interval=2 * predict(graph).interval)  # noqa: E731
    monkeypatch.setattr(goal, "predict", slow)
    folded, known = reach(network("dense"), Goal(cycles=8), target("ice40hx8k"))
    assert known["cycles"] == 2 * predict(folded).interval <= 8


def assert_cycles(folded, known, x):
    exact = golden(folded, x)
    run = verilator_sim.simulate(folded, exact[folded.hardware.nodes[0].name])
    assert np.array_equal(run.codes, exact[folded.hardware.output.name])
    found = predict(folded)
    assert known["cycles"] == found.interval
    assert run.cycles == found.latency + (len(x) - 1) * found.interval


def test_sums_that_come_together_slowly_behind_a_convolution():
    b, scheme = Builder(0), Alternating()
    b.add("input", Input((4, 4, 2), Int(0, 7)))
    b.add("conv", Conv(scheme, scheme.quantize(b.rng.normal(size=(2, 2)), per_channel=True),
                       window=Window((1, 1))))
    b.add("act", Quantize(Int(0, 7), 4))
    folds = {"conv": (2, 2), "conv_sum": (1, 1)}
    graph = lower(Graph("image", tuple(b.nodes)).check(), folds)
    assert predict(graph).interval == 16 * 2 * graph.by_name["conv_sum"].op.parts
    assert_cycles(graph, {"cycles": predict(graph).interval}, random_input(graph, 8))


def test_depthwise_channels_come_and_go_in_parallel():
    """A pixel of 4 channels a cycle, and its 36 products; one channel a cycle would take 144."""
    b, scheme = Builder(0), Ternary()
    b.add("input", Input((6, 6, 4), Int(0, 3)))
    b.add("conv", Conv(scheme, scheme.quantize(b.rng.normal(size=(4, 9)), per_channel=True),
                       window=Window((3, 3)), groups=4))
    b.add("act", Quantize(Int(0, 3), 4))
    graph = lower(Graph("image", tuple(b.nodes)).check())
    folded, known = reach(graph, Goal(cycles=36), target("ecp5-25k"))
    assert known["folds"]["conv_window"] == {"channels": 4}
    assert known["folds"]["conv"]["groups"] > 1
    assert_cycles(folded, known, random_input(folded, 8))


def test_branches(tmp_path):
    """Queues are added when their depth is known, and count too."""
    graph = lower(description(tmp_path / "net", "ternary"))
    for asked, place in (({"cycles": 700}, "ulx3s-25f"), ({}, "icebreaker")):
        on = board(place)
        folded, known = reach(graph, Goal(**asked), on.chip, on)
        costs = estimate(folded, on.chip).values()
        for kind in KINDS:
            assert sum(getattr(c, kind) for c in costs) <= known["limits"][kind]
        assert known["bound"].get("cycles", 0) <= known["cycles"]
    assert_cycles(folded, known, samples())


def test_what_is_fixed_stays():
    """Folds of a file and of the model; the others are searched for around them."""
    chip, rows = target("ice40hx8k"), every("dense", "ice40hx8k")
    folds = {"fc0": (1, 2), "class": (2,)}
    folded, known = reach(network("dense"), Goal(luts=1000, spatial=False), chip, folds=folds)
    assert known["folds"]["fc0"] == {"pe": 1, "simd": 2}
    assert known["folds"]["class"] == {"lanes": 2}
    assert known["cycles"] == 4 > rows[rows[:, 1] <= 1000 / (1 + MARGIN), 0].min()
    graph = network("dense")
    node = graph.by_name["fc0"]
    asking = graph.replaced(replace(n, op=replace(n.op, asked=PeSimd(2, 1))) if n is node else n
                            for n in graph.nodes)
    assert reach(asking, Goal(spatial=False), chip)[1]["folds"]["fc0"] == {"pe": 2, "simd": 1}
    assert fold(folded, known_folds(known)).hardware.nodes[1].op.pe == 1


@pytest.mark.parametrize(("pair", "said"), [
    (Spatial(), {"spatial": True}), (Spatial(2), {"spatial": True, "levels": 2})])
def test_logic_that_is_fixed_is_said(pair, said):
    """As a file of folds has it, so that one made of the record gives the same hardware."""
    graph = lower(network("dense"), {"fc0": pair})
    _, known = reach(graph, Goal(), target("ice40hx8k"), folds={"fc0": pair})
    assert known["folds"]["fc0"] == said


@pytest.mark.parametrize(("cycles", "fps"), [(2, 12e6 / 8), (8, 12e6 / 2)])
def test_of_two_rates_the_faster_one_is_met(cycles, fps):
    """A rate of 8 cycles and one of 2, whichever way they are asked for."""
    graph, on = network("dense"), board("ice40-hx8k-evn")
    _, known = reach(graph, Goal(cycles=cycles, fps=fps), on.chip, on)
    _, alone = reach(graph, Goal(cycles=2), on.chip, on)
    assert known["cycles"] <= 2 and known["folds"] == alone["folds"]


def test_logic_is_a_choice_unless_it_is_forbidden():
    """An inference a cycle, for fewer LUTs than constants or memories take."""
    graph, chip = network("dense"), target("ice40hx8k")
    found, known = reach(graph, Goal(), chip)
    assert known["cycles"] == 1 and {"spatial": True} in known["folds"].values()
    assert_cycles(found, known, random_input(found, 20))
    _, without = reach(graph, Goal(cycles=1, spatial=False), chip)
    assert {"spatial": True} not in without["folds"].values()
    assert known["hardware"] < without["hardware"]


def test_a_clock_sets_the_adders_between_registers():
    graph, chip = network("dense"), target("ice40hx8k")
    levels = adders_within(150, chip.delays)
    _, known = reach(graph, Goal(clock_mhz=150), chip)
    said = {"spatial": True} if levels == LEVELS else {"spatial": True, "levels": levels}
    assert levels < LEVELS and said in known["folds"].values()


def known_folds(known):
    return {name: tuple(pair.values()) for name, pair in known["folds"].items()}


@pytest.mark.parametrize(("asked", "place", "says"), [
    ({"luts": 100}, "ice40-hx8k-evn",
     r"folded to the smallest it needs \d+ LUTs, \d+ of them for 'fc0', and there are 86 "
     r"\(100 asked for, less 15% for the estimate's error\)$"),
    ({"fps": 12e6, "luts": 380}, "ice40-hx8k-evn",
     r"an inference every 1 cycles is asked for, and the fastest that fits takes \d+, "
     r"[\d.e+]+ inferences/s \(\d+% more\)$"),
    ({"fps": 13e6}, "ice40-hx8k-evn", "13000000 inferences/s exceed one inference a cycle at"),
    ({"fps": 100}, None, "--fps needs a clock: add --clock MHZ or --board"),
    ({}, None, "xc7 has no size to fit"),
])
def test_what_cannot_be_says_by_how_much(asked, place, says):
    on = board(place) if place else None
    with pytest.raises(ModelError, match=says):
        reach(network("dense"), Goal(spatial=False, **asked), on.chip if on else target("xc7"), on)


def test_a_larger_chip_is_named():
    with pytest.raises(ModelError, match=r"\(100 of ice40hx8k, .*\); ice40up5k would hold it"):
        reach(network("dense"), Goal(), replace(target("ice40hx8k"), luts=100))


@pytest.mark.parametrize("asked", [{"fps": 0}, {"fps": float("nan")}, {"luts": -1},
                                   {"cycles": 0}, {"clock_mhz": float("inf")}])
def test_goals_that_are_none(asked):
    with pytest.raises(ModelError, match="must be more than 0"):
        Goal(**asked)


@pytest.mark.parametrize(("outputs", "says"), [
    (40, ""),
    (56, r"26 block RAMs, .*, and there are 25 \(30 of ice40up5k, less 5 for the link\)")])
def test_the_link_has_room_for_its_samples(outputs, says):
    """Requests of 784 bytes take four block RAMs of 512, besides one for the frames to the host."""
    scheme, one = Ternary(), board("icebreaker")
    weights = scheme.quantize(np.random.default_rng(0).normal(size=(outputs, 784)))
    graph = lower(Graph("large", (Node("x", Input((784,), Int(0, 255))), Node(
        "fc", Dense(scheme, weights), ("x",)))).check())
    if says:
        with pytest.raises(ModelError, match=says):
            reach(graph, Goal(spatial=False), one.chip, one)
        return
    folded, known = reach(graph, Goal(spatial=False), one.chip, one)
    assert known["reserve"]["brams"] == 5 and known["limits"]["brams"] == 25
    assert sum(cost.brams for cost in estimate(folded, one.chip).values()) <= 25

"""Registers for a clock: as few as the estimate asks for, exact in the cycles that are predicted,
and none without a clock."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.design.cycles import predict
from qhw.errors import ModelError
from qhw.estimator import estimate
from qhw.exact.num import Int
from qhw.fold.clock import staged
from qhw.fold.goal import Goal, reach
from qhw.graph import Graph, Lanes, Node, PeSimd
from qhw.layers import ArgMax, Dense, Input, Quantize
from qhw.lower import lower
from qhw.lower.fold import fold
from qhw.schemes.fixed import Fixed
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from qhw.targets import target
from qhw.targets.boards import board
from qhw.targets.timing import stopping
from tests.networks import random_input
from tests.ops.recurrent import WORD, lstm

CHIP = target("ecp5-25k")
CYCLES = 32


def network(fold=None):
    rng = np.random.default_rng(0)
    first, second = (Fixed(4).quantize(rng.normal(size=shape), per_channel=False)
                     for shape in ((16, 32), (4, 16)))
    return lower(Graph("net", (
        Node("input", Input((32,), Int(0, 15))),
        Node("a", Dense(Fixed(4), first, fold=fold), ("input",)),
        Node("act", Quantize(Int(0, 15), 9), ("a",)),
        Node("b", Dense(Fixed(4), second), ("act",)),
        Node("class", ArgMax(), ("b",)))).check())


def stages(graph):
    return {n.name: n.op.engine.stages for n in graph.nodes if n.op.kind == "matvec"}


def every(graph):
    """The registers of all layers, one after the other."""
    return sum(stages(graph).values()) + sum(getattr(n.op, "stages", 0) for n in graph.nodes)


def slowest(graph):
    return {name: cost.ns for name, cost in estimate(graph, CHIP).items()}


@pytest.fixture(scope="module")
def plain():
    return reach(network(), Goal(cycles=CYCLES), CHIP)


def test_without_a_clock_there_are_none(plain):
    graph, known = plain
    assert stages(graph) == {"a": 0, "b": 0}
    assert all("stages" not in one for one in known.folds.values())


@pytest.mark.parametrize("mhz", [20, 90, 150, 1000])
def test_the_fewest_registers_for_a_clock(plain, mhz):
    """One less would be too slow, unless other units are slower."""
    graph, known = reach(network(), Goal(cycles=CYCLES, clock_mhz=mhz), CHIP)
    before, after = slowest(plain[0]), slowest(graph)
    assert sum(stages(graph).values()) == 0 if mhz == 20 else sum(stages(graph).values()) > 0
    assert known.cycles == plain[1].cycles
    others = max(ns for name, ns in after.items() if name not in stages(graph))
    for name, count in stages(graph).items():
        one = PeSimd(**known.folds[name])
        assert one.stages == count and after[name] <= before[name]
        if count:
            fewer = {**known.folds, name: replace(one, stages=count - 1).json()}
            fewer = {n: PeSimd(**f) for n, f in fewer.items() if "pe" in f}
            ns = slowest(fold(graph, fewer))[name]
            ns = ns if count > 1 else max(ns, stopping(CHIP.delays))
            assert ns > max(1000 / mhz / CHIP.delays.placed, others)


def test_the_hardware_is_exact_and_takes_the_cycles_predicted(plain):
    graph, known = reach(network(), Goal(cycles=CYCLES, clock_mhz=150), CHIP)
    x = random_input(graph, 20)
    exact = golden(graph, x)
    run = verilator_sim.simulate(graph, exact[graph.hardware.nodes[0].name])
    assert np.array_equal(run.codes, exact[graph.hardware.output.name])
    found = predict(graph)
    assert known.cycles == found.interval == predict(plain[0]).interval
    assert found.latency == predict(plain[0]).latency + every(graph)
    assert every(graph) > sum(stages(graph).values()), "none in the thresholds and the class"
    assert run.cycles == found.latency + (len(x) - 1) * found.interval


@pytest.mark.parametrize(("act", "last"), [(1, 0), (3, 1), (9, 1)])
def test_stages_of_other_layers_are_exact_and_predicted(act, last):
    """A skid buffer of the codes, with registers in the search, and everywhere."""
    folds = {"a": PeSimd(4, 4), "act": Lanes(1), "b": PeSimd(1, 2), "class": Lanes(1)}
    bare = predict(fold(network(), folds))
    graph = fold(network(), {**folds, "act": Lanes(1, act), "class": Lanes(1, last)})
    x = random_input(graph, 20)
    exact = golden(graph, x)
    run = verilator_sim.simulate(graph, exact[graph.hardware.nodes[0].name])
    assert np.array_equal(run.codes, exact[graph.hardware.output.name])
    found = predict(graph)
    assert (found.interval, found.latency) == (bare.interval, bare.latency + act + last)
    assert run.cycles == found.latency + (len(x) - 1) * found.interval


def test_a_board_gets_as_many_registers_as_fit():
    """On iCE40 a register takes the place of a LUT."""
    one, asked = board("icebreaker"), {"a": PeSimd(4, 4), "b": PeSimd(1, 2)}
    graph, _ = reach(network(), Goal(cycles=CYCLES), one.chip, one, asked)
    bare = fold(graph, {n.name: replace(n.op.engine.at(n.op), stages=0) for n in graph.nodes
                        if n.op.kind == "matvec"})
    luts = sum(cost.luts for cost in estimate(bare, one.chip).values())
    again, known = reach(network(), Goal(cycles=CYCLES, luts=int(1.15 * luts) + 20), one.chip, one,
                         asked)
    assert sum(stages(again).values()) < sum(stages(graph).values())
    assert sum(c.luts for c in estimate(again, one.chip).values()) <= known.limits["luts"]


def test_stages_that_are_asked_for_stay():
    asked = {"a": PeSimd(4, 4, 4), "b": PeSimd(1, 1)}
    graph, _ = reach(network(), Goal(luts=5000, clock_mhz=10), CHIP, folds=asked)
    assert stages(graph) == {"a": 4, "b": 0}


def test_periods_rise_as_registers_go(plain):
    rows = list(staged(plain[0], CHIP, 500, {}))
    counts = [sum(one.stages for one in row.values()) for row in rows]
    assert counts[0] > 0 == counts[-1] and counts == sorted(counts, reverse=True)
    assert {type(one) for one in rows[0].values()} == {PeSimd, Lanes}


def test_stages_that_the_model_asks_for_stay():
    graph, _ = reach(network(PeSimd(4, 4, 3)), Goal(luts=5000, clock_mhz=10), CHIP)
    assert stages(graph) == {"a": 3, "b": 0}


def test_stages_of_a_layer_without_a_product_stay():
    asked = {"act": Lanes(1, 5), "class": Lanes(1)}
    graph, known = reach(network(), Goal(luts=5000, clock_mhz=10), CHIP, folds=asked)
    assert [graph.by_name[n].op.stages for n in ("act", "class")] == [5, 0]
    assert known.folds["act"] == {"lanes": 1, "stages": 5}


@pytest.mark.parametrize(("layer", "one", "wrong"), [
    ("act", Lanes(1, 10), "stages must be 0 to 9, and 10 is not"),
    ("class", Lanes(4, 2), "stages must be 0 to 1, and 2 is not")])
def test_stages_that_a_layer_cannot_have(layer, one, wrong):
    with pytest.raises(ModelError, match=f"Fold of '{layer}': {wrong}"):
        fold(network(), {layer: one})


@pytest.mark.parametrize(("cycles", "most", "count"), [(None, 68, 0), (100, 100, 0), (104, 102, 1)])
def test_a_loop_keeps_its_pace(cycles, most, count):
    """In a loop each register makes every step a cycle longer, so there are only as many as the
    cycles asked for leave room for."""
    recurrent = lower(Graph("net", (Node("input", Input((2, 16), WORD)),
                                    Node("l", lstm(4), ("input",)))).check())
    _, known = reach(recurrent, Goal(cycles=cycles, clock_mhz=150, luts=20000), CHIP)
    assert (known.cycles, known.folds["l"].get("stages", 0)) == (most, count)

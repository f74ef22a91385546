"""Folding to a goal: the best there is, of all folds that there are."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from qhw.design.cycles import predict
from qhw.engines import SpatialEngine
from qhw.errors import ModelError
from qhw.estimator import estimate
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.fold import goal, search
from qhw.fold.choices import trellis
from qhw.fold.goal import MARGIN, Goal, reach
from qhw.fold.search import KINDS, Limits, Move, Trellis, cheapest, fastest, pareto
from qhw.graph import Graph, PeSimd, Spatial
from qhw.layers import ArgMax, Conv, Flatten, Input, Quantize
from qhw.lower import lower
from qhw.lower.fold import fold
from qhw.ops import HardwareOp
from qhw.schemes.alternating import Alternating
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from qhw.targets import target
from qhw.targets.boards import board
from tests.fold.paths import drawn
from tests.networks import Builder, random_input
from tests.whole.test_images import description, samples

NETWORKS = {
    "dense": (0, (4, 2, 2), (Fixed(4), Ternary())),
    "wide": (1, (24, 2), (Fixed(3),)),
    "deep": (2, (1, 4, 1, 2), (Ternary(), Fixed(8), Fixed(2))),
    "odd": (4, (2, 6, 1), (Ternary(), Fixed(4))),
    "image": (3, (8, 1), (Ternary(),)),
}
TARGETS = ["ice40hx8k", "ice40up5k", "ecp5-25k"]


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def network(name):
    """A small one that asks for no folds."""
    seed, sizes, schemes = NETWORKS[name]
    b = Builder(seed)
    if name == "image":
        b.add("input", Input((3, 3, 2), Int(0, 15)))
        found = Ternary().quantize(b.rng.normal(size=(2, 8)), per_channel=True)
        b.add("conv", Conv(Ternary(), found, window=Window((2, 2))))
        b.add("act", Quantize(Int(0, 7), 4))
        b.add("flat", Flatten())
    else:
        b.add("input", Input((sizes[0],), Int(0, 15)))
    for k, scheme in enumerate(schemes):
        b.dense(f"fc{k}", scheme, sizes[k], sizes[k + 1], one_scale=k == len(schemes) - 1)
        b.nodes[-1] = replace(b.nodes[-1], op=replace(b.nodes[-1].op, fold=None))
        if k < len(schemes) - 1:
            b.add(f"act{k}", Quantize(Int(0, 7), 4))
    if sizes[-1] > 1:
        b.add("class", ArgMax())
    return lower(Graph(name, tuple(b.nodes)).check())


def every_fold(graph, spatial=False):
    """By layer, all there are; with ``spatial`` weights as logic too."""
    for node in graph.hardware.nodes:
        if not isinstance(node.op, HardwareOp):
            continue
        x = graph.tensors[node.inputs[0]]
        if node.op.product:
            pairs = product(divisors(node.op.product.outputs), divisors(node.op.product.inputs))
            yield node.name, [*pairs, *[Spatial()] * spatial]
        else:
            yield node.name, [(lanes,) for lanes in divisors(x.channels)]


@cache
def every(name, chip, spatial=False):
    """(cycles, LUTs, block RAMs, DSP blocks) of every way to fold a network, one by one."""
    graph = network(name)
    names, folds = zip(*every_fold(graph, spatial), strict=True)
    rows = []
    for chosen in product(*folds):
        folded = fold(graph, dict(zip(names, chosen, strict=True)),
                      family=target(chip).family.name)
        costs = estimate(folded, target(chip)).values()
        rows.append((predict(folded).interval,
                     *(sum(getattr(c, kind) for c in costs) for kind in KINDS)))
    return np.array(rows)


def reached(name, chip, **asked):
    """Cycles and cost of what the search finds; None if it finds nothing."""
    try:
        graph, known = reach(network(name), Goal(**asked), target(chip))
    except ModelError:
        return None
    assert known["exact"] and known["cycles"] == predict(graph).interval
    costs = estimate(graph, target(chip)).values()
    return known["cycles"], *(sum(getattr(c, kind) for c in costs) for kind in KINDS)


def limits(name, chip, seed):
    """Limits near what folds take; of a kind that all folds need alike, none."""
    rng, rows = np.random.default_rng(seed), every(name, chip)
    kinds = [k for k in range(1, 4) if len(np.unique(rows[:, k])) > 1 or rows[0, k]]
    chosen = [k for k in kinds if rng.integers(3)] or kinds
    return {KINDS[k - 1]: int(np.quantile(rows[:, k], rng.uniform(0, .7))) for k in chosen}


def within(rows, asked):
    """The ways to fold that the limits leave."""
    for k, kind in enumerate(KINDS, 1):
        if kind in asked:
            most = int(asked[kind] / (1 + MARGIN)) if kind == "luts" else asked[kind]
            rows = rows[rows[:, k] <= most]
    return rows


@pytest.mark.parametrize("chip", TARGETS)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_fastest_is_the_fastest_of_all(name, chip):
    found = 0
    for seed in range(12):
        asked = limits(name, chip, seed)
        rows, best = within(every(name, chip), asked), reached(name, chip, **asked)
        if best is None:
            assert not len(rows), asked
            continue
        assert best[0] == rows[:, 0].min(), asked
        assert any((rows == best).all(axis=1))
        found += 1
    assert found > 3


@pytest.mark.parametrize("chip", TARGETS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_rate_takes_the_least_hardware_of_all(name, chip):
    has = target(chip)
    weights = np.array([1 / n if n else 0 for n in (has.luts, has.brams, has.dsps)])
    rows = every(name, chip)
    for seed, cycles in enumerate(np.unique(rows[:, 0])[::3]):
        asked = limits(name, chip, seed) if seed % 2 else {}
        fast = within(rows, asked)
        fast = fast[fast[:, 0] <= cycles]
        best = reached(name, chip, cycles=int(cycles), **asked)
        assert (best is None) == (not len(fast)), asked
        if best is not None:
            assert best[0] <= cycles
            assert best[1:] @ weights == pytest.approx((fast[:, 1:] @ weights).min())


@pytest.mark.parametrize("chip", ["ice40hx8k", "ecp5-25k"])
@pytest.mark.parametrize("name", ["dense", "odd", "image"])
def test_weights_become_logic_where_that_is_better(name, chip):
    has = target(chip)
    weights = np.array([1 / n if n else 0 for n in (has.luts, has.brams, has.dsps)])
    rows = every(name, chip, spatial=True)
    chosen = 0
    for cycles in np.unique(rows[:, 0]).tolist():
        graph, known = reach(network(name), Goal(cycles=int(cycles), spatial=True), has)
        least = (rows[rows[:, 0] <= cycles][:, 1:] @ weights).min()
        assert known["hardware"] == pytest.approx(least) and known["exact"]
        logic = [n for n, found in known["folds"].items() if found == {"spatial": True}]
        assert all(isinstance(graph.by_name[n].op.engine, SpatialEngine) for n in logic)
        chosen += bool(logic)
    assert chosen or name == "image"


@pytest.mark.parametrize("chip", ["ice40hx8k", "ecp5-25k"])
@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_priced_adds_up_to_the_estimate(name, chip):
    """Of paths at random, their cost and their cycles."""
    graph, rng = network(name), np.random.default_rng(0)
    for _ in range(15):
        found = trellis(graph, target(chip), {}, np.inf)
        folds, taken = drawn(found, rng)
        folded = fold(graph, folds)
        costs = estimate(folded, target(chip)).values()
        assert [sum(getattr(c, kind) for c in costs) for kind in KINDS] == list(
            sum(step.cost[edge] for step, edge in taken))
        assert predict(folded).interval == max(step.cycles[edge] for step, edge in taken)


@pytest.mark.parametrize(("kind", "name", "chip"), [
    ("luts", "dense", "ecp5-25k"), ("brams", "image", "ice40hx8k"), ("dsps", "deep", "ecp5-25k")])
def test_more_room_is_never_slower(kind, name, chip):
    rows = every(name, chip)
    column = rows[:, 1 + KINDS.index(kind)]
    cycles = []
    for most in np.unique(np.linspace(column.min(), column.max() * 1.2, 12).astype(int)):
        best = reached(name, chip, **{kind: int(most)})
        cycles.append(best[0] if best else 10**9)
    assert cycles == sorted(cycles, reverse=True)
    assert cycles[0] > cycles[-1] or kind == "brams"    # so small, it needs none


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_pareto(columns):
    for seed in range(50):
        rows = np.random.default_rng(seed).integers(0, 6, (40, columns)).astype(float)
        kept = pareto(rows)
        best = {tuple(r) for r in rows if not any(
            (other <= r).all() and (other < r).any() for other in rows)}
        assert sorted(map(tuple, rows[kept])) == sorted(best)


@pytest.mark.parametrize("seed", range(30))
def test_search_among_random_steps(seed):
    """Against all paths, with several kinds limited, and with few labels kept."""
    rng = np.random.default_rng(seed)
    steps, widths = Trellis(0), [1, *rng.integers(1, 4, 4)]
    for k, width in enumerate(widths[1:]):
        moves = {s: [Move(int(rng.integers(width)), int(rng.integers(1, 9)),
                          rng.integers(0, 12, 3).astype(float), (k, s, e)) for e in range(3)]
                 for s in range(widths[k])}
        steps.add(moves.__getitem__)
    paths = [(0, 0, np.zeros(3))]
    for step in steps.steps:
        paths = [(int(step.to[e]), max(c, step.cycles[e]), cost + step.cost[e])
                 for at, c, cost in paths for e in np.flatnonzero(step.source == at)]
    costs, cycles = np.array([p[2] for p in paths]), np.array([p[1] for p in paths])
    most = np.where(rng.integers(3, size=3), np.quantile(costs, rng.uniform(.05, .5), axis=0),
                    np.inf)
    room, fits = Limits(most, np.array([1., 2, 3])), (costs <= most).all(axis=1)
    answer = fastest(steps, room)
    assert (answer is None) == (not fits.any())
    if answer:
        assert answer.exact and answer.path.cycles == answer.bound == cycles[fits].min()
        same = fits & (cycles == cycles[fits].min())
        assert answer.path.cost @ room.weights == (costs[same] @ room.weights).min()
    for pace in range(1, 9):
        path, fast = cheapest(steps, pace, room), fits & (cycles <= pace)
        assert (path is None) == (not fast.any())
        if path:
            assert path.cost @ room.weights == (costs[fast] @ room.weights).min()


@pytest.mark.parametrize("seed", range(30))
def test_what_is_not_exact_says_so_and_has_a_bound(seed, monkeypatch):
    monkeypatch.setattr(search, "MOST_LABELS", 1)
    rng = np.random.default_rng(seed)
    steps = Trellis(0)
    for _ in range(4):
        moves = [Move(0, int(rng.integers(1, 9)), rng.integers(0, 12, 3).astype(float), None)
                 for _ in range(6)]
        steps.add(lambda state, moves=moves: moves)
    room = Limits(np.array([20., 20, 22]), np.ones(3))
    answer = fastest(steps, room)
    monkeypatch.setattr(search, "MOST_LABELS", 10**6)
    best = fastest(steps, room)
    if best is None:
        assert answer is None
    elif answer is not None:
        assert answer.bound <= best.bound <= answer.path.cycles
        assert not answer.exact or answer.path.cycles == best.path.cycles


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
    folded, known = reach(network("dense"), Goal(luts=1000), chip, folds=folds)
    assert known["folds"]["fc0"] == {"pe": 1, "simd": 2}
    assert known["folds"]["class"] == {"lanes": 2}
    assert known["cycles"] == 4 > rows[rows[:, 1] <= 1000 / (1 + MARGIN), 0].min()
    graph = network("dense")
    node = graph.by_name["fc0"]
    asking = graph.replaced(replace(n, op=replace(n.op, asked=PeSimd(2, 1))) if n is node else n
                            for n in graph.nodes)
    assert reach(asking, Goal(), chip)[1]["folds"]["fc0"] == {"pe": 2, "simd": 1}
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
        reach(network("dense"), Goal(**asked), on.chip if on else target("xc7"), on)


def test_a_larger_chip_is_named():
    with pytest.raises(ModelError, match=r"\(100 of ice40hx8k, .*\); ice40up5k would hold it"):
        reach(network("dense"), Goal(), replace(target("ice40hx8k"), luts=100))


@pytest.mark.parametrize("asked", [{"fps": 0}, {"fps": float("nan")}, {"luts": -1},
                                   {"cycles": 0}, {"clock_mhz": float("inf")}])
def test_goals_that_are_none(asked):
    with pytest.raises(ModelError, match="must be more than 0"):
        Goal(**asked)

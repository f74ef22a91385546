"""Goals against every fold that there is: the fastest, and the least hardware."""


import numpy as np
import pytest

from qhw.design.cycles import predict
from qhw.engines import SpatialEngine
from qhw.estimator import estimate
from qhw.fold.goal import Goal, reach
from qhw.fold.trellis import KINDS
from qhw.lower.fold import fold
from qhw.targets import target
from tests.fold.every import NETWORKS, TARGETS, every, limits, network, reached, within
from tests.fold.paths import drawn, trellis


@pytest.mark.slow(but=3)
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


@pytest.mark.slow(but=3)
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
            least = np.linalg.norm(fast[:, 1:] * weights, axis=1).min()
            assert np.linalg.norm(best[1:] * weights) == pytest.approx(least)


@pytest.mark.parametrize("chip", ["ice40hx8k", "ecp5-25k"])
@pytest.mark.parametrize("name", ["dense", "odd", "image"])
def test_weights_become_logic_where_that_is_better(name, chip):
    has = target(chip)
    weights = np.array([1 / n if n else 0 for n in (has.luts, has.brams, has.dsps)])
    rows = every(name, chip, spatial=True)
    chosen = 0
    for cycles in np.unique(rows[:, 0]).tolist():
        graph, known = reach(network(name), Goal(cycles=int(cycles)), has)
        least = np.linalg.norm(rows[rows[:, 0] <= cycles][:, 1:] * weights, axis=1).min()
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

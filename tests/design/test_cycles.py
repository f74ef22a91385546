"""Cycles of inferences: the formula of straight networks, against their streams as played."""

import numpy as np
import pytest

from qhw.design import cycles
from qhw.design.cycles import predict, total
from qhw.design.plan import stages
from qhw.design.queues import model
from qhw.errors import ToolError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Input
from qhw.ops import Gain, Sum, Threshold
from qhw.ops.pooling import Pooling

ONES = np.ones(4, np.int64)


def net(shape, *ops):
    nodes = [Node("x", Input(shape, Int(-8, 7)))]
    for k, op in enumerate(ops):
        nodes.append(Node(f"n{k}", op, (nodes[-1].name,)))
    return Graph("net", tuple(nodes)).check()


def steps(pe=1):
    return Threshold(np.array([[0, 2]] * 4), np.zeros(4, bool), pe=pe)


STRAIGHT = {
    "gain": net((4,), Gain(ONES)), "lanes": net((4,), Gain(ONES, pe=2), Gain(ONES, pe=4)),
    "steps": net((4,), Gain(ONES), steps()),
    "pool": net((4, 4, 4), Pooling(Window((2, 2), (2, 2)), "max", pe=2), steps(4))}
BRANCH = Graph("net", (
    Node("x", Input((4,), Int(-8, 7))), Node("a", Gain(ONES), ("x",)),
    Node("b", Gain(ONES), ("a",)), Node("s", Sum(ONES, ONES), ("a", "b")))).check()


def played(graph, count):
    """The cycle count of so many inferences, beat by beat."""
    return int(model(stages(graph)).play(count).cycles[-1])


@pytest.mark.parametrize("name", STRAIGHT)
def test_a_straight_network_is_as_it_is_played(name):
    graph = STRAIGHT[name]
    found = predict(graph)
    assert [total(graph, n) for n in (1, 2, 3, 9)] == [played(graph, n) for n in (1, 2, 3, 9)]
    assert found.latency == total(graph, 1)
    assert found.interval == total(graph, 3) - total(graph, 2)


def test_by_hand():
    """Four beats, a register in the gain and one behind it: the last beat leaves in cycle 3 + 2."""
    assert predict(STRAIGHT["gain"]) == (4, 6) and total(STRAIGHT["gain"], 10) == 6 + 9 * 4


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 90])
def test_a_network_with_branches_is_played(count):
    """To the 64th inference, and then in equal steps."""
    assert total(BRANCH, count) == played(BRANCH, count)
    assert predict(BRANCH).latency == played(BRANCH, 1)


@pytest.mark.parametrize(("ends", "want"), [
    ([10, 14, 18, 22, 26, 30, 34, 38], (4, 10)),            # of the last inferences
    ([10, 30, 44, 58, 72, 86, 100, 114], (14, 10))])
def test_the_interval_is_that_of_the_later_inferences(monkeypatch, ends, want):
    monkeypatch.setattr(cycles, "_played", lambda graph, count: np.array(ends[:count]))
    assert predict(BRANCH) == want


def test_an_interval_that_changes_is_a_mean_rounded_up(monkeypatch):
    """Of steps of 3 and 4 in turn, over the later half of 64: 3.5 a step."""
    ends = 10 + np.cumsum([0, *[3, 4] * 40])
    monkeypatch.setattr(cycles, "_played", lambda graph, count: ends[:count])
    assert predict(BRANCH) == (4, 10)


def test_a_network_that_stops_is_an_error(monkeypatch):
    class Stopped:
        def play(self, count):
            return type("Played", (), {"cycles": np.array([9, 18])})

    monkeypatch.setattr(cycles, "model", lambda units: Stopped())
    cycles._played.cache_clear()
    with pytest.raises(ToolError, match="net: its streams stop after 2 inferences"):
        total(BRANCH, 3)
    cycles._played.cache_clear()

"""Which units a network has between its layers, and the queues' depths by hand."""

import numpy as np
import pytest

from qhw.design.plan import needed, stages, times, waiting
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node, Tensor, Whole
from qhw.layers import Conv, Flatten, Input, Quantize
from qhw.lower import lower
from qhw.ops import Gain, Requantize, Sum, Take
from qhw.schemes import schemes

ONES = np.ones(4, np.int64)


def net(*nodes):
    return Graph("net", (Node("x", Input((4,), Int(-8, 7))), *nodes)).check()


def gain(name, source, pe=1):
    return Node(name, Gain(ONES, pe=pe), (source,))


def total(name, *sources, pe=1):
    return Node(name, Sum(ONES, ONES, pe=pe), sources)


def names(graph):
    return [unit.name for unit in stages(graph)]


def test_layers_follow_each_other_with_a_buffer_at_the_end():
    graph = net(gain("a", "x"), Node("flat", Flatten(), ("a",)), gain("b", "flat"))
    assert names(graph) == ["a", "b", "out_buffer"]
    assert [unit.sources for unit in stages(graph)] == [
        (("", "o"),), (("a", "o"),), (("b", "o"),)]


@pytest.mark.parametrize(("a", "b", "between"), [
    (1, 1, []), (1, 2, [("b_beats2", 1, 2)]), (4, 2, [("b_beats2", 4, 2)])])
def test_what_fits_the_beats_stands_between(a, b, between):
    found = stages(net(gain("a", "x", a), gain("b", "a", b)))
    assert [(u.name, u.i_lanes, u.o_lanes) for u in found[1:-2]] == between


def test_streams_that_part_have_forks_and_queues():
    graph = net(gain("a", "x"), gain("b", "a"), total("s", "a", "b"))
    assert names(graph) == ["a", "a_fork", "b", "s_queue0", "s_queue1", "s", "out_buffer"]
    by = {u.name: u for u in stages(graph)}
    assert by["s"].sources == (("s_queue0", "o"), ("s_queue1", "o"))
    assert {by["b"].sources[0], by["s_queue0"].sources[0]} == {("a_fork", "o0"), ("a_fork", "o1")}


def test_whole_windows_have_a_queue_before_them_and_their_pace_behind():
    """The network's input waits by itself; a product with fewer cycles than pixels waits for them.
    """
    image, rng = Window((3, 3)), np.random.default_rng(0)

    def conv(name, source, outputs, inputs):
        found = schemes["ternary"]().quantize(rng.normal(size=(outputs, inputs)))
        return Node(name, Conv(schemes["ternary"](), found, image), (source,))

    graph = Graph("net", (Node("x", Input((6, 6, 1), Int(0, 3))), conv("a", "x", 2, 9),
                          Node("act", Quantize(Int(0, 3), 4), ("a",)), conv("b", "act", 1, 18)))
    folds = {"a_window": Whole(1), "a": (2, 9), "b_window": Whole(2), "b": (1, 2)}
    units = stages(lower(graph.check(), folds))
    queues = [u.name for u in units if u.depth]
    assert queues == ["b_window_queue"]
    by = {u.name: u for u in units}
    assert by["b_window"].sources == (("b_window_queue", "o"),)
    assert (by["a"].pace, by["act"].pace) == (36, 0)
    assert by["b"].interval == by["b"].pace > by["b"].op.interval(*by["b"].xs) == 4 * 9


def test_the_input_and_the_output_are_read_twice_too():
    assert names(net(total("s", "x", "x")))[0] == "in_fork"
    graph = net(gain("a", "x"), total("s", "a", "a"))
    assert "a_fork" in names(graph)


def test_names_of_layers_are_not_taken():
    graph = net(gain("out_buffer", "x"), gain("b", "out_buffer", 2))
    assert names(graph) == ["out_buffer", "b_beats2", "b", "out_buffer_2"]


@pytest.mark.parametrize(("arrive", "leave", "period", "most"), [
    ([0, 1, 2], [0, 1, 2], 3, 1), ([0, 1, 2], [1, 2, 3], 3, 2), ([0, 1, 2], [3, 4, 5], 9, 3),
    ([0, 1, 2, 3], [3, 6, 9, 12], 20, 4), ([0, 1], [5, 6], 2, 6), ([0, 5], [1, 6], 9, 1),
    ([0, 5], [0, 5], 9, 1)])
def test_how_many_beats_wait(arrive, leave, period, most):
    """A beat is there in the cycle in which it leaves; inferences that overlap add up."""
    assert waiting(np.array(arrive), np.array(leave), period) == most


def test_beats_leave_in_order_behind_every_unit():
    """A register each, and forks that give no beat before the cycles said."""
    units = stages(net(gain("a", "x"), gain("b", "a")))
    found = times(units)
    assert found[""].tolist() == [0, 1, 2, 3]
    assert (found["b"] - found["a"]).tolist() == (found["a"] - found[""]).tolist()
    assert found["out_buffer"].tolist() == (found["b"] + 1).tolist()
    graph = net(gain("a", "x"), gain("b", "a"), total("s", "a", "b"))
    late = times(stages(graph), {"a_fork": np.array([9, 10, 11, 20])})
    assert late["a_fork"].tolist() == [9, 10, 11, 20]
    assert (late["b"] >= late["a_fork"]).all() and late["b"][-1] > 20


def test_forks_may_give_beats_as_late_as_joins_take_them():
    """The slower way decides, and a fork's beats are needed when that one takes them."""
    graph = net(gain("a", "x"), gain("b", "a"), total("s", "a", "b"))
    free = times(stages(graph))
    wanted = needed(stages(graph), free)
    assert list(wanted) == ["a_fork"] and (wanted["a_fork"] <= free["a_fork"]).all()


def test_a_part_of_the_input_is_as_many_beats():
    units = stages(net(Node("t", Take(1, 2), ("x",))))
    assert units[0].y == Tensor((2,), Int(-8, 7)) and len(times(units)["t"]) == 2


def test_a_slower_way_needs_a_deeper_queue_beside_it():
    """The other way has one register more for each layer on it."""
    def depths(count):
        layers = [Node(f"r{k}", Requantize(ONES, 0 * ONES, 0, Int(-8, 7)), (
            f"r{k - 1}" if k else "a",)) for k in range(count)]
        graph = net(gain("a", "x"), *layers, total("s", "a", f"r{count - 1}"))
        return {u.name: u.depth for u in stages(graph) if u.depth}
    one, three = depths(1), depths(3)
    assert three["s_queue1"] == one["s_queue1"] and three["s_queue0"] >= one["s_queue0"]

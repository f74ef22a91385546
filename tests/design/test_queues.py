"""Queues before joins: deep enough that nothing is late, and one less is too little."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from qhw.design import queues
from qhw.design.cycles import predict
from qhw.design.plan import stages
from qhw.design.queues import model
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Lanes, Node, PeSimd, Whole
from qhw.hw.streams.fifo import Fifo
from qhw.layers import Conv, Input, Quantize
from qhw.lower import lower
from qhw.schemes import schemes

from ..branching import branched, lowered
from ..seeds import rotating


def with_depths(units, depth_of):
    return tuple(replace(u, depth=depth_of(u)) if u.depth else u for u in units)


def ends(units, count=6):
    """The cycles in which inferences end that come as fast as the slowest unit can do them."""
    return model(units).play(count, period=max(u.interval for u in units)).ends


def right(units):
    """Nothing is later than with queues of ten times the depth, and nothing stops if pipelines
    hold little. (Small queues have less latency: they stay.)"""
    made = ends(units)
    ample = ends(with_depths(units, lambda u: u.depth * (10 if u.depth > Fifo.SMALL else 1)))
    return (len(made) == len(ample) and (made <= ample).all()
            and len(model(units, worst=True).play(1).ends) == 1)


SEARCHED = (9, 20)
"""Seeds of networks whose queues must be deeper than the beats' schedules say."""


@pytest.mark.parametrize("seed", [1, *SEARCHED, *rotating(3)])
def test_chosen_depths_are_right(seed):
    graph, _ = lowered(branched(seed, most=1), seed)
    assert right(stages(graph))


@pytest.mark.parametrize("seed", [4, 9, 33])
def test_queues_in_which_no_beat_waits_move_like_ample_ones(seed, monkeypatch):
    """Of networks whose queues are all large."""
    plays = []

    def again(sizes, ample):
        plays.append((ample, sizes.paced(sizes.enough)))
        return plays[-1][1]

    monkeypatch.setattr(queues._Sizes, "_again", again)
    stages(lowered(branched(seed, most=1), seed)[0])
    (ample, played), = plays
    assert (ample.marks == played.marks).all() and (ample.ends == played.ends).all()
    assert ample.moves == played.moves


@pytest.mark.parametrize("seed", SEARCHED)
def test_some_queue_with_one_less_is_wrong(seed):
    units = stages(lowered(branched(seed, most=1), seed)[0])
    assert not all(right(with_depths(units, lambda u, name=queue.name: u.depth - (u.name == name)))
                   for queue in units if queue.depth > 1)


def test_whole_windows_that_wait_for_each_other_are_slower_than_each_unit():
    """A window that waits for its product, which waits for narrow beats: 125 cycles where no unit
    takes more than 104. They still follow each other in equal distances."""
    scheme, x = schemes["ternary"](), Int(0, 3)
    window, weights = Window((3, 3), pads=(1, 1, 1, 1)), np.random.default_rng(0).normal
    a, b = (Conv(scheme, scheme.quantize(weights(size=size)), window)
            for size in ((4, 18), (2, 36)))
    graph = lower(Graph("two", (
        Node("input", Input((5, 5, 2), x, Fraction(1)), ()), Node("a", a, ("input",)),
        Node("q", Quantize(x, 4), ("a",)), Node("b", b, ("q",)))).check(), {
        "a_window": Whole(2), "a": PeSimd(3, 9), "q": Lanes(1),
        "b_window": Whole(4), "b": PeSimd(2, 9)})
    units = stages(graph)
    sizes = queues._Sizes(units)
    assert (max(u.interval for u in units), sizes.period) == (104, predict(graph).interval)
    assert queues.steady(sizes.wanted) and sizes.count < 10
    assert right(units)

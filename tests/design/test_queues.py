"""Queues before joins: deep enough that nothing is late, and one less is too little."""

from dataclasses import replace

import pytest

from qhw.design import queues
from qhw.design.plan import stages
from qhw.design.queues import model
from qhw.hw.streams.fifo import Fifo

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

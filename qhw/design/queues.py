"""Depths of the queues before joins, found by playing the streams and proven by the same play.

The depths are right if two conditions hold. First, the network cannot deadlock: one inference
passes when every pipeline holds as few beats as it ever does. Second, inferences that start every
``period`` cycles leave no later than with unlimited queues, and no beat of an inference moves more
than ``period`` cycles after the same beat of the inference before."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..hw.streams.fifo import Fifo
from ..schedule import Net, Played
from .stage import Stage

__all__ = ["model", "sized"]

BUDGET = 25_000_000
"""Moves of beats that are played to make depths small. Four times as many made them 11 % less for a
residual network of 23,552 cycles, and took 12 s more."""
MOST = 200
"""Most inferences to play until they repeat at equal distances."""


def model(units: tuple[Stage, ...], *, worst: bool = False) -> Net:
    """Makes the net of streams of ``units``, which stand in order: each after the units that it
    reads.

    With ``worst`` every pipeline holds as few beats as it ever does."""
    net = Net(worst=worst)
    first = next(u for u in units if ("", "o") in u.sources)
    made = {("", "o"): net.source(first.i.beats(first.x.size))}
    for unit in units:
        outs = unit.stream(net, *(made[source] for source in unit.sources))
        names = ["o"] if len(outs) == 1 else [f"o{k}" for k in range(len(outs))]
        made |= {(unit.name, name): o for name, o in zip(names, outs, strict=True)}
    net.sink(made[units[-1].name, "o"])
    return net


def sized(units: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Deepens the queues of ``units`` as far as needed, never below their present depth; returns
    the units."""
    queues = [u for u in units if u.depth]
    return _Sizes(units).found() if queues else units


class _Sizes:
    """Searches for the least depth of each queue of a network, one queue after another."""

    def __init__(self, units: tuple[Stage, ...]):
        self.units = units
        self.least = {u.name: u.depth for u in units if u.depth}
        self.beats = {u.name: u.i.beats(u.x.size) for u in units if u.depth}
        self.period = max(u.interval for u in units)
        self.left = BUDGET
        ample, enough = self._ample()
        self.count = enough
        more = 1        # the register behind the memory
        while True:
            depths = {name: max(depth, ample.deepest[name] + more)
                      for name, depth in self.least.items()}
            self.enough = self._alive(depths)
            large = min(*depths.values(), *self.beats.values()) > Fifo.SMALL
            same = large and self.enough == depths
            self.wanted = self._again(ample) if same else self.paced(self.enough)
            if steady(self.wanted) or not steady(ample) or more > MOST:
                break
            more *= 2

    def _ample(self) -> tuple[Played, int]:
        """Plays the network with ample queues; returns the result and the number of inferences.

        The number is at least twice that of inferences in flight, and grows until they repeat at
        equal distances. If units that wait for each other are slower than each of them, inferences
        begin at their rate.
        """
        latency = int(self._net({name: 2 * n + 2 for name, n in self.beats.items()})
                      .play(1).cycles[0])
        count = 2 * (latency // self.period) + 3
        while True:
            net = self._net({name: count * n for name, n in self.beats.items()})
            played = net.play(count, period=self.period)
            self.left -= played.moves
            if steady(played) or self.left < 0 or count > MOST:
                return played, count
            steps = np.diff(played.ends[count // 2:])
            if (steps == steps[-1]).all() and steps[-1] > self.period:
                self.period = int(steps[-1])
            else:
                count *= 2

    def _with(self, depths: Mapping[str, int]) -> tuple[Stage, ...]:
        return tuple(replace(u, depth=depths[u.name]) if u.depth else u for u in self.units)

    def _net(self, depths: Mapping[str, int], *, worst: bool = False) -> Net:
        return model(self._with(depths), worst=worst)

    def paced(self, depths: Mapping[str, int], latest: np.ndarray | None = None) -> Played:
        """Plays inferences that begin at the rate of the slowest unit."""
        played = self._net(depths).play(self.count, period=self.period, latest=latest)
        self.left -= played.moves
        return played

    def _again(self, ample: Played) -> Played:
        """The play of queues in which no beat waits, which is that of ample ones; it counts as
        played."""
        self.left -= ample.moves
        return ample

    def _alive(self, depths: dict[str, int]) -> dict[str, int]:
        """These depths, or more where the network can stop: the least of the full ones grows."""
        depths = dict(depths)
        while len((played := self._net(depths, worst=True).play(1)).ends) < 1:
            name = min(played.full, key=lambda name: depths[name])
            depths[name] += max(depths[name] // 8, 1)
        return depths

    def right(self, depths: Mapping[str, int]) -> bool:
        """Whether the network is right with such depths."""
        played = self.paced(depths, self.wanted.ends)
        return (len(played.ends) == self.count and bool((played.ends <= self.wanted.ends).all())
                and (steady(played) or not steady(self.wanted))
                and len(self._net(depths, worst=True).play(1).ends) == 1)

    def found(self) -> tuple[Stage, ...]:
        """The units with the least depths, each the least that is right beside the others."""
        if self.right(self.least):
            return self._with(self.least)
        depths = dict(self.enough)
        for name, least in self.least.items():
            low, high = least, depths[name]
            tried = least
            while low < high and self.left > 0:
                if self.right(depths | {name: tried}):
                    high = tried
                else:
                    low = tried + 1
                tried = (low + high) // 2
            depths[name] = high
        return self._with(depths)


def steady(played: Played) -> bool:
    """Tells whether the later half of the played inferences have equal schedules.

    Then all later inferences have the same schedule too, because the beats of the early ones have
    left before the later ones start."""
    marks = played.marks[len(played.marks) // 2:]
    return bool((marks == marks[0]).all())

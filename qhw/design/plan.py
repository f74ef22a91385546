"""Makes the units of a network and their connections: layers, width converters, forks and queues.

A queue stands before each input of a layer that joins branches, and before whole windows, which
take pixels unevenly. This module computes a first depth for it: the most beats that wait there when
each fork sends its beats as late as the schedules of the layers behind allow. A fork holds a beat
until all its readers have taken it, so a fork may have to send earlier and the queue may need more
room; ``queues`` computes the final depths."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph import Graph, Node, Tensor
from ..hw.streams.packing import Packing, converted, port
from ..names import unused
from ..ops import HardwareOp, MatVec, Windows
from .queues import sized
from .stage import Source, Stage
from .together import together

__all__ = ["drafted", "stages", "times", "waiting"]

ROUNDS = 4


@lru_cache(maxsize=16)
def stages(graph: Graph) -> tuple[Stage, ...]:
    """Lists the units of a lowered graph, each after the units that it reads; the last one drives
    the output port."""
    return _Plan(graph).sized()


def drafted(graph: Graph) -> tuple[Stage, ...]:
    """Lists the same units with queues of one beat, which takes no play of the streams."""
    return tuple(_Plan(graph).stages)


def times(units: Sequence[Stage], forks: Mapping[str, np.ndarray] | None = None
          ) -> dict[str, np.ndarray]:
    """Computes the cycles in which each unit's output beats leave, with one input beat a cycle from
    cycle 0.

    Beats of ``forks`` do not leave before the given cycles.
    """
    first = next(u for u in units if ("", "o") in u.sources)
    known = {"": np.arange(first.i.beats(first.x.size))}
    for unit in units:
        known[unit.name] = unit.schedule(*(known[name] for name, _ in unit.sources))
        if forks and unit.name in forks:
            known[unit.name] = np.maximum(known[unit.name], forks[unit.name])
    return known


def needed(units: Sequence[Stage], free: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Computes the latest cycles at which the forks' beats may leave, by fork, (beats,), so that no
    join takes a beat later than it does in a run without forks' limits."""
    late: dict[str, np.ndarray] = {units[-1].name: free[units[-1].name]}
    for unit in reversed(units):
        leave = late.get(unit.name, free[unit.name])
        for place, (source, _) in enumerate(unit.sources):
            if unit.op and len(unit.sources) > 1:
                arrivals = tuple(free[name] for name, _ in unit.sources)
                wanted = unit.op.taken(arrivals, place, *unit.xs)
            else:
                wanted = unit.latest(leave)
            if wanted is None:
                wanted = free[source]
            late[source] = np.minimum(late[source], wanted) if source in late else wanted
    return {u.name: late[u.name] for u in units if u.ways > 1}


class _Plan:
    """Builds the stages of a graph."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.stages: list[Stage] = []
        self.names = {node.name for node in graph.nodes}
        self.packings: dict[str, Packing] = {}
        self.outputs: dict[str, list[Source]] = {}
        hardware = graph.hardware.nodes
        self.layers = [n for n in hardware if isinstance(n.op, HardwareOp)]
        self.readers: dict[str, int] = {}
        for node in self.layers:
            for name in node.inputs:
                self.readers[self._made_by(name)] = self.readers.get(self._made_by(name), 0) + 1
        self.answer = self._made_by(hardware[-1].name)
        self.readers[self.answer] = self.readers.get(self.answer, 0) + 1
        for node in self.layers:
            self._layer(node)
        y, packing = graph.answer, self.packings[self.answer]
        source = self._source(self.answer, y, packing)
        for to, vector in converted(packing, port(packing)):
            source = self._between(f"out_beats{to.lanes}", y, packing, to, vector, source)
            packing = to
        last = packing.lanes
        self._add("out_buffer", None, (y,), last, last, y, (source,))

    def _made_by(self, name: str) -> str:
        """The layer whose stream carries a tensor: shapes make no unit."""
        node = self.graph.by_name[name]
        while node.inputs and not isinstance(node.op, HardwareOp):
            node = self.graph.by_name[node.inputs[0]]
        return node.name if node.inputs else ""

    def _add(self, name: str, node: Node | None, xs: tuple[Tensor, ...], i_lanes: int,
             o_lanes: int, y: Tensor, sources: tuple[Source, ...], **more: Any) -> Source:
        if node is None:
            name = unused(name, self.names)
            self.names.add(name)
        self.stages.append(Stage(name, node, xs, i_lanes, o_lanes, y, sources, **more))
        return name, "o"

    def _between(self, name: str, x: Tensor, i: Packing, o: Packing, vector: int, source: Source,
                 **more: Any) -> Source:
        """Adds a unit between layers, which counts its beats within ``vector`` elements."""
        return self._add(name, None, (x,), i.lanes, o.lanes, x, (source,), vector=vector, **more)

    def _source(self, made: str, x: Tensor, wanted: Packing) -> Source:
        """Where a layer's stream comes from: its own output, or one of a fork's."""
        if made == "" and made not in self.packings:
            self.packings[made] = port(wanted)
        if self.readers[made] == 1:
            return made, "o"
        if made not in self.outputs:
            ways, width = self.readers[made], self.packings[made]
            name, _ = self._between(f"{made or 'in'}_fork", x, width, width, width.vector,
                                    (made, "o"), ways=ways)
            self.outputs[made] = [(name, f"o{k}") for k in range(ways)]
        return self.outputs[made].pop(0)

    def _layer(self, node: Node) -> None:
        op = node.op
        assert isinstance(op, HardwareOp)
        xs = tuple(self.graph.tensors[i] for i in node.inputs)
        sources: list[Source] = []
        for k, (name, x) in enumerate(zip(node.inputs, xs, strict=True)):
            made = self._made_by(name)
            source = self._source(made, x, op.i_packing)
            mark = "" if len(xs) == 1 else f"{k}"
            before = self.packings[made]
            steps = [(before, 0), *converted(before, op.i_packing)]
            widest = max(to.lanes for to, _ in steps)
            for to, vector in steps:
                if to != before:
                    source = self._between(
                        f"{node.name}_beats{mark}{'_' if mark else ''}{to.lanes}", x, before, to,
                        vector, source)
                before = to
                # Where beats are widest, the queue gives one every cycle.
                if (len(xs) > 1 or op.coupled and made) and to.lanes == widest:
                    source = self._between(f"{node.name}_queue{mark}", x, to, to, to.vector, source,
                                           depth=1)
            sources.append(source)
        self._add(node.name, node, xs, op.i_lanes, op.o_lanes, self.graph.tensors[node.name],
                  tuple(sources), pace=self._pace(node, op))
        self.packings[node.name] = op.o_packing

    def _pace(self, node: Node, op: HardwareOp) -> int:
        """The interval of a product and whole windows before it; 0 for all other layers."""
        before = self.graph.by_name[node.inputs[0]]
        if not isinstance(op, MatVec) or not isinstance(before.op, Windows) or (
                not before.op.coupled):
            return 0
        return together(before.op, op, self.graph.tensors[before.inputs[0]],
                        self.graph.tensors[before.name])

    def sized(self) -> tuple[Stage, ...]:
        """Sets the queues' depths from the beats that arrive and leave; returns the units."""
        if not any(s.depth for s in self.stages):
            return tuple(self.stages)
        period = max(s.interval for s in self.stages)
        for _ in range(ROUNDS):     # a queue's latency depends on its depth
            free = times(self.stages)
            late = times(self.stages, needed(self.stages, free))
            self.stages = [replace(s, depth=waiting(
                late[s.sources[0][0]], self._leaves(s, free), period)) if s.depth else s
                for s in self.stages]
        return sized(tuple(self.stages))

    def _leaves(self, queue: Stage, known: Mapping[str, np.ndarray]) -> np.ndarray:
        """When a queue's beats leave it: when the joining layer takes the first of their elements,
        or, if a unit between makes them narrower, the last of the beat before."""
        name = queue.name
        while (reader := next(s for s in self.stages if (name, "o") in s.sources)).op is None:
            name = reader.name
        arrivals = tuple(known[source] for source, _ in reader.sources)
        taken = reader.op.taken(arrivals, reader.sources.index((name, "o")), *reader.xs)
        first = queue.o.firsts(queue.x.size) // reader.i_lanes
        if queue.o_lanes <= reader.i_lanes:
            return taken[first]
        return np.concatenate([known[queue.name][:1], taken[first[1:] - 1]])


def waiting(arrive: np.ndarray, leave: np.ndarray, period: int) -> int:
    """Computes the largest number of beats that have arrived and not left, for inferences in
    sequence.

    Parameters
    ----------
    arrive, leave : cycles of an inference's beats, (beats,)
    period : cycles between two inferences
    """
    rounds = int(leave[-1] // period) + 2
    came = np.sort((arrive + period * np.arange(rounds)[:, None]).ravel())
    gone = np.sort((leave + period * np.arange(rounds)[:, None]).ravel())
    gone = gone[:len(arrive) * (rounds - 1)]
    there = np.searchsorted(came, gone, side="right") - np.arange(len(gone))
    return max(int(there.max()), 1)

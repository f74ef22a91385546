"""One unit of a network: a layer of the graph, or a converter, queue or fork between two layers."""

from dataclasses import dataclass

import numpy as np

from ..graph import Node, Tensor
from ..hw.streams.fifo import Fifo
from ..hw.streams.packing import Packing, parts
from ..hw.streams.stream import Buffer, Narrow, Widen
from ..hw.units.join import Fork
from ..ops import HardwareOp
from ..schedule import Channel, Net, just_in_time, paced
from ..tools.hdl import Component

__all__ = ["Source", "Stage"]

Source = tuple[str, str]
"""A stage and its output; the network's input is ("", "o")."""


@dataclass(frozen=True)
class Stage:
    """One unit between the ports: a layer of the graph, or a converter, queue or fork between two.
    """

    name: str
    node: Node | None
    xs: tuple[Tensor, ...]
    i_lanes: int
    o_lanes: int
    y: Tensor
    sources: tuple[Source, ...]
    ways: int = 1
    depth: int = 0
    pace: int = 0
    """Least cycles between two inferences with the layer before it, if it waits for that layer."""
    vector: int = 0
    """Between layers, elements of which the first has a beat of its own; 0 if beats are full."""

    @property
    def x(self) -> Tensor:
        """The tensor at the first input."""
        return self.xs[0]

    @property
    def op(self) -> HardwareOp | None:
        """The layer's operation; None between layers."""
        op = self.node.op if self.node else None
        return op if isinstance(op, HardwareOp) else None

    def unit(self) -> Component:
        """Makes the unit's component."""
        if self.op:
            return self.op.unit(*self.xs)
        shape = self.x.integer.shape
        if self.ways > 1:
            return Fork(shape, self.i_lanes, self.ways)
        if self.depth:
            return Fifo(shape, self.i_lanes, self.depth)
        if self.i_lanes == self.o_lanes:
            return Buffer(shape, self.i_lanes)
        narrow, wide = sorted((self.i_lanes, self.o_lanes))
        factor, vector = self._parts
        return (Widen if self.i_lanes < self.o_lanes else Narrow)(
            shape, narrow, factor, wide=wide, vector=vector)

    @property
    def _parts(self) -> tuple[int, int]:
        """The narrow beats of a wide one, and the narrow beats of a vector."""
        return parts(self.i_lanes, self.o_lanes, self.vector)

    @property
    def i(self) -> Packing:
        """The packing of the input's beats."""
        return self.op.i_packing if self.op else Packing.of(self.i_lanes,
                                                            self.vector or self.i_lanes)

    @property
    def o(self) -> Packing:
        """The packing of the output's beats."""
        return self.op.o_packing if self.op else Packing.of(self.o_lanes,
                                                            self.vector or self.o_lanes)

    @property
    def inputs(self) -> list[str]:
        """Names of the unit's input streams."""
        return ["i"] if len(self.sources) == 1 else [f"i{k}" for k in range(len(self.sources))]

    @property
    def kind(self) -> str:
        """The layer's kind, or the kind of converter."""
        if self.node is not None:
            return self.node.op.kind
        if self.ways > 1:
            return "fork"
        if self.depth:
            return "queue"
        if self.i_lanes == self.o_lanes:
            return "buffer"
        return "widen" if self.i_lanes < self.o_lanes else "narrow"

    @property
    def interval(self) -> int:
        """Cycles between two inferences if no other unit stalls this one."""
        if self.op:
            return max(self.op.interval(*self.xs), self.pace)
        return max(self.i.beats(self.x.size), self.o.beats(self.x.size))

    def latest(self, leave: np.ndarray) -> np.ndarray | None:
        """Computes the latest cycles in which input beats may be offered for the given output
        cycles."""
        if self.op:
            return self.op.latest(leave, *self.xs)
        if self.ways > 1:
            return leave
        if self.depth:
            return just_in_time(leave - Fifo.latency(self.depth))
        if self.i_lanes == self.o_lanes:
            return just_in_time(leave - 1)
        counts, firsts = self._exchanged(self.i if self.i_lanes < self.o_lanes else self.o)
        if self.i_lanes > self.o_lanes:
            return just_in_time(leave[firsts] - 1)
        late = np.repeat(leave - firsts - counts, counts)
        return just_in_time(late + np.arange(len(late)))

    def _exchanged(self, narrow: Packing) -> tuple[np.ndarray, np.ndarray]:
        """The number of beats of ``narrow`` that a wide beat has, and the index of its first, both
        (wide beats,)."""
        factor, beats = self._parts
        vectors = narrow.beats(self.x.size) // beats
        counts = np.full(-(-beats // factor), factor)
        counts[-1] -= -beats % factor
        counts = np.tile(counts, vectors)
        return counts, np.cumsum(counts) - counts

    def stream(self, net: Net, *ins: Channel) -> list[Channel]:
        """Adds the unit's parts to ``net`` behind the channels ``ins``; returns its output
        channels.

        See ``HardwareOp.stream``."""
        if self.op:
            return [self.op.stream(net, ins, *self.xs)]
        i, = ins
        if self.ways > 1:
            return net.fork(i, self.ways)
        if self.depth:
            held = self.depth > Fifo.SMALL      # the last one in a register
            o = net.queue(i, self.depth - held, self.name)
            return [net.register(o) if held else o]
        if self.i_lanes == self.o_lanes:
            return [net.queue(i, 2)]
        return [(net.widen if self.i_lanes < self.o_lanes else net.narrow)(i, *self._parts)]

    def schedule(self, *arrivals: np.ndarray) -> np.ndarray:
        """Computes the cycles in which output beats leave an idle unit."""
        if self.op:
            return self.op.schedule(arrivals[0] if len(arrivals) == 1 else arrivals, *self.xs)
        times, = arrivals
        if self.ways > 1:
            return paced(times)
        if self.depth:
            return paced(times) + Fifo.latency(self.depth)
        if self.i_lanes == self.o_lanes:
            return paced(times) + 1
        if self.i_lanes < self.o_lanes:
            counts, firsts = self._exchanged(self.i)
            return paced(times)[firsts + counts - 1] + 1
        counts, firsts = self._exchanged(self.o)
        left = np.repeat(np.maximum.accumulate(times - firsts), counts)
        return left + 1 + np.arange(len(left))

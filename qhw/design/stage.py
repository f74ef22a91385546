"""One unit of a network: a layer of the graph, or a converter, queue or fork between two layers."""

from dataclasses import dataclass

import numpy as np
from amaranth.lib import wiring

from ..graph import Node, Tensor
from ..hw.streams.fifo import Fifo
from ..hw.streams.stream import Buffer, Narrow, Widen
from ..hw.units.join import Fork
from ..ops import HardwareOp
from ..schedule import Channel, Net, just_in_time, paced

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

    @property
    def x(self) -> Tensor:
        """The tensor at the first input."""
        return self.xs[0]

    @property
    def op(self) -> HardwareOp | None:
        """The layer's operation; None between layers."""
        op = self.node.op if self.node else None
        return op if isinstance(op, HardwareOp) else None

    def unit(self) -> wiring.Component:
        """Makes the unit's component."""
        if self.op:
            return self.op.unit(*self.xs)
        shape = self.x.integer.shape
        if self.ways > 1:
            return Fork(shape, self.i_lanes, self.ways)
        if self.depth:
            return Fifo(shape, self.i_lanes, self.depth)
        if self.i_lanes < self.o_lanes:
            return Widen(shape, self.i_lanes, self.o_lanes // self.i_lanes)
        if self.i_lanes > self.o_lanes:
            return Narrow(shape, self.o_lanes, self.i_lanes // self.o_lanes)
        return Buffer(shape, self.i_lanes)

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
        return self.x.size // min(self.i_lanes, self.o_lanes)

    def latest(self, leave: np.ndarray) -> np.ndarray | None:
        """Computes the latest cycles in which input beats may be offered for the given output
        cycles."""
        if self.op:
            return self.op.latest(leave, *self.xs)
        if self.ways > 1:
            return leave
        if self.depth:
            return just_in_time(leave - Fifo.latency(self.depth))
        if self.i_lanes < self.o_lanes:
            factor = self.o_lanes // self.i_lanes
            return just_in_time((leave[:, None] - 1 - np.arange(factor)[::-1]).ravel())
        return just_in_time(leave[::self.i_lanes // self.o_lanes] - 1)

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
        wide, narrow = max(self.i_lanes, self.o_lanes), min(self.i_lanes, self.o_lanes)
        resized = net.widen if self.i_lanes < self.o_lanes else net.narrow
        return [resized(i, wide // narrow)]

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
            factor = self.o_lanes // self.i_lanes
            return paced(times)[factor - 1::factor] + 1
        factor = self.i_lanes // self.o_lanes
        return (paced(times, factor)[:, None] + 1 + np.arange(factor)).ravel()

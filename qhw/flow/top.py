"""The network as one component: its layers in a row behind AXI4-Stream ports."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from amaranth.hdl import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect

from ..hw.stream import Buffer, Narrow, Widen, resize, step
from ..ir import Graph, Node, Tensor
from ..num import Int
from ..ops import HardwareOp, paced

__all__ = ["Port", "Stage", "Top", "layout", "stages"]


@dataclass(frozen=True)
class Stage:
    """One unit between the ports: a layer of the graph, or what fits its beats to the next."""

    name: str
    node: Node | None
    x: Tensor
    i_lanes: int
    o_lanes: int
    y: Tensor

    def unit(self) -> wiring.Component:
        if self.node is not None and isinstance(self.node.op, HardwareOp):
            return self.node.op.unit(self.x)
        shape = self.x.integer.shape
        if self.i_lanes < self.o_lanes:
            return Widen(shape, self.i_lanes, self.o_lanes // self.i_lanes)
        if self.i_lanes > self.o_lanes:
            return Narrow(shape, self.o_lanes, self.i_lanes // self.o_lanes)
        return Buffer(shape, self.i_lanes)

    @property
    def kind(self) -> str:
        """The layer's kind, or what the unit does to the beats."""
        if self.node is not None:
            return self.node.op.kind
        if self.i_lanes == self.o_lanes:
            return "buffer"
        return "widen" if self.i_lanes < self.o_lanes else "narrow"

    @property
    def interval(self) -> int:
        """Cycles between two inferences, if nothing else stalls."""
        if self.node is not None and isinstance(self.node.op, HardwareOp):
            return self.node.op.interval(self.x)
        return self.x.size // min(self.i_lanes, self.o_lanes)

    def schedule(self, arrivals: np.ndarray) -> np.ndarray:
        """When output beats leave, given when input beats are offered; the unit is idle before."""
        if self.node is not None and isinstance(self.node.op, HardwareOp):
            return self.node.op.schedule(arrivals, self.x)
        if self.i_lanes < self.o_lanes:
            factor = self.o_lanes // self.i_lanes
            return paced(arrivals)[factor - 1::factor] + 1
        factor = self.i_lanes // self.o_lanes
        return (paced(arrivals, factor)[:, None] + 1 + np.arange(factor)).ravel()


def stages(graph: Graph) -> list[Stage]:
    """The units of a lowered graph in the order of the stream."""
    nodes = [n for n in graph.hardware.nodes if isinstance(n.op, HardwareOp)]
    found: list[Stage] = []
    for node in nodes:
        op = node.op
        assert isinstance(op, HardwareOp)
        x = graph.tensors[node.inputs[0]]
        lanes = found[-1].o_lanes if found else op.i_lanes
        for to in resize(lanes, op.i_lanes):
            found.append(Stage(f"{node.name}_beats{to}", None, x, lanes, to, x))
            lanes = to
        found.append(Stage(node.name, node, x, op.i_lanes, op.o_lanes, graph.tensors[node.name]))
    last = found[-1]
    found.append(Stage("out_buffer", None, last.y, last.o_lanes, last.o_lanes, last.y))
    return found


@dataclass(frozen=True)
class Port:
    """An AXI4-Stream port: elements of ``codes`` packed from the lowest bit, ``lanes`` a beat."""

    codes: Int
    lanes: int
    beats: int

    @property
    def width(self) -> int:
        """Bits of TDATA: whole bytes."""
        return -(-self.codes.width * self.lanes // 8) * 8


def layout(graph: Graph) -> tuple[Port, Port]:
    """The input and the output port of a lowered graph."""
    first, *_, last = stages(graph)
    return (Port(first.x.integer, first.i_lanes, first.x.size // first.i_lanes),
            Port(last.y.integer, last.o_lanes, last.y.size // last.o_lanes))


class Top(wiring.Component):
    """The network. TLAST marks the last beat of an inference; on the input it is not needed.

    With ``taps``, each layer's output stream is visible: ``tap_NAME_valid`` in the cycles in which
    a beat moves, and ``tap_NAME_data``.
    """

    def __init__(self, graph: Graph, *, taps: bool = False):
        self.graph, self.taps = graph, taps
        self.input, self.output = layout(graph)
        ports = {
            "s_axis_tdata": In(self.input.width),
            "s_axis_tvalid": In(1),
            "s_axis_tready": Out(1),
            "s_axis_tlast": In(1),
            "m_axis_tdata": Out(self.output.width),
            "m_axis_tvalid": Out(1),
            "m_axis_tready": In(1),
            "m_axis_tlast": Out(1),
        }
        self.tapped = [s for s in stages(graph) if s.node is not None] if taps else []
        for stage in self.tapped:
            ports[f"tap_{stage.name}_valid"] = Out(1)
            ports[f"tap_{stage.name}_data"] = Out(stage.y.integer.width * stage.o_lanes)
        super().__init__(ports)

    def elaborate(self, platform):
        m = Module()
        units = {stage.name: stage.unit() for stage in stages(self.graph)}
        for name, unit in units.items():
            m.submodules[name] = unit
        for before, after in pairwise(units.values()):
            connect(m, before.o, after.i)
        first, *_, last = units.values()
        m.d.comb += [
            Value.cast(first.i.payload).eq(self.s_axis_tdata),
            first.i.valid.eq(self.s_axis_tvalid),
            self.s_axis_tready.eq(first.i.ready),
            self.m_axis_tdata.eq(last.o.payload),
            self.m_axis_tvalid.eq(last.o.valid),
            last.o.ready.eq(self.m_axis_tready),
        ]
        beat = Signal(range(self.output.beats))
        if self.output.beats > 1:
            with m.If(self.m_axis_tvalid & self.m_axis_tready):
                step(m, beat, self.output.beats)
        m.d.comb += self.m_axis_tlast.eq(beat == self.output.beats - 1)
        for stage in self.tapped:
            o = units[stage.name].o
            m.d.comb += [
                getattr(self, f"tap_{stage.name}_valid").eq(o.valid & o.ready),
                getattr(self, f"tap_{stage.name}_data").eq(o.payload),
            ]
        return m

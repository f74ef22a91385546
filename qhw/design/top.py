"""The network as one component: its units between two AXI4-Stream ports."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from amaranth.hdl import Module, Value
from amaranth.lib.wiring import In, Out

from .. import names
from ..errors import ModelError
from ..exact.num import Int
from ..graph import Graph
from ..hw.streams.stream import step
from ..hw.units.requant import RequantUnit
from ..tools.hdl import Component, Signal, connect
from .plan import stages
from .stage import Stage

__all__ = ["Port", "Stage", "Top", "layout", "module_name", "prefixed", "stages", "unit_names"]


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
    units = stages(graph)
    first, last = next(s for s in units if ("", "o") in s.sources), units[-1]
    return (Port(first.x.integer, first.i_lanes, first.x.size // first.i_lanes),
            Port(last.y.integer, last.o_lanes, last.y.size // last.o_lanes))


@lru_cache(maxsize=16)
def unit_names(graph: Graph) -> Mapping[str, str]:
    """Returns the names of a lowered graph's units in modules and ports, by stage."""
    return names.parts(stage.name for stage in stages(graph))


def module_name(graph: Graph) -> str:
    """Returns the name of the network's module, which is the prefix of the modules inside it."""
    return graph.prefix or names.prefix(graph.name)


def prefixed(graph: Graph, prefix: str | None) -> Graph:
    """Sets the prefix of modules and memory files; ModelError if it is no legal module name."""
    if prefix is None:
        return graph
    if not names.is_prefix(prefix):
        raise ModelError(f"Prefix {prefix!r}: it is no legal module name; try "
                         f"{names.prefix(prefix)}")
    return replace(graph, prefix=prefix)


class Top(Component):
    """Connects the units of all operations into the network, with an AXI4-Stream port at each end.

    TLAST marks the last beat of an inference on the output; the input's is ignored.

    With ``taps``, each layer's output stream is visible: ``tap_NAME_valid`` is 1 in the cycles in
    which a beat moves, ``tap_NAME_blocked`` when a valid beat waits for ready, ``tap_NAME_idle``
    when ready waits for a beat, and ``tap_NAME_data`` is the beat. NAME is the layer's name in
    ``unit_names``."""

    s_axis_tdata: Signal
    s_axis_tvalid: Signal
    s_axis_tready: Signal
    s_axis_tlast: Signal
    m_axis_tdata: Signal
    m_axis_tvalid: Signal
    m_axis_tready: Signal
    m_axis_tlast: Signal

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
            tap = f"tap_{unit_names(graph)[stage.name]}"
            for what in ("valid", "blocked", "idle"):
                ports[f"{tap}_{what}"] = Out(1)
            ports[f"{tap}_data"] = Out(stage.y.integer.width * stage.o_lanes)
        super().__init__(ports)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        units: dict[str, Any] = {stage.name: stage.unit() for stage in stages(self.graph)}
        first: Any = None
        for name, unit in units.items():
            m.submodules[unit_names(self.graph)[name]] = unit
        for stage in stages(self.graph):
            for (source, port), i in zip(stage.sources, stage.inputs, strict=True):
                to = getattr(units[stage.name], i)
                if source:
                    o = getattr(units[source], port)
                    if isinstance(units[stage.name], RequantUnit):
                        keep(o.payload)
                    connect(m, o, to)
                else:
                    first = to
        last = units[stages(self.graph)[-1].name]
        m.d.comb += [
            Value.cast(first.payload).eq(self.s_axis_tdata),
            first.valid.eq(self.s_axis_tvalid),
            self.s_axis_tready.eq(first.ready),
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
                self.tap(stage, "valid").eq(o.valid & o.ready),
                self.tap(stage, "blocked").eq(o.valid & ~o.ready),
                self.tap(stage, "idle").eq(~o.valid & o.ready),
                self.tap(stage, "data").eq(o.payload),
            ]
        return m

    def tap(self, stage: Stage, what: str) -> Signal:
        """Returns a tap of a stage's output stream: ``what`` is valid, blocked, idle or data."""
        return getattr(self, f"tap_{unit_names(self.graph)[stage.name]}_{what}")


def keep(payload: Any) -> None:
    """Marks the input register of a multiplier so that Yosys keeps it apart from the multiplier.

    Yosys 0.70's ``xilinx_dsp`` moves the adder before the register into the DSP48E1 even if other
    logic reads the register, which then holds zero."""
    found = Value.cast(payload)
    if isinstance(found, Signal):
        found.attrs["keep"] = 1

"""A network as a component of another Amaranth design, with a stream at each end."""

from typing import Any

from amaranth.hdl import Module, Value
from amaranth.lib.wiring import In, Out

from ..design.top import Top
from ..fold.goal import Goal
from ..graph import AnyFolds, Graph
from ..hw.streams.stream import beats
from ..targets.boards import place
from ..tools.hdl import Component
from ..verbs.networks import Model, folded

__all__ = ["Network", "component"]


class Network(Component):
    """A lowered network between Amaranth streams, in the ``sync`` domain.

    A payload of ``i`` or ``o`` is an array of the codes of one beat. ``input`` and ``output`` say
    how many codes a beat has and how many beats a sample, in the order of the sample's
    elements."""

    i: Any
    o: Any

    def __init__(self, graph: Graph):
        self.graph, self.top = graph, Top(graph)
        self.input, self.output = self.top.input, self.top.output
        super().__init__({"i": In(beats(self.input.codes.shape, self.input.lanes)),
                          "o": Out(beats(self.output.codes.shape, self.output.lanes))})

    def elaborate(self, platform: Any) -> Module:
        m, top = Module(), self.top
        m.submodules.top = top
        m.d.comb += [
            top.s_axis_tdata.eq(Value.cast(self.i.payload)),
            top.s_axis_tvalid.eq(self.i.valid),
            self.i.ready.eq(top.s_axis_tready),
            Value.cast(self.o.payload).eq(top.m_axis_tdata),
            self.o.valid.eq(top.m_axis_tvalid),
            top.m_axis_tready.eq(self.o.ready),
        ]
        return m


def component(model: Model, *, target: str | None = None, goal: Goal | None = None,
              folds: AnyFolds | None = None, cycles: int | None = None) -> Network:
    """Folds a network and makes it a component; ModelError if it cannot be built.

    Parameters
    ----------
    model : path or name of the network, or a graph before lowering
    target : name of the chip whose limits the search for ``goal`` keeps, or None
    goal, folds, cycles : as in ``qhw.build``
    """
    return Network(folded(model, place(target, None), goal, folds, cycles)[0])

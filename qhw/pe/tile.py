"""A processing element, and a tile: PE processing elements that read the same SIMD activations."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Member, Out

from ..exact.formats import Wire
from ..tools.hdl import Array, Component, View, elements
from .chains import nets
from .element import Element

__all__ = ["Dot", "Tile", "joined", "net"]


class Dot(Component):
    """A processing element: the combinational dot product of SIMD activations and weights."""

    x: View
    w: View
    y: Any

    def __init__(self, element: Element, x: Wire, lanes: int, **more: Member):
        self.element = element
        sum_ = element.total(x, lanes)
        super().__init__({
            "x": In(element.common_layout(x, lanes)),
            "w": In(element.row(lanes)),
            "y": Out(sum_.shape if element.parts == 1 else
                     Array(sum_.shape, element.parts)),
            **more,
        })

    @property
    def sums(self) -> list[Any]:
        """The output signals, one for each part."""
        return [self.y] if self.element.parts == 1 else list(self.y)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        sums = nets(self.dot(), partial(net, m), apart=self.element.chained)
        m.d.comb += [y.eq(sum_) for y, sum_ in zip(self.sums, sums, strict=True)]
        return m

    def dot(self) -> list[Value]:
        """Builds the sums, one for each part."""
        return self.element.dot(elements(self.x), [Value.cast(w) for w in elements(self.w)])


def joined(m: Module, pes: Iterable[Dot], x: Any, rows: Iterable[Any]) -> list[Value]:
    """Builds processing elements into a module; returns their sums.

    Parameters
    ----------
    m : the module to build into
    pes : processing elements
    x : their activations, an array or a list of values
    rows : the weights of each"""
    found: list[Value] = []
    for k, (pe, row) in enumerate(zip(pes, rows, strict=True)):
        m.submodules[f"pe{k}"] = pe
        m.d.comb += pe.x.eq(x) if isinstance(x, View) else [
            a.eq(b) for a, b in zip(elements(pe.x), x, strict=True)]
        m.d.comb += pe.w.eq(row)
        found += pe.sums
    return found


def net(m: Module, sum_: Value) -> Signal:
    """Builds the net of a sum, which synthesis keeps.

    Parameters
    ----------
    m : the module to build into
    sum_ : the sum
    """
    made = Signal(sum_.shape(), name="sum", attrs={"keep": 1})
    m.d.comb += made.eq(sum_)
    return made


class Tile(Component):
    """Computes PE dot products of the same SIMD activations, one cycle later.

    There are ``outputs`` processing elements (PE) of ``lanes`` activations (SIMD).

    Members
    -------
    i : activations ``x``, one weight row ``w`` for each output, and the constants ``shared`` that
        an element wants with these inputs
    o : the sums, each short of its row's ``rest``: ``parts`` for each output
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, element: Element, x: Wire, lanes: int, outputs: int):
        if lanes < 1 or outputs < 1:
            raise ValueError(f"Tile must have a lane and an output, not {lanes!r} by {outputs!r}")
        if lanes % element.group:
            raise ValueError(f"SIMD must be a multiple of the {element.group} inputs that one code "
                             f"stands for, and {lanes!r} is not")
        self.element, self.x, self.lanes, self.outputs = element, x, lanes, outputs
        self.y = element.total(x, lanes)
        members = {"x": Array(x.shape, lanes),
                   "w": Array(element.row(lanes), outputs)}
        if (constants := element.shared(lanes)) is not None:
            values, interval = constants
            members["shared"] = Array(interval.shape, lanes * values.shape[1])
        super().__init__({
            "i": In(stream.Signature(data.StructLayout(members))),
            "o": Out(stream.Signature(Array(self.y.shape, outputs * element.parts))),
        })

    def common(self, payload: Any) -> Any:
        """Builds the inputs of all processing elements: activations, or logic that they share."""
        constants = list(payload.shared) if "shared" in payload.shape().members else []
        lanes = [Value.cast(x) for x in payload.x]
        common = self.element.common(lanes, constants)
        return payload.x if common is lanes else common

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        payload = self.i.payload
        pes = [Dot(self.element, self.x, self.lanes) for _ in range(self.outputs)]
        sums = joined(m, pes, self.common(payload), payload.w)
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
            m.d.sync += [self.o.payload[k].eq(y) for k, y in enumerate(sums)]
        return m



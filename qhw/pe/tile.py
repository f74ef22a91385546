"""A processing element, and a tile: PE processing elements that read the same SIMD activations."""

from functools import partial
from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from ..exact.formats import Wire
from ..tools.hdl import Array, Component, View, elements
from .chains import chained
from .element import Element

__all__ = ["Dot", "Tile", "net"]


class Dot(Component):
    """A processing element: the combinational dot product of SIMD activations and weights."""

    x: View
    w: View
    y: Any

    def __init__(self, element: Element, x: Wire, lanes: int):
        self.element = element
        sum_ = element.total(x, lanes)
        super().__init__({
            "x": In(element.common_layout(x, lanes)),
            "w": In(element.row(lanes)),
            "y": Out(sum_.shape if element.parts == 1 else
                     Array(sum_.shape, element.parts)),
        })

    @property
    def sums(self) -> list[Any]:
        """The output signals, one for each part."""
        return [self.y] if self.element.parts == 1 else list(self.y)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        sums = self.element.dot(elements(self.x), [Value.cast(w) for w in elements(self.w)])
        if self.element.chained:
            sums = chained(sums, partial(net, m))
        m.d.comb += [y.eq(sum_) for y, sum_ in zip(self.sums, sums, strict=True)]
        return m


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

    def sums(self, m: Module) -> list[Value]:
        """Builds the processing elements into ``m``; returns their sums before the output register.
        """
        payload = self.i.payload
        constants = list(payload.shared) if "shared" in payload.shape().members else []
        lanes = [Value.cast(x) for x in payload.x]
        common = self.element.common(lanes, constants)
        found: list[Value] = []
        for k in range(self.outputs):
            m.submodules[f"pe{k}"] = pe = Dot(self.element, self.x, self.lanes)
            if common is lanes:
                m.d.comb += pe.x.eq(payload.x)
            else:
                m.d.comb += [a.eq(b) for a, b in zip(elements(pe.x), common, strict=True)]
            m.d.comb += pe.w.eq(payload.w[k])
            found += pe.sums
        return found

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        sums = self.sums(m)
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
            m.d.sync += [self.o.payload[k].eq(y) for k, y in enumerate(sums)]
        return m



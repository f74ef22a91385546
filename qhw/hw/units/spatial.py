"""A product whose weights are logic: a whole vector a beat, all its sums one after the other."""

from functools import lru_cache
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Instance, Module, Shape, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ...adders import Network, compile
from ...adders.cut import cut
from ...adders.share import width
from ...exact.num import Int
from ..streams.stream import Buffer, beats

__all__ = ["LEVELS", "SpatialUnit", "adders"]

LEVELS = 4
"""Adders one after the other between two registers, where nobody says how many."""


class SpatialUnit(wiring.Component):
    """``matrix @ x + start`` with an answer every cycle, in adders that the sums share.

    Registers stand before the adders, after every ``levels`` of them, and at the end. A platform
    that has ``adders`` says what a network of them becomes; otherwise they are expressions.

    Parameters
    ----------
    matrix : (outputs, inputs)
    start : (outputs,)
    x, y : intervals of the inputs and of the sums
    levels : adders one after the other between two registers, at most
    family : the chips whose cells decide which network is the smallest
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, matrix: np.ndarray, start: np.ndarray, *, x: Int, y: Int,
                 levels: int = LEVELS, family: str = ""):
        self.matrix, self.start, self.x, self.y = matrix, start, x, y
        self.levels, self.family = levels, family
        outputs, inputs = matrix.shape
        super().__init__({"i": In(beats(x.shape, inputs)), "o": Out(beats(y.shape, outputs))})

    @property
    def stages(self) -> list[Network]:
        return stages(self.matrix.astype(np.int64).tobytes(), self.matrix.shape,
                      tuple(self.start.tolist()), self.x, self.levels, self.family)

    def elaborate(self, platform):
        m = Module()
        m.submodules.vector = vector = Buffer(self.x.shape, self.matrix.shape[1])
        connect(m, flipped(self.i), vector.i)
        move, valid, bits = Signal(), vector.o.valid, Value.cast(vector.o.payload)
        m.d.comb += [move.eq(self.o.ready | ~self.o.valid), vector.o.ready.eq(move)]
        networks = self.stages
        for k, network in enumerate(networks):
            x = Signal(max(len(bits), 1), name=f"x{k}")
            y = Signal(max(len(network.pins), 1), name=f"sums{k}")
            m.d.comb += x.eq(bits)
            adders(m, platform, f"adders{k}", network, x, y)
            last = k == len(networks) - 1
            kept = Signal.like(y, name=f"kept{k}")
            held = self.o.valid if last else Signal(name=f"held{k}")
            with m.If(move):
                m.d.sync += [held.eq(valid), self._out(y, network) if last else kept.eq(y)]
            valid, bits = held, kept
        return m

    def _out(self, y: Signal, network: Network) -> Any:
        values, at = list[Value](), 0
        for n, shift in network.outputs.tolist():
            size = int(network.widths[n]) + shift if n >= 0 else 1
            signed = n >= 0 and network.lo[n] < 0
            part = y[at:at + size]
            values.append(Cat(*(
                part[min(k, size - 1)] if k < size or signed else Const(0, 1)
                for k in range(self.y.width))))
            at += size
        return Value.cast(self.o.payload).eq(Cat(*values))


@lru_cache(maxsize=64)
def stages(matrix: bytes, shape: tuple[int, int], start: tuple[int, ...], x: Int, levels: int,
           family: str) -> list[Network]:
    """The networks of a product, between its registers."""
    found = _whole(matrix, shape, start, x, family)
    return cut(found, max(-(-found.depth // levels), 1))


@lru_cache(maxsize=64)
def _whole(matrix: bytes, shape: tuple[int, int], start: tuple[int, ...], x: Int, family: str
           ) -> Network:
    if width(x.lo, x.hi) != x.width:        # a wire has a bit more for 0, -1, and -2**n alone
        x = Int.of_bits(x.width, signed=x.lo < 0)
    return compile(np.frombuffer(matrix, np.int64).reshape(shape), [x] * shape[1],
                   offsets=list(start), family=family)


def adders(m: Module, platform: Any, name: str, network: Network, x: Value, y: Signal) -> None:
    """Drives ``y`` with a network's outputs, side by side, of its inputs side by side."""
    if hasattr(platform, "adders"):
        m.submodules[name] = Instance(platform.adders(network), i_x=x, o_y=y)
        return
    values = list[Value]()
    at = 0
    for n in range(len(network.nodes)):
        shape = Shape(int(network.widths[n]), bool(network.lo[n] < 0))
        if n < network.inputs:
            part = x[at:at + shape.width]
            values.append(part.as_signed() if shape.signed else part)
            at += shape.width
        elif n < network.first:
            values.append(Const(int(network.lo[n]), shape))
        else:
            low, high, shift, sign = network.nodes[n].tolist()
            more = values[high] << shift
            values.append(Signal(shape, name=f"{name}_n{n}"))
            m.d.comb += values[n].eq(values[low] - more if sign else values[low] + more)
    pins = [Const(inverted, 1) if n < 0 or k < 0 else _bit(values[n], k, bool(network.lo[n] < 0))
            ^ inverted for n, k, inverted in network.pins.tolist()]
    m.d.comb += y.eq(Cat(*pins))


def _bit(value: Value, k: int, signed: bool) -> Value:
    """A bit of a number, or of what its sign goes on to."""
    if k < len(value):
        return value[k]
    return value[-1] if signed and len(value) else Const(0, 1)

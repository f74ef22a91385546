"""A product with constant weights as logic: a whole input vector a beat, and all its sums in the
output beat."""

from functools import lru_cache
from typing import Any, cast

import numpy as np
from amaranth.hdl import Cat, Const, Instance, Module, Shape, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, flipped

from ...adders import Network, compile
from ...adders.cut import cut
from ...adders.share import width
from ...exact.num import Int
from ...tools.hdl import Component, connect, like
from ..fabric import Fabric, Parts, added
from ..streams.stream import Buffer, beats

__all__ = ["SpatialUnit", "adders"]

class SpatialUnit(Component):
    """Multiplies a constant matrix by a vector every cycle, in adders that the outputs share.

    The result is ``matrix @ x + start``. Registers stand before the adders, after every ``levels``
    of them, and at the end. A platform with a method ``adders`` builds each network of them;
    otherwise they are expressions.

    Parameters
    ----------
    matrix : (outputs, inputs)
    start : (outputs,)
    x, y : intervals of the inputs and of the sums
    levels : most adders in series between two registers
    family : chip family whose cells decide which network is the smallest
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, matrix: np.ndarray, start: np.ndarray, *, x: Int, y: Int,
                 levels: int, family: str = ""):
        self.matrix, self.start, self.x, self.y = matrix, start, x, y
        self.levels, self.family = levels, family
        outputs, inputs = matrix.shape
        super().__init__({"i": In(beats(x.shape, inputs)), "o": Out(beats(y.shape, outputs))})

    @property
    def stages(self) -> list[Network]:
        """The adder networks between the registers, in order."""
        return stages(self.matrix.astype(np.int64).tobytes(), self.matrix.shape,
                      tuple(self.start.tolist()), self.x, self.levels, self.family)

    def elaborate(self, platform: Any) -> Module:
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
            kept = like(y, name=f"kept{k}")
            held = self.o.valid if last else Signal(name=f"held{k}")
            with m.If(move):
                m.d.sync += [held.eq(valid), self._out(y, network) if last else kept.eq(y)]
            valid, bits = held, kept
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the adders of each network, and a register for each of its outputs."""
        parts = added(chip.buffer(len(self.i.payload.as_value())), {"ff": len(self.stages)})
        for network in self.stages:
            behind = int((network.pins[:, 0] >= network.first).sum())
            parts = added(parts, {"column": chip.adders(network), "ff": behind,
                                  "ff.lone": len(network.pins) - behind})
        return parts

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
    """Compiles a product into adder networks, cut by registers.

    Parameters
    ----------
    matrix : the bytes of an int64 array (outputs, inputs); bytes can be cached by value
    shape : (outputs, inputs)
    start : the constant of each sum, (outputs,)
    x : interval of the inputs
    levels : most adders in series in one network
    family : chip family whose cells decide which network is the smallest
    """
    found = _whole(matrix, shape, start, x, family)
    return cut(found, max(-(-found.depth // levels), 1))


@lru_cache(maxsize=64)
def _whole(matrix: bytes, shape: tuple[int, int], start: tuple[int, ...], x: Int, family: str
           ) -> Network:
    if width(x.lo, x.hi) != x.width:    # a wire has one bit more for 0, -1 or -2**n alone
        x = Int.of_bits(x.width, signed=x.lo < 0)
    return compile(np.frombuffer(matrix, np.int64).reshape(shape), [x] * shape[1],
                   offsets=list(start), family=family)


def adders(m: Module, platform: Any, name: str, network: Network, x: Value, y: Signal) -> None:
    """Drives ``y`` with the outputs of an adder network.

    Parameters
    ----------
    m : the module to build into
    platform : Amaranth's platform; its method ``adders``, if it has one, makes a module
    name : prefix of signals and instance
    network : the adders
    x : all inputs, concatenated, the first in the lowest bits
    y : all outputs, concatenated in the same way
    """
    if hasattr(platform, "adders"):
        m.submodules[name] = Instance(platform.adders(network), i_x=x, o_y=y)
        return
    values, nodes = list[Value](), cast(list[list[int]], network.nodes.tolist())
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
            low, high, shift, sign = nodes[n]
            more = values[high] << shift
            values.append(Signal(shape, name=f"{name}_n{n}"))
            m.d.comb += values[n].eq(values[low] - more if sign else values[low] + more)
    ends = cast(list[list[int]], network.pins.tolist())
    pins = [Const(inverted, 1) if n < 0 or k < 0 else _bit(values[n], k, bool(network.lo[n] < 0))
            ^ inverted for n, k, inverted in ends]
    m.d.comb += y.eq(Cat(*pins))


def _bit(value: Value, k: int, signed: bool) -> Value:
    """Returns bit ``k`` of a number, sign-extended."""
    if k < len(value):
        return value[k]
    return value[-1] if signed and len(value) else Const(0, 1)

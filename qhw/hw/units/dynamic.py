"""A product of activations quantized with run-time statistics; the factors found then scale its
sums."""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, flipped

from ...tools.hdl import Component, connect
from ..fabric import Fabric, Parts, added
from ..storage.memory import Replay
from ..streams.fifo import Queue
from ..streams.stream import beats
from .combine import RunTimeCombineUnit
from .matvec import MatVecUnit
from .runtime import RunTimeUnit

__all__ = ["IN_FLIGHT", "DynamicUnit"]

IN_FLIGHT = 4
"""Vectors between the statistics and the last sum: two in the product's buffer, one before it, one
behind it."""


class DynamicUnit(Component):
    """Multiplies a weight matrix by vectors that are quantized at run time.

    ``codes`` quantizes each vector to codes and factors, ``product`` multiplies the codes by the
    weights, and ``combine`` scales the sums by the factors."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, codes: RunTimeUnit, product: MatVecUnit, combine: RunTimeCombineUnit):
        self.codes, self.product, self.combine = codes, product, combine
        super().__init__({"i": In(beats(codes.x.shape, codes.lanes)),
                          "o": Out(beats(combine.y.shape, combine.pe))})

    def vectors(self) -> Replay:
        """Makes the memory that receives the next vector while the statistics of this one are
        computed."""
        return Replay(self.codes.x.shape, self.codes.lanes, self.codes.length, 1)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.codes, m.submodules.product = codes, product = self.codes, self.product
        m.submodules.combine = combine = self.combine
        m.submodules.factors = factors = Queue(codes.f.payload.shape(), IN_FLIGHT)
        m.submodules.vectors = vectors = self.vectors()
        connect(m, flipped(self.i), vectors.i)
        connect(m, vectors.o, codes.i)
        connect(m, codes.o, product.i)
        connect(m, product.o, combine.i)
        connect(m, combine.o, flipped(self.o))
        connect(m, codes.f, factors.i)
        connect(m, factors.o, combine.f)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the three units, and of the queues of vectors and factors."""
        kept = IN_FLIGHT * len(self.codes.f.payload.as_value())
        return added(self.vectors().made_of(chip), self.codes.made_of(chip),
                     self.product.made_of(chip), self.combine.made_of(chip),
                     {"queue.bit": kept, "ff": kept})

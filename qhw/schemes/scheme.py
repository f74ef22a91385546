"""What a number format for weights answers. One subclass a file; ``decode`` is its definition.

A layer's weights are codes of shape (outputs, inputs), each standing for an exact integer times
a scale. A *row* is the ``lanes`` (SIMD) codes one processing element reads in one cycle, and a
*tile* is the ``outputs`` (PE) of them that work side by side.
"""

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any, ClassVar, NamedTuple

import numpy as np
from amaranth.hdl import Module, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ..num import Int

__all__ = ["Codes", "Dot", "Scheme", "Tile"]


class Codes(NamedTuple):
    """Quantized weights: real = ``scale * decode(codes)``."""

    codes: np.ndarray
    """Unsigned, (outputs, inputs)."""
    scale: np.ndarray
    """Float64, (outputs,) or () for one a tensor; folded away before hardware."""


class Scheme(ABC):
    """A weight format; subclasses are frozen dataclasses, found by their ``name``."""

    name: ClassVar[str]
    multiplier_free: ClassVar[bool]
    registry: ClassVar[dict[str, type["Scheme"]]] = {}
    bits: int
    """Bits of one code."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Scheme.registry.setdefault(cls.name, cls) is not cls:
            raise TypeError(f"Scheme {cls.name!r} is defined twice")

    def __str__(self) -> str:
        parts = [f"{f.name}={getattr(self, f.name)}" for f in fields(self)]  # type: ignore
        return f"{self.name}:{','.join(parts)}" if parts else self.name

    # -- what each format says

    @abstractmethod
    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Codes for real weights (outputs, inputs), with a scale an output or one for all."""

    @abstractmethod
    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The integer each code stands for, int64."""

    @abstractmethod
    def dot(self, x: list[Value], w: Any) -> Value:
        """Gates of one processing element: the sum over its lanes, less the row's ``rest``."""

    @abstractmethod
    def term(self, x: Int) -> Int:
        """What one lane adds to the gates' sum."""

    @abstractmethod
    def cost(self, x: Int, lanes: int) -> "Ops":
        """What one processing element is made of."""

    # -- what follows; a format overrides only what it changes

    def rest(self, codes: np.ndarray, x: Int) -> np.ndarray:
        """Per row, the constant by which the exact sum exceeds the gates'; 0 unless overridden.

        Known before hardware, so the accumulator starts at it for free.
        """
        return np.zeros(codes.shape[:-1], np.int64)

    @property
    def codes(self) -> np.ndarray:
        """Every code a weight can have."""
        return np.arange(1 << self.bits)

    @property
    def value(self) -> Int:
        """What codes stand for."""
        return Int.of(self.decode(self.codes))

    def row(self, lanes: int) -> data.ArrayLayout:
        return data.ArrayLayout(self.bits, lanes)

    def pack(self, codes: np.ndarray) -> list[int]:
        """Rows of codes, (rows, any), as memory words: the first code in the lowest bits."""
        width = codes.shape[1] * self.bits
        planes = codes[:, :, None] >> np.arange(self.bits) & 1
        packed = np.packbits(planes.reshape(len(codes), width).astype(np.uint8),
                             axis=1, bitorder="little")
        return [int.from_bytes(word.tobytes(), "little") for word in packed]

    def tile(self, x: Int, lanes: int, outputs: int) -> "Tile":
        return Tile(self, x, lanes, outputs)


class Ops(NamedTuple):
    """The arithmetic in a processing element, for the cost model."""

    gate: str = ""
    """What stands before each bit of the sum: "and-xor", "xor", "xnor", "and" or nothing."""
    gates: int = 0
    """How many of them."""
    addends: tuple[tuple[int, int], ...] = ()
    """(how many, bits) of the numbers added up."""
    products: int = 0
    """Multiplications for a DSP block."""


class Dot(wiring.Component):
    """One processing element: what its lanes add up to, combinational."""

    x: data.View
    w: data.View
    y: Value

    def __init__(self, scheme: Scheme, x: Int, lanes: int):
        self.scheme = scheme
        super().__init__({
            "x": In(data.ArrayLayout(x.shape, lanes)),
            "w": In(scheme.row(lanes)),
            "y": Out(scheme.term(x).times(lanes).shape),
        })

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.y.eq(self.scheme.dot(list(self.x), self.w))
        return m


class Tile(wiring.Component):
    """``outputs`` (PE) dot products of the same ``lanes`` (SIMD) activations, one cycle later.

    Members
    -------
    i : activations ``x`` and one weight row ``w`` for each output
    o : the sums, each short of its row's ``rest``
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, scheme: Scheme, x: Int, lanes: int, outputs: int):
        if lanes < 1 or outputs < 1:
            raise ValueError(f"Tile must have a lane and an output, not {lanes!r} by {outputs!r}")
        self.scheme, self.x, self.lanes, self.outputs = scheme, x, lanes, outputs
        self.y = scheme.term(x).times(lanes)
        super().__init__({
            "i": In(stream.Signature(data.StructLayout({
                "x": data.ArrayLayout(x.shape, lanes),
                "w": data.ArrayLayout(scheme.row(lanes), outputs),
            }))),
            "o": Out(stream.Signature(data.ArrayLayout(self.y.shape, outputs))),
        })

    def sums(self, m: Module) -> list[Value]:
        """The dot products, before the output register."""
        x, w = self.i.payload.x, self.i.payload.w
        found = []
        for k in range(self.outputs):
            m.submodules[f"pe{k}"] = pe = Dot(self.scheme, self.x, self.lanes)
            m.d.comb += [pe.x.eq(x), pe.w.eq(w[k])]
            found.append(pe.y)
        return found

    def elaborate(self, platform):
        m = Module()
        sums = self.sums(m)
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
            m.d.sync += [self.o.payload[k].eq(y) for k, y in enumerate(sums)]
        return m

"""Encoder and decoder of gradient vectors: the codecs of ``qhw.codecs`` in gates."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...codecs import Stochastic
from ...exact.num import Int
from ...tools.hdl import Component, Memory
from ..streams.stream import step
from .lfsr import Lfsr

__all__ = ["StochasticDecoder", "StochasticEncoder"]


class StochasticEncoder(Component):
    """Encodes each vector of integers as a frame: the scale, then stochastically rounded codes.

    A vector is stored as it comes and its largest magnitude found, then it is encoded; that takes
    ``2 * length + 2`` cycles. A code is a sign above a magnitude.

    Members
    -------
    i : integers
    o : the scale, then ``length`` codes in its lowest bits
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, codec: Stochastic, x: Int, length: int, *, width: int = 32, seed: int = 1):
        self.codec, self.x, self.length = codec, x, length
        self.width, self.seed = width, seed
        self.scale_bits = Int(0, x.size).width
        super().__init__({"i": In(stream.Signature(x.shape)), "o": Out(stream.Signature(
            max(self.scale_bits, codec.bits)))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        codec = self.codec
        m.submodules.random = random = Lfsr(self.width, codec.random_bits, self.seed)
        m.submodules.words = memory = Memory(shape=self.x.width, depth=self.length, init=[])
        write, read = memory.write_port(), memory.read_port()
        place = Signal(range(self.length))
        scale = Signal(self.scale_bits)
        size = Signal(self.scale_bits)
        waiting = Signal()      # whether a word is at the read port
        last = Signal()
        gone = Signal()
        word = read.data.as_signed() if self.x.shape.signed else read.data
        negative = word < 0
        stored = Mux(negative, -word, word).as_unsigned()[:self.scale_bits]
        wide = codec.log_levels + codec.random_bits
        left = (stored << wide) + random.value * scale
        reached = sum(left >= (scale * k << codec.random_bits)
                      for k in range(1, codec.levels + 1))
        magnitude = Mux(stored == 0, 0, reached)[:codec.log_levels + 1]
        code = Cat(magnitude, negative & (magnitude != 0))
        m.d.comb += [size.eq(Mux(self.i.payload < 0, -self.i.payload, self.i.payload)),
                     write.addr.eq(place), read.addr.eq(place), write.data.eq(self.i.payload),
                     gone.eq(self.o.valid & self.o.ready)]
        with m.FSM():
            with m.State("RECEIVE"):
                m.d.comb += [self.i.ready.eq(1), write.en.eq(self.i.valid)]
                with m.If(self.i.valid):
                    m.d.sync += scale.eq(Mux((place == 0) | (size > scale), size, scale))
                    with step(m, place, self.length):
                        m.next = "SCALE"
            with m.State("SCALE"):
                m.d.comb += [self.o.valid.eq(1), self.o.payload.eq(scale), read.en.eq(gone)]
                with m.If(gone):
                    m.d.sync += [waiting.eq(1), last.eq(self.length == 1)]
                    step(m, place, self.length)
                    m.next = "CODES"
            with m.State("CODES"):
                m.d.comb += [self.o.valid.eq(waiting), self.o.payload.eq(code),
                             random.step.eq(gone), read.en.eq(gone & ~last)]
                with m.If(gone):
                    m.d.sync += last.eq(place == self.length - 1)
                    with m.If(last):
                        m.d.sync += [waiting.eq(0), place.eq(0)]
                        m.next = "RECEIVE"
                    with m.Else():
                        step(m, place, self.length)
        return m


class StochasticDecoder(Component):
    """Decodes frames of the stochastic encoder to integers, in steps of 1 / levels."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, codec: Stochastic, x: Int, length: int):
        self.codec, self.length = codec, length
        self.scale_bits = Int(0, x.size).width
        most = x.size * codec.levels
        self.y = Int(-most, most)
        super().__init__({
            "i": In(stream.Signature(max(self.scale_bits, codec.bits))),
            "o": Out(stream.Signature(self.y.shape))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        place = Signal(range(self.length + 1))
        scale = Signal(self.scale_bits)
        magnitude: Value = self.i.payload[:self.codec.log_levels + 1]
        product = magnitude * scale
        codes = Signal()
        m.d.comb += [
            codes.eq(place != 0),
            self.o.valid.eq(self.i.valid & codes),
            self.i.ready.eq(self.o.ready | ~codes),
            self.o.payload.eq(Mux(self.i.payload[self.codec.log_levels + 1], -product, product)),
        ]
        with m.If(self.i.valid & self.i.ready):
            step(m, place, self.length + 1)
            with m.If(~codes):
                m.d.sync += scale.eq(self.i.payload)
        return m

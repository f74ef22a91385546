"""Compressed weights, decoded while they are read: Huffman codes, gaps of zeros, five trits in a
byte.

Han et al., "Deep Compression", 2015 (arXiv 1510.00149). Gaps and values have a Huffman code each.
Two decoders read one symbol a cycle each, so one weight is available each cycle."""

from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import Out

from ...pe.gates import selected
from ...tools.hdl import Component, ShapeLike
from ..fabric import Fabric, Parts, added
from ..streams.stream import Widen, step
from . import Huffman, gaps_of, to_bytes
from .memory import Rom, pack

__all__ = ["CompressedRom", "HuffmanDecoder", "TritRom"]


class HuffmanDecoder(Component):
    """Decodes a Huffman-coded sequence from a ROM, one symbol a cycle, over and over.

    The first symbol follows once enough words are read. A window holds the next bits; all lengths
    are tried at once. Bits that fill up the last word are dropped with the last symbol.
    """

    o: stream.Interface

    def __init__(self, code: Huffman, symbols: np.ndarray):
        self.code, self.symbols, self.count = code, symbols, len(symbols)
        self.bits = code.encode(symbols)
        self.word = 2 * code.longest
        self.pad = -len(self.bits) % self.word
        stored = np.array([*self.bits, *[0] * self.pad]).reshape(-1, self.word)
        self.words = [int("".join(map(str, row)), 2) for row in stored]
        self.symbol = max((len(code.lengths) - 1).bit_length(), 1)
        super().__init__({"o": Out(stream.Signature(self.symbol))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        word, longest, room = self.word, self.code.longest, 3 * self.word
        m.submodules.words = words = Rom(word, self.words)
        window = Signal(room)       # the next bit is the highest
        fill = Signal(range(room + 1))
        place = Signal(range(self.count))
        use = Signal()
        used = Signal(range(longest + self.pad + 1))
        symbol, length = self._decoded(window[-longest:])
        last = place == self.count - 1
        m.d.comb += [
            use.eq((self.o.ready | ~self.o.valid) & (fill >= longest + Mux(last, self.pad, 0))),
            used.eq(Mux(use, length + Mux(last, self.pad, 0), 0)),
            words.o.ready.eq(fill <= room - word),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(use):
            m.d.sync += [self.o.valid.eq(1), self.o.payload.eq(symbol)]
            step(m, place, self.count)
        come = words.o.valid & words.o.ready
        fresh = Cat(Const(0, room - word), words.o.payload) >> fill
        m.d.sync += [
            window.eq((window | Mux(come, fresh, 0)) << used),
            fill.eq(fill + Mux(come, word, 0) - used),
        ]
        return m

    def _decoded(self, bits: Value) -> tuple[Value, Value]:
        """Builds the decoder of the first symbol in ``bits``; returns the symbol and its length in
        bits."""
        longest, codes = self.code.longest, self.code.codes
        order = self.code.order.tolist()
        index: Value = Const(0, len(order).bit_length())
        length: Value = Const(longest, longest.bit_length())
        for n in sorted({size for _, size in codes.values()}, reverse=True):
            first = next(k for k, s in enumerate(order) if codes[s][1] == n)
            start = codes[order[first]][0]
            end = start + sum(size == n for _, size in codes.values())
            here = bits[longest - n:]
            at = (here - start + first)[:len(index)]
            hit = here < end
            index, length = Mux(hit, at, index), Mux(hit, n, length)
        return selected(index[:max((len(order) - 1).bit_length(), 1)],
                        [Const(s, self.symbol) for s in order]), length

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the memory, the window with its shifters, and the table of symbols."""
        room = 3 * self.word
        shifters = room * (self.word.bit_length() + 2) + 8 * len(self.code.order)
        return added(chip.rom(self.words, self.word), chip.counter(self.count),
                     {"huffman.bit": shifters, "ff": room + 16 + self.symbol})


class CompressedRom(Component):
    """Emits words of weight codes, over and over, from Huffman-coded gaps and kept codes.

    A gap is the number of left-out codes ``zero`` before a kept code. A word consists of
    ``per_word`` codes of ``bits`` bits; a cycle gives a code, so a word takes ``per_word`` cycles.
    """

    o: stream.Interface

    def __init__(self, shape: ShapeLike, codes: np.ndarray, *, bits: int, per_word: int,
                 zero: int = 0, gap_bits: int = 4):
        self.bits, self.per_word, self.zero, self.gap_bits = bits, per_word, zero, gap_bits
        gaps, values = gaps_of(codes.ravel(), zero, gap_bits)
        self.gaps = HuffmanDecoder(Huffman.of(gaps, 1 << gap_bits), gaps)
        self.values = HuffmanDecoder(Huffman.of(values, 1 << bits), values)
        super().__init__({"o": Out(stream.Signature(shape))})

    @property
    def stored(self) -> int:
        """Bits in memory: both codes, and the tables of their lengths."""
        return sum(len(d.bits) + d.code.table_bits for d in (self.gaps, self.values))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.gaps, m.submodules.values = gaps, values = self.gaps, self.values
        m.submodules.whole = whole = Widen(self.bits, 1, self.per_word)
        left = Signal(self.gap_bits)
        value = Signal(self.bits)
        known = Signal()
        load = Signal()
        m.d.comb += [
            load.eq(~known | (left == 0) & whole.i.ready),
            gaps.o.ready.eq(load & values.o.valid),
            values.o.ready.eq(load & gaps.o.valid),
            whole.i.valid.eq(known),
            Value.cast(whole.i.payload).eq(Mux(left == 0, value, self.zero)),
        ]
        with m.If(load):
            m.d.sync += [known.eq(gaps.o.valid & values.o.valid), left.eq(gaps.o.payload),
                         value.eq(values.o.payload)]
        with m.Elif(whole.i.ready):
            m.d.sync += left.eq(left - 1)
        m.d.comb += [
            Value.cast(self.o.payload).eq(whole.o.payload),
            self.o.valid.eq(whole.o.valid),
            whole.o.ready.eq(self.o.ready),
        ]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of both decoders, and of the word that they fill."""
        return added({"ff": len(Value.cast(self.o.payload)) + 1, "huffman": 1},
                     chip.counter(self.per_word), self.gaps.made_of(chip),
                     self.values.made_of(chip))


class TritRom(Component):
    """Emits words of ternary weight codes, over and over, from a ROM with five trits a byte."""

    o: stream.Interface

    def __init__(self, shape: ShapeLike, trits: np.ndarray):
        """``trits`` is (words, any) of -1, 0, 1."""
        self.width = trits.shape[1]
        self.packed = to_bytes(trits)
        super().__init__({"o": Out(stream.Signature(shape))})

    @property
    def stored(self) -> int:
        """Bits in memory."""
        return 8 * self.packed.size

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.packed = packed = Rom(8 * self.packed.shape[1], pack(self.packed, 8))
        digits = np.arange(256)[:, None] // 3 ** np.arange(5) % 3
        words = (np.array([0b11, 0b00, 0b01])[digits] << 2 * np.arange(5)).sum(1)
        table = [Const(int(w), 10) for w in words]
        codes = Cat(selected(packed.o.payload[8 * k:8 * k + 8], table)
                    for k in range(self.packed.shape[1]))
        m.d.comb += [
            Value.cast(self.o.payload).eq(codes[:2 * self.width]),
            self.o.valid.eq(packed.o.valid),
            packed.o.ready.eq(self.o.ready),
        ]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the memory of bytes, and of a table for each byte of a word."""
        count = self.packed.shape[1]
        return added(chip.rom(pack(self.packed, 8), 8 * count), {"trits": count})

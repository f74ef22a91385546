"""Decoders of compressed weights in gates: the same words, over and over."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhw.hw.storage import Huffman
from qhw.hw.storage.compressed import CompressedRom, HuffmanDecoder, TritRom
from qhw.hw.storage.memory import pack
from qhw.testing.stream import run

from .test_huffman import SEQUENCES

RNG = np.random.default_rng(0)
CODES = {
    "sparse": np.where(RNG.random(600) < .1, RNG.integers(1, 16, 600), 0),
    "very sparse": np.where(RNG.random(900) < .01, 5, 0), "all zero": np.zeros(120, int),
    "no zero": RNG.integers(1, 16, 120), "zeros at the end": np.array([3] + [0] * 59),
}


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("name", SEQUENCES)
def test_decoder_in_gates(name, stalls):
    """Twice round and on, a symbol a cycle."""
    symbols = SEQUENCES[name]
    count = 2 * len(symbols) + 5
    decoder = HuffmanDecoder(Huffman.of(symbols, 256, 9), symbols)
    got, times = drain(decoder, count, stalls)
    assert got == np.resize(symbols, count).tolist()
    if stalls is None:
        assert set(np.diff(times)) == {1}


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("name", CODES)
def test_compressed_memory_in_gates(name, stalls):
    codes = CODES[name]
    rom = CompressedRom(12, codes, bits=4, per_word=3)
    count = 2 * len(codes) // 3 + 4
    got, times = drain(rom, count, stalls)
    assert got == np.resize(pack(codes.reshape(-1, 3), 4), count).tolist()
    if stalls is None:
        assert set(np.diff(times)) == {3}
    if name == "very sparse":
        assert rom.stored < 4 * len(codes) / 2


@pytest.mark.parametrize("width", [3, 5, 12])
def test_trits_in_gates(width):
    trits = RNG.integers(-1, 2, (20, width))
    rom = TritRom(2 * width, trits)
    got, _ = drain(rom, 45, 1)
    assert got == np.resize(pack(np.where(trits < 0, 3, trits), 2), 45).tolist()
    assert rom.stored == 20 * 8 * -(-width // 5)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 9))
def test_any_sequence_in_gates(symbols, seed):
    symbols = np.array(symbols)
    decoder = HuffmanDecoder(Huffman.of(symbols, 10, 5), symbols)
    got, _ = drain(decoder, 2 * len(symbols), seed)
    assert got == np.resize(symbols, 2 * len(symbols)).tolist()


def drain(rom, count, stalls):
    """What a component without an input puts out."""
    from amaranth.hdl import Module
    from amaranth.lib import stream, wiring
    from amaranth.lib.wiring import In, Out

    class Dut(wiring.Component):
        i: In(stream.Signature(1))
        o: Out(stream.Signature(len(rom.o.payload.as_value() if hasattr(rom.o.payload, "as_value")
                                    else rom.o.payload)))

        def elaborate(self, platform):
            m = Module()
            m.submodules.rom = rom
            m.d.comb += [self.o.payload.eq(rom.o.payload), self.o.valid.eq(rom.o.valid),
                         rom.o.ready.eq(self.o.ready)]
            return m

    got, (_, times) = run(Dut(), [], outputs=count, stalls=stalls, times=True)
    return got, times

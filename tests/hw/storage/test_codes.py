"""Lossless storage: worked numbers, round trips, and the decoders in gates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhw.hw.storage import Huffman, from_bytes, gaps_of, joined, to_bytes
from qhw.hw.storage.compressed import CompressedRom, HuffmanDecoder, TritRom
from qhw.hw.storage.memory import pack
from tests.drive import run

RNG = np.random.default_rng(0)
SEQUENCES = {
    "one symbol": np.full(40, 3), "two": RNG.integers(0, 2, 50), "many": RNG.integers(0, 256, 700),
    "skewed": np.repeat(np.arange(14), 2 ** np.arange(14) // 8 + 1),
    "geometric": np.minimum(RNG.geometric(.5, 300) - 1, 15), "short": np.array([1, 0, 2]),
}
CODES = {
    "sparse": np.where(RNG.random(600) < .1, RNG.integers(1, 16, 600), 0),
    "very sparse": np.where(RNG.random(900) < .01, 5, 0), "all zero": np.zeros(120, int),
    "no zero": RNG.integers(1, 16, 120), "zeros at the end": np.array([3] + [0] * 59),
}


def test_huffman_by_hand():
    """Deep Compression's example: lengths 1, 2, 2 and 13 bits instead of 18."""
    codes = np.array([1, 1, 2, 1, 1, 2, 0, 0, 1])
    code = Huffman.of(codes, 3)
    assert code.lengths.tolist() == [2, 1, 2]
    assert len(code.encode(codes)) == 13
    assert code.codes == {1: (0, 1), 0: (0b10, 2), 2: (0b11, 2)}


@pytest.mark.parametrize("name", SEQUENCES)
def test_huffman_is_lossless_and_within_its_limit(name):
    symbols = SEQUENCES[name]
    code = Huffman.of(symbols, 256, 9)
    assert code.longest <= 9 and (2.0 ** -code.lengths[code.lengths > 0]).sum() <= 1
    assert np.array_equal(code.decode(code.encode(symbols), len(symbols)), symbols)


@pytest.mark.parametrize(("longest", "bits"), [(1, 1), (2, 2), (3, 2), (4, 3), (7, 3), (8, 4)])
def test_a_table_has_a_length_for_each_symbol(longest, bits):
    """From 0, for those that do not occur, to the longest."""
    lengths = [*range(1, longest + 1), longest, 0, 0]
    assert Huffman(np.array(lengths)).table_bits == len(lengths) * bits


def test_huffman_is_within_a_bit_of_the_entropy():
    symbols = SEQUENCES["geometric"]
    p = np.bincount(symbols) / len(symbols)
    entropy = -(p[p > 0] * np.log2(p[p > 0])).sum()
    assert entropy <= len(Huffman.of(symbols, 16).encode(symbols)) / len(symbols) < entropy + 1


def test_bits_that_end_early_are_refused():
    code = Huffman.of(np.array([0, 1, 1]), 2)
    with pytest.raises(ValueError, match="The bits end after 2 of 3 symbols"):
        code.decode([0, 1], 3)


def test_fillers_by_hand():
    """Gaps of two bits hold 3: the fifth zero is kept as a filler."""
    gaps, values = gaps_of(np.array([0, 7, 0, 0, 0, 0, 0, 9, 0]), 0, 2)
    assert gaps.tolist() == [1, 3, 1, 0] and values.tolist() == [7, 0, 9, 0]
    assert joined(gaps, values, 0).tolist() == [0, 7, 0, 0, 0, 0, 0, 9, 0]


@given(st.lists(st.sampled_from([0, 0, 0, 0, 1, 5]), min_size=1, max_size=80), st.integers(1, 4))
def test_gaps_are_lossless(codes, bits):
    gaps, values = gaps_of(np.array(codes), 0, bits)
    assert gaps.max() < 1 << bits
    assert joined(gaps, values, 0).tolist() == codes


@given(st.lists(st.lists(st.integers(-1, 1), min_size=7, max_size=7), min_size=1, max_size=4))
def test_five_trits_in_a_byte(rows):
    packed = to_bytes(np.array(rows))
    assert packed.shape == (len(rows), 2) and packed.max() < 243
    assert from_bytes(packed, 7).tolist() == rows


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

"""Huffman codes: the paper's example, round trips, and their limits."""

import numpy as np
import pytest

from qhw.hw.storage import Huffman

RNG = np.random.default_rng(0)


SEQUENCES = {
    "one symbol": np.full(40, 3), "two": RNG.integers(0, 2, 50), "many": RNG.integers(0, 256, 700),
    "skewed": np.repeat(np.arange(14), 2 ** np.arange(14) // 8 + 1),
    "geometric": np.minimum(RNG.geometric(.5, 300) - 1, 15), "short": np.array([1, 0, 2]),
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

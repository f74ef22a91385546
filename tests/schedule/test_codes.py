"""Weights in codes of several lengths, and values with gaps, by hand: when beats leave."""

import numpy as np
import pytest

from tests.schedule.test_parts import played


def decoded(lengths, word):
    """A decoder's symbols, each together with a beat of the input, from the cycle after on."""
    def part(net, i):
        symbols = net.decoder(np.array(lengths), word, max(lengths), i.beats)
        return net.expand([symbols, i], [1], i.beats)
    return part


@pytest.mark.parametrize(("lengths", "word", "leaves"), [
    # One word has all: it is there in 0, its symbols from 2 on, a cycle each.
    ([1, 2, 3], 8, [3, 4, 5, 6, 7, 8]),
    # Several words: the first is there in 1.
    ([4, 4], 4, [4, 5, 6, 7]),
    ([3, 3, 2], 4, [4, 5, 6, 7, 8, 9]),
    # A symbol of seven bits waits for two words of four, and so does what follows it, which needs
    # as many bits in the buffer.
    ([7, 1], 4, [5, 7, 8, 10])])
def test_symbols(lengths, word, leaves):
    found = played(len(leaves), decoded(lengths, word), each=True).ends.tolist()
    assert found == leaves


@pytest.mark.parametrize(("counts", "leaves"), [
    ([1], [1, 2, 3, 4]), ([2, 1, 3], [1, 2, 3, 4, 5, 6]), ([3], [1, 2, 3, 4, 5, 6])])
def test_pairs_that_become_several_beats(counts, leaves):
    """The next pair is taken with the last beat of the one before."""
    pairs = len(leaves) // sum(counts) * len(counts)
    found = played(pairs, lambda net, i: net.expand(net.fork(i, 2), counts, len(leaves)), each=True)
    assert found.ends.tolist() == leaves


def test_a_pair_is_taken_when_both_are_there():
    """One way takes two cycles a beat: its beats are there in 3, 5 and 7."""
    def part(net, i):
        a, b = net.fork(i, 2)
        return net.expand([net.queue(a, 4), net.widen(net.narrow(b, 2), 2)], [1], 3)

    assert played(3, part, each=True).ends.tolist() == [4, 6, 8]

"""Polarities of bits, by hand: which are passed on, who wants which, and how many are inverted."""

import numpy as np
import pytest

from qhw.adders.network import Network
from qhw.adders.polarity import ONE, ZERO, bit_numbers, choose, demands, extended, inverters


def two(shift=0, sign=0, bits=(4, 2), outputs=((3, 0),), lo=(0, 0)):
    """Node 3 is x0 +- (x1 << shift); node 2 is the constant 5."""
    hi = [(1 << b - (low < 0)) - 1 for b, low in zip(bits, lo, strict=True)]
    ends = [v << shift for v in (lo[1], hi[1])]
    least = lo[0] - ends[1] if sign else lo[0] + ends[0]
    most = hi[0] - ends[0] if sign else hi[0] + ends[1]
    return Network(2, np.array([[-1] * 4] * 3 + [[0, 1, shift, sign]]), np.array([*lo, 5, least]),
                   np.array([*hi, 5, most]), np.array([0, 0, 0, 1]), np.array([4, 2, 0, 5]),
                   np.array(outputs), np.zeros(4, np.int64), table=4)


def numbered(network):
    return bit_numbers(network.nodes, network.widths, network.lo, network.kinds, network.inputs,
                       network.begins)


def test_every_bit_has_a_driver():
    """Four bits and two of the inputs, the constant 101, and a sum whose lowest bit is x0's."""
    start, real = numbered(two(shift=1))
    assert start.tolist() == [0, 4, 6, 9, 14]
    assert real.tolist() == [0, 1, 2, 3, 4, 5, ONE, ZERO, ONE, 0, 10, 11, 12, 13]


def test_operands_side_by_side_are_wires():
    start, real = numbered(two(shift=4))
    assert real[start[3]:].tolist() == [0, 1, 2, 3, 4, 5]


def test_bits_beyond_a_number_are_its_sign_or_nothing():
    network = two(bits=(4, 3), lo=(0, -4))
    start, real = numbered(network)
    known = real, start, network.widths, network.lo
    assert [extended(*known, 0, k) for k in (3, 4)] == [3, ZERO]
    assert [extended(*known, 1, k) for k in (2, 3, 9)] == [6, 6, 6]
    assert extended(*known, -1, 0) == ZERO


def asked(network, flipped):
    start, real = numbered(network)
    return demands(network.nodes, network.widths, network.lo, network.kinds, network.pins, start,
                   real, np.array(flipped)).tolist()


def test_who_wants_which():
    """Inputs are there as they are; a difference wants the complement of x1, or else of x0."""
    start = 9       # of the sum's bits
    plain = asked(two(), [0, 0, 0, 0])
    assert plain[:6] == [[2, 0]] * 6 and plain[start:] == [[1, 0]] * len(plain[start:])
    minus = asked(two(sign=1), [0, 0, 0, 0])
    assert minus[:4] == [[2, 0]] * 4 and minus[4:6] == [[1, 1]] * 2
    turned = asked(two(sign=1), [0, 0, 0, 1])
    assert turned[:4] == [[1, 1]] * 4 and turned[4:6] == [[2, 0]] * 2


@pytest.mark.parametrize(("network", "count"), [
    (two(), 0), (two(sign=1), 2), (two(sign=1, bits=(2, 4)), 2), (two(sign=1, bits=(4, 4)), 4),
    (two(sign=1, shift=1), 2), (two(sign=1, shift=4, bits=(4, 4)), 0)])
def test_the_narrower_operand_is_inverted(network, count):
    """Of a difference; the low bits of x0 below the shift are passed on, and never inverted."""
    assert inverters(network) == count


def test_the_search_begins_where_it_is_told_and_repeats_itself():
    network = two(sign=1)
    start, real = numbered(network)
    known = (network.nodes, network.widths, network.lo, network.kinds, network.pins, start, real)
    for seed in range(4):
        flipped, count = choose(*known, network.flips, seed)
        again, same = choose(*known, network.flips, seed)
        assert flipped.tolist() == again.tolist() and count == same == 2

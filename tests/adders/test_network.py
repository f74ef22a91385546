"""Networks of adders: nodes, bits and cost, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from qhw import adders
from qhw.adders.network import ADDER, TABLES, UNUSED, WIRES, Network
from qhw.exact.num import Int
from tests.adders.draw import corners, draw


def test_intervals_hold_every_value_of_every_node():
    matrix, intervals = draw(5, 6, 10, 30)
    network = adders.compile(matrix, intervals, effort=3)
    for node in range(network.first, len(network.nodes)):
        shown = adders.Network(**{**vars_of(network), "outputs": np.array([[node, 0]])})
        values = shown.evaluate(corners(intervals))
        assert network.lo[node] <= values.min()
        assert values.max() <= network.hi[node]


def vars_of(network):
    return {name: getattr(network, name) for name in network.__dataclass_fields__}


def test_signs_are_all_that_is_asked():
    matrix, intervals = draw(9, 5, 12, 1, [Int(0, 1)] * 12)
    network = adders.compile(matrix, intervals, offsets=[-1, 0, 1, 2, 3], signs=True, effort=4)
    assert len(network.pins) == 5


def hand():
    """x0 and x1 of 4 bits, x2 of 2: n4 = x0 + x1, n5 = n4 - (x2 << 2), n6 = x2 + (n4 << 2), where
    x2 stands beside the others; node 3 is the constant 5."""
    nodes = np.array([[-1] * 4] * 4 + [[0, 1, 0, 0], [4, 2, 2, 1], [2, 4, 2, 0]])
    lo, hi = np.array([0, 0, 0, 5, 0, -12, 0]), np.array([15, 15, 3, 5, 30, 30, 123])
    levels, support = np.array([0, 0, 0, 0, 1, 2, 1]), np.array([4, 4, 2, 0, 5, 5, 5])
    return Network(3, nodes, lo, hi, levels, support,
                   np.array([[5, 0], [6, 1], [-1, 0], [3, 2]]), np.zeros(7, np.int64), table=4)


def test_values_by_hand():
    """x0 + x1 - 4 x2, 2 (x2 + 4 (x0 + x1)), 0 and 20."""
    assert hand().evaluate(np.array([[15, 7, 3], [0, 0, 2]])).tolist() == [
        [10, 182, 0, 20], [-8, 4, 0, 20]]


def test_bits_and_costs_by_hand():
    """Five bits of n4; n5 has six, of which the two lowest are those of n4; n6 is wires."""
    network = hand()
    assert network.first == 4 and network.depth == 2
    assert network.widths.tolist() == [4, 4, 2, 3, 5, 6, 7]
    assert network.kinds.tolist() == [WIRES, WIRES, WIRES, WIRES, ADDER, ADDER, WIRES]
    assert network.begins.tolist() == [0, 0, 0, 0, 0, 2, 2]
    assert network.cost == 5 + (6 - 2)


def test_pins_by_hand():
    """All bits of an output, the lowest first, zeros below its shift; or whether it is negative."""
    assert hand().pins[:6].tolist() == [[5, k, 0] for k in range(6)]
    assert hand().pins[6:9].tolist() == [[-1, -1, 0], [6, 0, 0], [6, 1, 0]]
    assert hand().pins[14].tolist() == [-1, 0, 0] and len(hand().pins) == 6 + 8 + 1 + 5
    signs = replace(hand(), signs=True)
    assert signs.pins.tolist() == [[5, 6, 1], [6, 7, 1], [-1, 0, 1], [3, 3, 1]]


@pytest.mark.parametrize(("table", "kind", "cost"), [(8, TABLES, 5), (7, ADDER, 5)])
def test_few_input_bits_are_a_table(table, kind, cost):
    nodes = np.array([[-1] * 4] * 2 + [[0, 1, 0, 0]])
    network = Network(2, nodes, np.zeros(3, int), np.array([15, 15, 30]), np.array([0, 0, 1]),
                      np.array([4, 4, 8]), np.array([[2, 0]]), np.zeros(3, np.int64), table)
    assert (network.kinds[2], network.cost) == (kind, cost)


def test_what_nobody_reads_is_not_used():
    assert replace(hand(), outputs=np.array([[4, 0]])).kinds[5:].tolist() == [UNUSED, UNUSED]

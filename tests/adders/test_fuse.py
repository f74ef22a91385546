"""Adders of three operands: which are fused, their operands, and what they cost, by hand."""

import numpy as np
import pytest

from qhw.adders.fuse import first_columns, fused, fused_cost
from qhw.adders.network import Network


def chain(*nodes, outputs, hi=255, inputs=4):
    """Nodes (low, high, shift, sign) behind inputs of 0..``hi``."""
    every = np.array([[-1] * 4] * inputs + [list(n) for n in nodes])
    lo, top, levels, support = [0] * inputs, [hi] * inputs, [0] * inputs, [8] * inputs
    for low, high, shift, sign in nodes:
        a, b = lo[high] << shift, top[high] << shift
        lo.append(lo[low] - b if sign else lo[low] + a)
        top.append(top[low] - a if sign else top[low] + b)
        levels.append(max(levels[low], levels[high]) + 1)
        support.append(7)
    return Network(inputs, every, *map(np.array, (lo, top, levels, support)),
                   np.array([[n, 0] for n in outputs]), np.zeros(len(every), np.int64), table=6)


THREE = chain((0, 1, 0, 0), (4, 2, 0, 0), outputs=[5])


def test_an_adder_that_is_read_once_is_absorbed():
    assert fused(THREE) == {5: [(0, 0, 0), (1, 0, 0), (2, 0, 0)]}
    assert THREE.cost == 9 + 10 and fused_cost(THREE) == 10


def test_one_that_is_read_twice_stays():
    network = chain((0, 1, 0, 0), (4, 2, 0, 0), outputs=[5, 4])
    assert fused(network) == {4: [(0, 0, 0), (1, 0, 0)], 5: [(4, 0, 0), (2, 0, 0)]}


@pytest.mark.parametrize(("inner", "outer", "operands"), [
    ((0, 1, 1, 0), (4, 2, 0, 0), [(0, 0, 0), (1, 1, 0), (2, 0, 0)]),
    ((0, 1, 0, 1), (4, 2, 2, 0), [(0, 0, 0), (1, 0, 1), (2, 2, 0)]),
    ((0, 1, 1, 0), (2, 4, 3, 1), [(2, 0, 0), (0, 3, 1), (1, 4, 1)]),
    ((0, 1, 1, 1), (2, 4, 3, 1), [(2, 0, 0), (0, 3, 1), (1, 4, 0)])])
def test_shifts_add_and_signs_multiply(inner, outer, operands):
    assert fused(chain(inner, outer, outputs=[5])) == {5: operands}


def test_an_adder_absorbs_one_other():
    """The one that saves more bits; a balanced sum of four would have five cells, not four."""
    network = chain((0, 1, 0, 0), (4, 2, 0, 0), (5, 3, 0, 0), outputs=[6])
    assert fused(network) == {4: [(0, 0, 0), (1, 0, 0)], 6: [(4, 0, 0), (2, 0, 0), (3, 0, 0)]}
    balanced = chain((0, 1, 0, 0), (2, 3, 0, 0), (4, 5, 0, 0), outputs=[6])
    assert [len(terms) for terms in fused(balanced).values()] == [2, 2, 2]


def test_no_path_gets_longer():
    """Two adders of three operands in series would be six cells, where three adders of two are
    six too; four would be nine where they are eight."""
    def line(count):
        nodes = [(0, 1, 0, 0), *((3 + k, k % 4, 0, 0) for k in range(1, count))]
        return chain(*nodes, outputs=[3 + count])
    for count in (2, 3, 4, 5, 6):
        network = line(count)
        cells = {}
        for n, terms in fused(network).items():
            cells[n] = max(cells.get(node, 0) for node, _, _ in terms) + len(terms)
        assert max(cells.values()) <= 2 * network.depth == 2 * count


def test_where_a_second_operand_begins():
    network = chain((0, 1, 2, 0), (4, 2, 1, 0), outputs=[5])
    found = fused(network)
    assert found == {5: [(0, 0, 0), (1, 2, 0), (2, 1, 0)]}
    assert first_columns(network, found)[5] == 1
    assert fused_cost(network) == int(network.widths[5]) - 1


def test_a_last_column_of_signs_has_the_lut_of_the_one_before():
    """Of -2..1 and -8..7 in five bits, but not of numbers whose sign is a constant 0."""
    network = chain((0, 1, 0, 1), outputs=[4])
    assert network.cost == 9 and fused_cost(network) == 9
    signed = Network(2, np.array([[-1] * 4] * 2 + [[0, 1, 0, 0]]), np.array([-2, -8, -10]),
                     np.array([1, 7, 8]), np.array([0, 0, 1]), np.array([2, 4, 7]),
                     np.array([[2, 0]]), np.zeros(3, np.int64), table=6)
    assert signed.cost == 5 and fused_cost(signed) == 4

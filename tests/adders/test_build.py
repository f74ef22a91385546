"""From digits to adders, by hand: what the nodes add, how deep they are, and negated outputs."""

import numpy as np
import pytest

from qhw.adders.build import build
from qhw.adders.network import Network
from qhw.adders.system import digits, sparse


def built(matrix, hi=15, *, slack=0, table=4, inverter=0.0, tries=1):
    """The network of a matrix and the constant 0 behind its inputs; and the inverters."""
    matrix = np.array([[*row, 0] for row in matrix])
    inputs = matrix.shape[1] - 1
    lo = np.zeros(inputs + 1, np.int64)
    top = np.array([*[hi] * inputs, 0])
    bits = np.array([*[hi.bit_length()] * inputs, 0])
    ends = np.stack([np.minimum(matrix, 0) @ top, np.maximum(matrix, 0) @ top], axis=1)
    *found, inverters = build(digits(sparse(matrix)), ends, lo, top, bits, inputs, slack, inverter,
                              table, tries)
    return Network(inputs, *found, table=table), inverters


@pytest.mark.parametrize("slack", [0, 1, 3])
@pytest.mark.parametrize("matrix", [
    [[1, 1, 1, 1]], [[3, -5, 7]], [[1, -1], [-1, 1]], [[-1, -1]], [[0, 0], [4, 0]], [[-8]]])
def test_the_product(matrix, slack):
    network, _ = built(matrix, slack=slack)
    x = np.random.default_rng(0).integers(0, 16, (50, len(matrix[0])))
    assert network.evaluate(x).tolist() == (x @ np.array(matrix).T).tolist()


def test_a_sum_of_four_is_a_balanced_tree():
    """Three adders, of 5, 5 and 6 bits."""
    network, _ = built([[1, 1, 1, 1]])
    assert len(network.nodes) - 5 == 3 and network.depth == 2
    assert sorted(network.widths[5:].tolist()) == [5, 5, 6] and network.cost == 16


@pytest.mark.parametrize(("terms", "slack", "deepest"), [
    (5, 0, 3), (8, 0, 3), (9, 0, 4), (8, 2, 5), (3, 0, 2)])
def test_a_sum_is_as_deep_as_its_slack_allows(terms, slack, deepest):
    network, _ = built([[1] * terms], slack=slack)
    assert network.depth <= deepest
    assert len(network.nodes) - terms - 1 == terms - 1


@pytest.mark.parametrize(("weight", "bits"), [(7, 7), (-7, 8), (3, 6), (14, 8)])
def test_an_output_has_the_bits_of_its_interval(weight, bits):
    """7 x0 of 0..15 is 8 x0 - x0, whose terms alone would reach from -15 to 120."""
    network, _ = built([[weight]])
    node, shift = network.outputs[0].tolist()
    assert network.widths[node] + shift == bits
    assert network.evaluate(np.array([[0], [15]])).tolist() == [[0], [15 * weight]]


def test_of_many_orders_a_sum_is_added_in_the_cheapest():
    """The same sums, exact in every order, in fewer columns."""
    rng = np.random.default_rng(0)
    matrix = rng.integers(-7, 8, (4, 12)) << rng.integers(0, 4, (4, 12))
    networks = [built(matrix, tries=tries)[0] for tries in (1, 2, 32, 32)]
    x = np.random.default_rng(0).integers(0, 16, (50, 12))
    assert all((n.evaluate(x) == x @ matrix.T).all() for n in networks)
    costs = [n.cost for n in networks]
    assert costs[0] > costs[2] == costs[3]


def test_powers_of_two_are_no_adders():
    network, _ = built([[8, 0], [0, 1]])
    assert len(network.nodes) == 3 and network.outputs.tolist() == [[0, 3], [1, 0]]


def test_what_is_wanted_negated_is_taken_from_nothing():
    """0 - 4 x0, as a node that is shifted."""
    network, _ = built([[-4]])
    assert network.nodes[2].tolist() in ([1, 0, 2, 1], [1, 0, 0, 1]) and network.depth == 1
    assert network.evaluate(np.array([[5]])).tolist() == [[-20]]


def test_a_row_of_nothing_has_no_node():
    assert built([[0, 0], [1, 1]])[0].outputs[0, 0] == -1


@pytest.mark.parametrize(("matrix", "count"), [
    ([[1, 1]], 0), ([[1, -1]], 4), ([[1, -4]], 4)])
def test_inverters_of_raw_operands(matrix, count):
    """A difference of two inputs of four bits complements one of them."""
    assert built(matrix, inverter=1.0)[1] == count


def test_sums_of_few_bits_are_tables_of_depth_one():
    network, _ = built([[1, 1, 1, 1]], hi=1)
    assert network.depth == 1 and network.cost == 3

"""The search: networks compute the product, and more effort is never worse."""


import numpy as np
import pytest

from qhw import adders
from qhw.adders.verilog import verilog
from qhw.errors import ModelError
from qhw.exact.num import Int
from tests.adders.draw import corners, draw


@pytest.mark.parametrize("seed", range(12))
def test_a_network_computes_the_product(seed):
    matrix, intervals = draw(seed, 1 + seed, 2 + 2 * seed, [1, 7, 127, 3000][seed % 4])
    offsets = np.random.default_rng(seed).integers(-50, 51, len(matrix)).tolist()
    network = adders.compile(matrix, intervals, offsets=offsets, effort=4, seed=seed)
    x = corners(intervals)
    assert (network.evaluate(x) == x @ matrix.T + offsets).all()


def test_every_input_of_a_small_one():
    matrix, intervals = np.array([[3, -5, 7], [-2, -6, -1], [0, 0, 0], [4, 0, 0]]), [Int(-2, 3)] * 3
    network = adders.compile(matrix, intervals, effort=5)
    x = np.stack(np.meshgrid(*[np.arange(-2, 4)] * 3), axis=-1).reshape(-1, 3)
    assert (network.evaluate(x) == x @ matrix.T).all()


def test_sums_beyond_64_bits():
    matrix, intervals = np.array([[2**30, -3], [5, 2**29 + 1]]), [Int(-2**20, 2**20)] * 2
    network = adders.compile(matrix, intervals, effort=2)
    x = corners(intervals)
    assert (network.evaluate(x) == x @ matrix.astype(object).T).all()


def test_what_two_outputs_share_is_computed_once():
    eight = [Int(0, 15)] * 8
    once = adders.compile(np.ones((1, 8), int), eight, effort=5)
    twice = adders.compile(np.ones((2, 8), int), eight, effort=5)
    assert twice.cost == once.cost
    # What they have in common, and an input more each.
    apart = np.ones((2, 10), int)
    apart[0, 8] = apart[1, 9] = 0
    assert adders.compile(apart, [Int(0, 15)] * 10, effort=5).cost <= once.cost + 2 * 8


def test_powers_of_two_and_concatenations_are_wires():
    network = adders.compile(np.array([[4, 0], [1, 16], [0, 1]]), [Int(0, 15)] * 2)
    assert network.cost == 0
    assert network.depth <= 1


def test_few_bits_are_tables():
    network = adders.compile(np.array([[1, 1, 1, 1]]), [Int(0, 1)] * 4, effort=3)
    assert network.cost == 3


def test_the_same_seed_gives_the_same_network():
    matrix, intervals = draw(3, 12, 16, 7, [Int(0, 15)] * 16)
    first, second = (adders.compile(matrix, intervals, effort=30, seed=4) for _ in range(2))
    assert verilog(first, "top", family="ice40") == verilog(second, "top", family="ice40")


def test_more_effort_is_never_worse():
    matrix, intervals = draw(7, 16, 24, 7, [Int(0, 15)] * 24)
    costs = [adders.compile(matrix, intervals, effort=effort, family="").cost
             for effort in (0, 10, 60)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < costs[0]


@pytest.mark.parametrize(("matrix", "intervals", "offsets", "said"), [
    (np.ones((2, 2)), 2, None, "dimensions of integers, not float64"),
    (np.ones(3, int), 3, None, "two dimensions"),
    (np.ones((2, 3), int), 2, None, "3 columns"),
    (np.ones((2, 3), int), 3, [1], "2 rows"),
    (np.ones((2, 3), int), 3, [], "2 rows"),
    (np.full((2, 2), 2**61), 2, None, "reach 4611686018427387904, more than 62 bits"),
    (np.full((1, 1), 2**63, np.uint64), 1, None, "more than 62 bits"),
    (np.full((1, 1), 2**60), 1, [-2**64], "more than 62 bits"),
])
def test_what_does_not_fit_is_said(matrix, intervals, offsets, said):
    with pytest.raises(ModelError, match=said):
        adders.compile(matrix, [Int(0, 1)] * intervals, offsets=offsets)

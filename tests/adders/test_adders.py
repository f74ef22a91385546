"""Networks of adders against the products they stand for, in numpy and in Yosys' own proof."""

import re

import numpy as np
import pytest

from qhw import adders
from qhw.adders.verilog import verilog
from qhw.errors import ModelError
from qhw.exact.num import Int
from tests.adders.tables import MODELS, table


def draw(seed, rows, columns, most, intervals=None):
    """A matrix with zeros among its weights, and intervals of several kinds."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-most, most + 1, (rows, columns)) * (rng.random((rows, columns)) < 0.8)
    ends = np.sort(rng.integers(-9, 10, (columns, 2)), axis=1)
    return matrix, intervals or [Int(int(lo), int(hi)) for lo, hi in ends]


def corners(intervals, seed=0):
    """The lowest and the highest of all inputs, mixtures of them, and what lies between."""
    rng = np.random.default_rng(seed)
    lo = np.array([x.lo for x in intervals], object)
    hi = np.array([x.hi for x in intervals], object)
    ends = np.where(rng.random((60, len(lo))) < 0.5, lo, hi)
    inner = np.array([[int(a + (b - a) * u) for a, b, u in zip(lo, hi, row, strict=True)]
                      for row in rng.random((60, len(lo)))], object)
    return np.concatenate([[lo], [hi], ends, inner])


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


def test_a_lut_of_six_inputs_counts_six_bits_or_two_of_five():
    known = {n: adders.compile(np.ones((1, n), int), [Int(0, 1)] * n, effort=0, family="xc7").cost
             for n in range(2, 7)}
    assert known == {2: 1, 3: 1, 4: 2, 5: 2, 6: 3}


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


def test_signs_are_all_that_is_asked():
    matrix, intervals = draw(9, 5, 12, 1, [Int(0, 1)] * 12)
    network = adders.compile(matrix, intervals, offsets=[-1, 0, 1, 2, 3], signs=True, effort=4)
    assert len(network.pins) == 5


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


@pytest.mark.parametrize("signs", [False, True])
def test_no_lut_of_ice40_has_two_constant_ones(signs):
    """nextpnr-ice40's router swaps the two for ever."""
    for matrix, intervals, offsets in (mixed(), counts(), (-np.eye(6, dtype=int) - 3, [
            Int(0, 5)] * 6, list(range(6)))):
        network = adders.compile(matrix, intervals, offsets=offsets, signs=signs, effort=3)
        luts = re.findall(r"SB_LUT4.*", verilog(network, "top", family="ice40"))
        assert luts
        assert not [lut for lut in luts if lut.count("(1'b1)") > 1]


def test_an_unknown_family_is_said():
    network = adders.compile(np.array([[1]]), [Int(0, 1)])
    with pytest.raises(ModelError, match="'spartan'"):
        verilog(network, "top", family="spartan")


def mixed():
    matrix, intervals = draw(21, 4, 4, 9, [Int(0, 3), Int(-4, 3), Int(0, 1), Int(-2, 1)])
    matrix[1] = 0    # nothing but a constant is left of this one
    return matrix, intervals, [3, -8, 0, 1]


def counts():
    """Of bits, of which tables take four to six at once, and some in two of them."""
    return np.array([[1] * 10, [1, 1, 1, 1, 1, -1, -1, 0, 0, 0]]), [Int(0, 1)] * 10, [0, -2]


@pytest.mark.parametrize("family", MODELS)
@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("case", [mixed, counts])
def test_the_module_is_the_product(tmp_path, family, signs, case):
    matrix, intervals, offsets = case()
    network = adders.compile(matrix, intervals, offsets=offsets, signs=signs, effort=3,
                             family=family)
    rows = table(tmp_path, verilog(network, "top", family=family), family)
    assert len(rows) == 1 << sum(i.width for i in intervals)
    for code, got in rows:
        x, at = [], 0
        for i in intervals:
            field = code >> at & (1 << i.width) - 1
            x.append(field - (1 << i.width) * (field > i.hi))
            at += i.width
        sums, wanted, at = matrix @ x + offsets, 0, 0
        for (node, shift), total in zip(network.outputs.tolist(), sums.tolist(), strict=True):
            width = 1 if signs or node < 0 else int(network.widths[node]) + shift
            field = int(total >= 0) if signs else total & (1 << width) - 1
            wanted |= field << at
            at += width
        assert got == wanted

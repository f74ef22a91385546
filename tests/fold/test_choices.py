"""Which folds the search is given, by prices that are made up: what is left out, and what for."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.design.plan import stages
from qhw.exact.num import Int
from qhw.fold import choices
from qhw.graph import Graph, Node, PeSimd, Spatial, as_folds
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.lower.fold import fold
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from qhw.targets import target
from tests.branching import branched
from tests.fold.paths import drawn, trellis
from tests.seeds import today

CHIP = target("ice40hx8k")      # without DSP blocks


def dense(rows, fold=None):
    """A product of these weights with 4-bit inputs, which asks for no fold."""
    codes = np.array(rows)
    weights = Codes(codes, np.array(1.0), None)
    node = Node("fc", Dense(Fixed(4), weights, None), ("input",))
    graph = lower(Graph("net", (Node("input", Input((codes.shape[1],), Int(0, 15))), node)))
    asked = fold and PeSimd(*fold)
    return graph.replaced(replace(n, op=replace(n.op, asked=asked)) if n.name == "fc" else n
                          for n in graph.nodes)


def given(monkeypatch, graph, luts, price, chip=CHIP, **more):
    """The trellis with these LUTs of (PE, SIMD), everything else for nothing."""
    def unit(stage):
        product = stage.op.product if stage.op else None
        return np.array([price(product.pe, product.simd) if product else 0, 0, 0], float)
    monkeypatch.setattr(choices, "_priced", lambda target: (unit, lambda beats: np.zeros(3)))
    return trellis(graph, chip, as_folds(more.pop("fixed", {})), luts, **more)


def folds(found):
    """The numbers of all folds."""
    return {choice[1].numbers for step in found.steps for choice in step.choices if choice}


FULL = np.arange(1, 17).reshape(4, 4) % 7 + 1       # no weight is 0


@pytest.mark.parametrize(("luts", "left"), [
    # Cost 100 a product; what is over 125 LUTs rules out what has as much of both and more.
    (100, {(1, 1), (1, 2), (2, 1), (4, 4)}),
    # (1, 2) costs 200, which is 1.25 times 160 and no more; (1, 4) to (4, 1) cost 400.
    (160, {(1, 1), (1, 2), (2, 1), (1, 4), (2, 2), (4, 1), (4, 4)}),
    (159, {(1, 1), (1, 2), (2, 1), (4, 4)}),
    # The whole as constants is bounded by 16 weights of 4 bits: 64 // 5 is 12.
    (12, {(1, 1), (1, 2), (2, 1), (4, 4)}),
    # At 11 that is too much, and two products of 4 + 4 bits are 16 // 5 = 3.
    (11, {(1, 1), (1, 2), (2, 1)}),
    (3, {(1, 1), (1, 2), (2, 1)}),
    (2, {(1, 1)}),
])
def test_hopeless_folds_are_left_out(monkeypatch, luts, left):
    assert folds(given(monkeypatch, dense(FULL), luts, lambda pe, simd: 100 * pe * simd)) == left


@pytest.mark.parametrize(("price", "out"), [
    # Only (1, 2) is too dear: more SIMD with at least its PE is, (2, 1) and (4, 1) are not.
    (lambda pe, simd: 99 if (pe, simd) == (1, 2) else 1, {(1, 4), (2, 2), (4, 2), (2, 4)}),
    (lambda pe, simd: 99 if (pe, simd) == (2, 1) else 1, {(4, 1), (2, 2), (4, 2), (2, 4)}),
    (lambda pe, simd: 99 if (pe, simd) == (2, 2) else 1, {(4, 2), (2, 4)}),
    # The first is taken in any case, and rules out nothing.
    (lambda pe, simd: 99 if (pe, simd) == (1, 1) else 1, set()),
])
def test_dear_folds_stand_for_larger_ones(monkeypatch, price, out):
    every = {(pe, simd) for pe in (1, 2, 4) for simd in (1, 2, 4)}
    assert every - folds(given(monkeypatch, dense(FULL), 50, price)) == out


@pytest.mark.parametrize(("has", "left"), [
    # One block a product: what is over 1.25 times the blocks rules out what has more of both.
    (2, {(1, 1), (1, 2), (2, 1), (1, 4), (2, 2), (4, 1), (4, 4)}),
    (1, {(1, 1), (1, 2), (2, 1), (4, 4)}),
    (0, {(pe, simd) for pe in (1, 2, 4) for simd in (1, 2, 4)}),
])
def test_folds_of_too_many_blocks_stand_for_larger_ones(monkeypatch, has, left):
    """None where the chip has no blocks, because their number is not limited there."""
    def unit(stage):
        product = stage.op.product if stage.op else None
        return np.array([0, 0, product.pe * product.simd if product else 0], float)
    monkeypatch.setattr(choices, "_priced", lambda target: (unit, lambda beats: np.zeros(3)))
    found = trellis(dense(FULL), replace(CHIP, dsps=has), {}, 1e6)
    assert folds(found) == left


@pytest.mark.parametrize(("dsps", "bound"), [
    (0, 9),     # 12 weights that are not 0, of 4 bits: 48 // 5
    (1, 2),     # a block takes 36 of the bits: 12 // 5
    (2, 0)])
def test_the_whole_costs_a_bound_until_it_is_seen(monkeypatch, dsps, bound):
    rows = FULL.copy()
    rows[0, 0] = rows[1, 1] = rows[2, 2] = rows[3, 3] = 0
    found = given(monkeypatch, dense(rows), np.inf, lambda pe, simd: 70 * pe * simd,
                  replace(CHIP, dsps=dsps))
    step = next(step for step in found.steps if ("fc", PeSimd(4, 4)) in step.choices)
    at = step.choices.index(("fc", PeSimd(4, 4)))
    assert step.cost[at].tolist() == [bound, 0, 0]
    assert step.cost[step.choices.index(("fc", PeSimd(2, 4)))].tolist() == [560, 0, 0]
    assert list(found.guessed) == [("fc", PeSimd(4, 4))]
    assert found.guessed["fc", PeSimd(4, 4)]().tolist() == [1120 - bound, 0, 0]
    assert step.cycles[at] == 1 and step.cycles[step.choices.index(("fc", PeSimd(2, 1)))] == 8


@pytest.mark.parametrize(("rows", "sums"), [
    ([[1, 1, 0], [0, 1, 1]], 2),
    ([[1, 1, 0], [-1, -1, 0]], 1),      # the same with another sign
    ([[2, 4, 0], [3, 6, 0]], 1),        # two and three times one sum
    ([[2, 4, 0], [3, -6, 0]], 2),
    ([[2, 3, 0], [4, 6, 0]], 1),
    ([[5, 0, 0], [1, 1, 1]], 1),        # one weight alone needs no adder
    ([[0, 0, 0], [0, 7, 0]], 0),
])
def test_weights_as_logic_have_an_adder_for_each_sum(monkeypatch, rows, sums):
    found = given(monkeypatch, dense(rows), np.inf, lambda pe, simd: 50, logic=Spatial())
    step = next(step for step in found.steps if ("fc", Spatial()) in step.choices)
    at = step.choices.index(("fc", Spatial()))
    assert step.cost[at].tolist() == [sums, 0, 0] and step.cycles[at] == 1
    assert found.guessed["fc", Spatial()]().tolist() == [50 - sums, 0, 0]


@pytest.mark.parametrize(("more", "logic"), [
    ({"logic": Spatial()}, True),
    ({}, False),                                            # nobody wants it
    ({"logic": Spatial(), "fixed": {"fc": (2, 2)}}, False),     # it has a fold already
])
def test_when_weights_may_become_logic(monkeypatch, more, logic):
    found = given(monkeypatch, dense(FULL), np.inf, lambda pe, simd: 1, **more)
    assert (Spatial().numbers in folds(found)) == logic


LARGE = np.random.default_rng(0).integers(1, 8, (32, 64)) * np.random.default_rng(1).choice(
    [0, 1, -1], (32, 64))


@pytest.mark.parametrize("enough", [True, False])
def test_many_digits_need_luts(monkeypatch, enough):
    """A quarter of a LUT for each digit and bit; 3 and 5 to 7 have two digits. Where that is more
    than there is, nothing is compiled."""
    digits = int((np.isin(np.abs(LARGE), (1, 2, 4)) + 2 * np.isin(np.abs(LARGE), (3, 5, 6, 7))
                  ).sum())
    bound = digits * 4 // 4
    found = given(monkeypatch, dense(LARGE), bound - (not enough), lambda pe, simd: 1,
                  logic=Spatial(2))
    assert (("fc", Spatial(2)) in found.guessed) == enough
    if enough:
        step = next(step for step in found.steps if ("fc", Spatial(2)) in step.choices)
        assert step.cost[step.choices.index(("fc", Spatial(2)))].tolist() == [bound, 0, 0]


def test_no_matrix_takes_fewer_luts_than_its_bound():
    """Few bits, many bits, and sums that outputs share."""
    chip, rng = target("ecp5-25k"), np.random.default_rng(today())
    for high, size in ((1, (64, 128)), (1, (128, 64)), (7, (32, 64)), (127, (16, 80))):
        rows = rng.integers(-high, high + 1, size)
        rows[1::2] = rows[::2] * rng.choice([1, 2], (len(rows) // 2, 1)) + np.eye(*size, dtype=int
                                                                               )[1::2]
        scheme = Fixed(9)
        weights = Codes(rows & 511, np.array(1.0), None)
        node = Node("fc", Dense(scheme, weights, None), ("input",))
        graph = lower(Graph("net", (Node("input", Input((size[1],), Int(0, 1))), node)))
        found = trellis(graph, chip, {}, np.inf, logic=Spatial())
        assert (found.guessed["fc", Spatial()]() >= 0).all()


def test_a_fold_that_is_asked_for_is_the_only_one(monkeypatch):
    """That of a file before that of the model; and logic stays logic."""
    price = lambda pe, simd: 1000 * pe * simd       # noqa: E731
    assert folds(given(monkeypatch, dense(FULL, (2, 4)), 1, price)) == {(2, 4)}
    assert folds(given(monkeypatch, dense(FULL, (2, 4)), 1, price,
                       fixed={"fc": (1, 2)})) == {(1, 2)}
    logic = lower(dense(FULL), {"fc": Spatial()})
    assert folds(given(monkeypatch, logic, 1, price, fixed={"fc": Spatial()})) == {()}


@pytest.mark.parametrize(("prices", "left"), [
    ({"": (100, 0), "chains": (90, 0), "digits": (60, 0), "dsp": (5, 8)}, {"digits", "dsp"}),
    ({"": (60, 0), "chains": (60, 0), "digits": (60, 0), "dsp": (60, 8)}, {""}),
    ({"": (60, 0), "chains": (50, 0), "digits": (70, 0), "dsp": (70, 0)}, {"chains"})])
def test_ways_to_multiply_that_others_better_are_left_out(monkeypatch, prices, left):
    def unit(stage):
        way = stage.op.product.engine.multiply if stage.op else ""
        luts, dsps = prices.get(way, (1000, 1000)) if stage.op else (0, 0)
        return np.array([luts, 0, dsps], float)
    monkeypatch.setattr(choices, "_priced", lambda target: (unit, lambda beats: np.zeros(3)))
    found = trellis(dense(FULL), CHIP, {}, np.inf)
    every = [c[1] for step in found.steps for c in step.choices if c and c[1].numbers != (4, 4)]
    assert {one.numbers: {o.multiply for o in every if o.numbers == one.numbers} for one in every
            } == {(pe, simd): left for pe in (1, 2, 4) for simd in (1, 2, 4) if pe * simd < 16}


@pytest.mark.parametrize("seed", [3, 5])
def test_forks_and_widths_of_branches_are_priced(seed, monkeypatch):
    """Of paths at random through networks that part and meet, all but their queues: the sum over
    the stages that the design has, each of which has a price of its own."""
    def price(unit):
        return np.array([unit.i_lanes, 1000 * unit.o_lanes * unit.ways, unit.x.integer.width])

    def glue(beats):
        return np.array([0, 0, 10 ** 6 * beats])

    monkeypatch.setattr(choices, "_priced", lambda target: (price, glue))
    graph, rng = lower(branched(seed, 2)), np.random.default_rng(seed)
    found = trellis(graph, CHIP, {}, np.inf)
    parted = 0
    for _ in range(3):
        chosen, taken = drawn(found, rng)
        units = stages(fold(graph, chosen))
        parted += any(unit.ways > 1 for unit in units)
        cost = sum(step.cost[edge] for step, edge in taken)
        assert cost.tolist() == (sum(price(unit) for unit in units if not unit.depth)
                                 + glue(units[-1].y.size // units[-1].o_lanes)).tolist()
    assert parted == 3

"""Arithmetic that all families share, for every input in Amaranth's simulator."""

import numpy as np
import pytest
from amaranth.hdl import Cat, Const, Module, Shape, Signal, Value
from amaranth.sim import Simulator

from qhw.exact.num import Int, Rounding, round_shift
from qhw.pe import gates


def values(build, *intervals):
    """What a function of signals makes of every combination of their integers, in order."""
    m, found = Module(), []
    xs = [Signal(x.shape) for x in intervals]
    made = Value.cast(build(*xs))
    y = Signal(made.shape())
    m.d.comb += y.eq(made)
    grid = np.stack(np.meshgrid(*[np.arange(x.lo, x.hi + 1) for x in intervals],
                                indexing="ij"), -1).reshape(-1, len(intervals))

    async def drive(ctx):
        for row in grid.tolist():
            for signal, v in zip(xs, row, strict=True):
                ctx.set(signal, v)
            found.append(ctx.get(y))

    sim = Simulator(m)
    sim.add_testbench(drive)
    sim.run()
    return grid, np.array(found)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_tree_adds_all(count):
    grid, found = values(lambda *xs: gates.adder_tree(xs), *[Int(-2, 1)] * count)
    assert np.array_equal(found, grid.sum(1))


def test_masked_and_selected():
    grid, found = values(gates.masked, Int(0, 7), Int(0, 1))
    assert np.array_equal(found, grid[:, 0] * grid[:, 1])
    row = [5, -3, 7]
    grid, found = values(lambda k: gates.selected(k, [Const(v, Shape(4, True)) for v in row]),
                         Int(0, 3))
    assert found.tolist() == [5, -3, 7, 7]


@pytest.mark.parametrize("x", [Int(0, 5), Int(-8, 7), Int(0, 1)], ids=str)
def test_raised_and_complemented_numbers_exceed_by_constants(x):
    plus, minus = gates.excess(x)
    grid, found = values(gates.signed_by, x, Int(0, 1))
    assert np.array_equal(found, np.where(grid[:, 1], -grid[:, 0] + minus, grid[:, 0] + plus))
    assert found.min() >= 0
    grid, found = values(lambda v, on: gates.signed_by(v, Const(0, 1), on), x, Int(0, 1))
    assert np.array_equal(found, np.where(grid[:, 1], grid[:, 0] + plus, 0))


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("x", [Int(0, 40), Int(-37, 40)], ids=str)
@pytest.mark.parametrize("shift", [0, 1, 3])
def test_rounding(shift, x, rounding):
    bias = gates.rounding_bias(shift, rounding)
    grid, found = values(lambda n: gates.round_biased(
        Value.cast(n + bias), shift, rounding), x)
    assert np.array_equal(found, round_shift(grid[:, 0], shift, rounding))


@pytest.mark.parametrize("to", [Int(-4, 3), Int(0, 7), Int(-5, 2), Int(1, 6), Int(0, 0),
                                Int(-9, 9), Int(12, 14)], ids=str)
@pytest.mark.parametrize("of", [Int(-9, 9), Int(0, 15), Int(-16, 15)], ids=str)
def test_clipped(of, to):
    grid, found = values(lambda n: gates.clipped(n, of, to), of)
    assert np.array_equal(found, np.clip(grid[:, 0], to.lo, to.hi))


def test_constants_in_a_sum_are_not_negative():
    assert gates.modulo(Const(-3, 4), 6).value == 61
    signal = Signal(4)
    assert gates.modulo(signal, 6) is signal
    assert len(Cat(gates.modulo(Const(-1, 4), 6))) == 6

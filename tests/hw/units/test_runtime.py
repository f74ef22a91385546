"""Codes and factors of whole vectors, found at run time: the units' own streams against numpy."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.hw.units.runtime import BlockFloatUnit, ResidualUnit
from qhw.layers import BlockFloat, Residual
from qhw.ops import MatVec
from qhw.ops.dynamic import DynamicMatVec
from qhw.schemes import schemes

X, SIZE = Int(-20, 19), 6


def emitted(unit, every):
    """Codes (N, SIZE) and factors of the vectors; an output is taken in each ``every``-th cycle."""
    codes, factors = [], []
    rows = vectors().reshape(-1, unit.lanes).tolist()

    async def drive(ctx):
        for row in rows:
            for port, v in zip(unit.i.payload, row, strict=True):
                ctx.set(port, v)
            ctx.set(unit.i.valid, 1)
            await ctx.tick().until(unit.i.ready)
        ctx.set(unit.i.valid, 0)

    async def take(ctx):
        ctx.set(unit.f.ready, 1)
        for cycle in range(40 * len(rows)):
            ready = cycle % every == 0
            ctx.set(unit.o.ready, ready)
            if ready and ctx.get(unit.o.valid):
                codes.extend(ctx.get(port) for port in unit.o.payload)
            if ctx.get(unit.f.valid):
                factors.append([ctx.get(port) for port in unit.f.payload])
            await ctx.tick()

    sim = Simulator(unit)
    sim.add_clock(1e-6)
    sim.add_testbench(drive, background=True)
    sim.add_testbench(take)
    sim.run()
    return np.reshape(codes, (-1, SIZE)), np.array(factors)


def vectors():
    found = np.random.default_rng(0).integers(X.lo, X.hi + 1, (12, SIZE))
    found[0], found[1], found[2] = X.lo, X.hi, 3
    return found


def wanted(coding, weights, zero):
    product = MatVec(weights, weights.quantize(np.ones((1, SIZE))).codes, np.zeros(1, int))
    op = DynamicMatVec(coding, product, zero)
    assert op.infer(Tensor((SIZE,), X))
    return op.coded(vectors())


@pytest.mark.parametrize("every", [1, 7])
@pytest.mark.parametrize("lanes", [1, 2, 6])
def test_mantissas_and_their_exponent(lanes, every):
    """Also while the next vector is there and the last code still waits."""
    wanted_codes, exponents = wanted(BlockFloat(4), schemes["fixed"](), 3)
    codes, factors = emitted(BlockFloatUnit(x=X, zero=3, length=SIZE // lanes, lanes=lanes, bits=4),
                             every)
    assert np.array_equal(codes, wanted_codes) and np.array_equal(factors, exponents)


@pytest.mark.parametrize("every", [1, 7])
@pytest.mark.parametrize("lanes", [1, 6])
@pytest.mark.parametrize("planes", [1, 2])
def test_signs_of_what_is_left(planes, lanes, every):
    signs, sums = wanted(Residual(planes), schemes["binary"](), -2)
    codes, factors = emitted(ResidualUnit(x=X, zero=-2, length=SIZE // lanes, lanes=lanes,
                                          planes=planes), every)
    bits = codes[:, None] >> np.arange(planes)[:, None] & 1
    assert np.array_equal(bits, signs > 0) and np.array_equal(factors, sums)

"""Tiles with registers: on every path as many, and as many beats as there are registers."""

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from qhw.exact.num import Int
from qhw.pe import BitPlanes
from qhw.pe.staged import StagedTile, places
from qhw.pe.stages import staged
from qhw.schemes import schemes
from tests.pe.registers import Registers


@pytest.mark.parametrize("name", [n for n, s in schemes.items() if not s().factorized])
@pytest.mark.parametrize("stages", [1, 2, 3])
def test_every_path_of_every_scheme(name, stages):
    scheme = schemes[name]()
    found = scheme.quantize(np.random.default_rng(0).normal(size=(4, 8)))
    element, x, simd = scheme.gates(Int(-8, 7), found.table), Int(-8, 7), 8
    shared, each = places(element, x, simd, stages)
    assert len(shared) + len(each) == stages
    inputs = element.common_layout(x, simd)
    kept = Registers()
    sums = element.dot([Signal(inputs.elem_shape) for _ in range(inputs.length)],
                       [Signal(element.bits) for _ in range(simd // element.group)])
    assert all(kept.counts(y) == {len(each)} for y in staged(sums, each, kept))


def test_a_tile_holds_as_many_beats_as_it_has_registers():
    """While nobody takes what comes out it fills up, and then it stops what comes in."""
    tile = StagedTile(BitPlanes(bits=2, alphabet="twos"), Int(0, 3), 4, 1, 2, read=False)
    m = Module()
    m.submodules.tile = tile
    taken = []

    async def bench(ctx):
        ctx.set(tile.i.valid, 1)
        for _ in range(6):
            taken.append(ctx.get(tile.i.ready))
            await ctx.tick()

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    assert taken == [1, 1, 1, 0, 0, 0]

"""Random bits: registers of full period, and the same in gates."""

import numpy as np
import pytest

from qhw.hw.units.lfsr import TAPS, Lfsr, sequence


@pytest.mark.parametrize("width", [w for w in TAPS if w <= 16])
def test_registers_have_the_full_period(width):
    bits = sequence(width, 1, 2 * ((1 << width) - 1))
    period = (1 << width) - 1
    assert np.array_equal(bits[:period], bits[period:]) and bits[:period].sum() == 1 << width - 1
    windows = np.convolve(np.tile(bits[:period], 2)[:period + width - 1], 1 << np.arange(width),
                          "valid")
    assert len(np.unique(windows)) == period


@pytest.mark.parametrize(("width", "bits"), [(8, 3), (16, 16), (32, 8)])
def test_register_in_gates(width, bits):
    from amaranth.sim import Simulator
    dut, got = Lfsr(width, bits), []
    sim = Simulator(dut)
    sim.add_clock(1e-6)

    async def watch(ctx):
        ctx.set(dut.step, 1)
        for _ in range(200):
            got.append(ctx.get(dut.value))
            await ctx.tick()

    sim.add_testbench(watch)
    sim.run()
    assert got == sequence(width, bits, 200).tolist()


@pytest.mark.parametrize(("width", "seed", "says"), [
    (17, 1, "There are taps for 8, 9, .* bits, not 17"), (8, 0, r"Seed must be in 1\.\.255, not 0"),
    (8, 256, "not 256")])
def test_what_has_no_register(width, seed, says):
    with pytest.raises(ValueError, match=says):
        Lfsr(width, 1, seed)

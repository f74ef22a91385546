"""What is around the network, in Amaranth's simulator: how long its reset lasts."""

from fractions import Fraction
from types import SimpleNamespace

import pytest
from amaranth.hdl import ResetSignal, Signal
from amaranth.sim import Simulator

from qhw.board.top import BoardTop


class Bare(BoardTop):
    """Without pins: a clock and whether it is stable from outside, the network's reset to it."""

    def __init__(self, clock_mhz, pll):
        super().__init__("net", SimpleNamespace(clock_mhz=clock_mhz), pll)
        self.clock, self.stable, self.reset = Signal(), Signal(), Signal()

    def _clock(self, m, platform):
        return self.clock, self.stable

    def _network(self, m, platform):
        m.d.comb += self.reset.eq(ResetSignal())


@pytest.mark.parametrize(("clock_mhz", "pll", "cycles"), [
    (1, None, 15), (0.5, None, 8),          # 7.5 cycles are 15 us
    (0.5, SimpleNamespace(mhz=Fraction(2)), 30),        # those of the PLL
])
def test_reset_lasts_15_microseconds_after_the_clock_is_stable(clock_mhz, pll, cycles):
    """Not from the beginning, where it is not stable for 40 cycles, and anew if it is lost. Each of
    the two synchronizers takes two cycles."""
    dut, seen = Bare(clock_mhz, pll), []

    async def bench(ctx):
        async def held(count):
            """Cycles in reset, of so many."""
            found = 0
            for _ in range(count):
                for level in (1, 0):
                    ctx.set(dut.clock, level)
                    await ctx.delay(1e-6)
                found += ctx.get(dut.reset)
            return found
        assert await held(40) == 40
        for _ in range(2):
            ctx.set(dut.stable, 1)
            seen.append(await held(2 * cycles + 20))
            ctx.set(dut.stable, 0)
            assert await held(6) >= 4

    sim = Simulator(dut)
    sim.add_testbench(bench)
    sim.run()
    assert seen == [cycles + 4] * 2

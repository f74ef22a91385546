"""Words become beats and beats become words, and none waits."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from qhw.bus.samples import words
from qhw.design.top import Port
from qhw.exact.num import Int

from .echo import Echo

PORTS = [Port(Int(0, 1), 1, 1), Port(Int(-8, 7), 8, 3), Port(Int(0, 31), 8, 5),
         Port(Int(-128, 127), 12, 2), Port(Int(0, 255), 16, 9)]


def test_words_of_a_beat():
    """5 * 8 bits are 5 bytes, which take two words."""
    assert [words(port) for port in PORTS] == [1, 1, 2, 3, 4]


@pytest.mark.parametrize("port", PORTS, ids=str)
def test_a_sample_comes_back(port):
    """Whole samples are never refused while ``free``; a read of nothing is empty; ``busy`` and
    ``done`` follow."""
    dut, rng = Echo("net", port, port), np.random.default_rng(0)
    whole = (1 << port.width) - 1

    async def bench(ctx):
        for _ in range(4):
            assert ctx.get(dut.free) and not ctx.get(dut.busy) and ctx.get(dut.empty)
            beats = [int.from_bytes(rng.bytes(port.width // 8), "little") & whole
                     for _ in range(port.beats)]
            for beat in beats:
                for k in range(words(port)):
                    assert not ctx.get(dut.full)
                    ctx.set(dut.put, 1)
                    ctx.set(dut.data, beat >> 32 * k & 0xffffffff)
                    await ctx.tick()
                    ctx.set(dut.put, 0)
                    for _ in range(rng.integers(3)):
                        await ctx.tick()
            done = 0
            for beat in beats:
                for k in range(words(port)):
                    while ctx.get(dut.empty):
                        assert ctx.get(dut.word) == 0
                        await ctx.tick()
                    assert ctx.get(dut.word) == beat >> 32 * k & 0xffffffff
                    ctx.set(dut.get, 1)
                    await ctx.tick()
                    ctx.set(dut.get, 0)
            for _ in range(3):
                done += ctx.get(dut.done)
                await ctx.tick()
        assert ctx.get(dut.cycles) > 0

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()


def test_words_are_refused_when_both_queues_are_full():
    """Each queue holds a sample of three beats or more, and nothing that was taken is lost."""
    port = Port(Int(0, 255), 4, 3)
    dut, taken = Echo("net", port, port), []

    async def bench(ctx):
        for word in range(40):
            ctx.set(dut.data, word)
            ctx.set(dut.put, 1)
            if not ctx.get(dut.full):
                taken.append(word)
            await ctx.tick()
        ctx.set(dut.put, 0)
        assert 2 * port.beats <= len(taken) < 40
        for word in taken:
            assert not ctx.get(dut.empty) and ctx.get(dut.word) == word
            ctx.set(dut.get, 1)
            await ctx.tick()
            ctx.set(dut.get, 0)
            await ctx.tick().repeat(2)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()

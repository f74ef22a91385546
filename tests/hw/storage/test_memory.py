import numpy as np
import pytest
from amaranth.hdl import unsigned
from amaranth.sim import Simulator

from qhw.hw.storage.memory import Replay, Rom, pack
from qhw.testing.stream import run


def test_pack_is_two_s_complement_lowest_first():
    assert pack(np.array([[1, -1], [-4, 3]]), 3) == [0b111_001, 0b011_100]
    assert pack(np.array([[-1, 1 << 66]], object), 68) == [(1 << 68) - 1 | 1 << 134]


@pytest.mark.parametrize("words", [[1, 2], [3, 1, 4, 1, 5]])
def test_a_rom_goes_round(words):
    dut, got = Rom(unsigned(3), words), []

    async def take(ctx):
        ctx.set(dut.o.ready, 1)
        for k in range(12):
            value, = await ctx.tick().sample(dut.o.payload).until(dut.o.valid)
            got.append(value)
            if k % 3 == 0:
                ctx.set(dut.o.ready, 0)
                await ctx.tick().repeat(k + 1)
                ctx.set(dut.o.ready, 1)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(take)
    sim.run()
    assert got == [words[k % len(words)] for k in range(12)]


@pytest.mark.parametrize("stalls", [None, 1, 2, 3])
@pytest.mark.parametrize(("length", "times"), [(1, 2), (1, 5), (2, 2), (3, 4), (8, 3), (5, 1)])
def test_replay(stalls, length, times):
    rng = np.random.default_rng(0)
    vectors = rng.integers(0, 16, (9, length, 2))
    got, (_, o_times) = run(Replay(unsigned(4), 2, length, times), vectors.reshape(-1, 2).tolist(),
                            outputs=9 * length * times, stalls=stalls, times=True)
    assert got == np.repeat(vectors[:, None], times, axis=1).reshape(-1, 2).tolist()
    if stalls is None:
        assert o_times == list(range(o_times[0], o_times[0] + len(got))), "a bubble"

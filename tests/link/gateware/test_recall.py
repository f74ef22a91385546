"""The last answer again: frames that pass, and the last of them once more."""

import pytest
from amaranth.sim import Simulator

from qhw.link.gateware.recall import Recall

FRAMES = [b"abc", b"de", b"fghij"]


def passed(dut, frames, ready, asked):
    """What comes out, as frames; ``asked`` are the numbers of frames behind which the last one is
    wanted again, and the place in the next one at which that is said."""
    found, over = [b""], []

    async def drive(ctx):
        for k, frame in enumerate(frames):
            for place, byte in enumerate([*frame, None]):
                ctx.set(dut.again, (k, place) in asked)
                if (k, place) in asked:
                    await ctx.tick()
                    ctx.set(dut.again, 0)
                    await ctx.tick().repeat(1 if place else 60)
                ctx.set(dut.i.payload, {"byte": byte or 0, "end": byte is None})
                ctx.set(dut.i.valid, 1)
                await ctx.tick().until(dut.i.ready)
                ctx.set(dut.i.valid, 0)
            await ctx.tick().repeat(60)
        over.append(True)

    async def take(ctx):
        cycle = 0
        while not over:
            ctx.set(dut.o.ready, ready(cycle))
            if ctx.get(dut.o.valid) and ready(cycle):
                if ctx.get(dut.o.payload.end):
                    found.append(b"")
                else:
                    found[-1] += bytes([ctx.get(dut.o.payload.byte)])
            await ctx.tick()
            cycle += 1

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(drive)
    sim.add_testbench(take)
    sim.run()
    return found[:-1]


@pytest.mark.parametrize("ready", [lambda k: True, lambda k: k % 3 == 0], ids=["always", "thirds"])
def test_frames_pass_and_the_last_one_comes_again(ready):
    """What is asked for within a frame waits until its end, and then it is that frame."""
    assert passed(Recall(5), FRAMES, ready, set()) == FRAMES
    assert passed(Recall(5), FRAMES, ready, {(1, 0), (2, 3)}) == [
        b"abc", b"abc", b"de", b"fghij", b"fghij"]


def test_before_any_frame_there_is_nothing_to_send_again():
    assert passed(Recall(3), [b"a"], lambda k: True, {(0, 0)}) == [b"", b"a"]

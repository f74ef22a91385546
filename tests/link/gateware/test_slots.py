"""Requests in memory: what is kept, what leaves no trace, and in which order it is read."""

import zlib

import numpy as np
import pytest
from amaranth.sim import Simulator

from qhw.link.gateware.slots import Slots

ASK, BEGIN = 0x80000000, 0x40000000


def request(head, payload=b""):
    text = head.to_bytes(4, "little") + bytes(payload)
    return text + zlib.crc32(text).to_bytes(4, "little")


def payloads(count, size, seed=0):
    return [bytes(p) for p in np.random.default_rng(seed).integers(0, 256, (count, size), np.uint8)]


def read(dut, frames, *, broken=(), release=True, seed=None):
    """Beats and heads that come out for frames; with ``release`` a request is done once its head
    and its payload have been read."""
    beats, heads, rng = [], [], np.random.default_rng(seed)
    over = []

    async def drive(ctx):
        ctx.set(dut.i.valid, 0)
        for k, frame in enumerate(frames):
            for byte in [*frame, None]:
                ctx.set(dut.i.payload, {"byte": byte or 0, "end": byte is None,
                                        "broken": byte is None and k in broken})
                ctx.set(dut.i.valid, 1)
                await ctx.tick()
                ctx.set(dut.i.valid, 0)
                await ctx.tick().repeat(9)
        await ctx.tick().repeat(400 + 4 * dut.size)
        over.append(True)

    async def watch(ctx):
        """Takes what is offered, now and then."""
        taken = 0
        while not over:
            ready = seed is None or bool(rng.integers(2))
            done = release and len(heads) - taken >= 4 and ctx.get(dut.read)
            taken += 4 * bool(done)
            ctx.set(dut.o.ready, ready)
            ctx.set(dut.head.ready, ready and len(heads) - taken < 4)
            ctx.set(dut.done, bool(done))
            _, _, o, beat, h, byte = await ctx.tick().sample(
                dut.o.valid & dut.o.ready, dut.o.payload, dut.head.valid & dut.head.ready,
                dut.head.payload)
            beats.extend([beat] * o)
            heads.extend([byte] * h)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(drive)
    sim.add_testbench(watch)
    sim.run()
    size = dut.beat
    text = b"".join(beat.to_bytes(size, "little") for beat in beats)
    return ([text[k:k + dut.size] for k in range(0, len(text), dut.size)],
            [int.from_bytes(heads[k:k + 4], "little") for k in range(0, len(heads), 4)])


@pytest.mark.parametrize(("size", "beat", "count"), [(1, 1, 2), (4, 1, 2), (5, 5, 4), (12, 3, 2),
                                                     (28, 4, 8), (60, 2, 4)])
@pytest.mark.parametrize("seed", [None, 1])
def test_requests_are_read_in_order(size, beat, count, seed):
    given = payloads(12, size)
    sent = [request(300 + k, p) for k, p in enumerate(given)]
    # Identification leaves nothing for the network.
    sent[5:5] = [request(ASK | 7)]
    found, heads = read(Slots(size, beat, count), sent, seed=seed)
    assert found == given
    assert heads == [*range(300, 305), ASK | 7, *range(305, 312)]


def test_what_is_wrong_leaves_no_trace():
    size, (a, b, c) = 6, payloads(3, 6)
    good, long, short = request(2, b), request(1, a + b"\0"), request(1, a[:-1])
    spoiled = [request(1, a)[:k] + bytes([request(1, a)[k] ^ 4]) + request(1, a)[k + 1:]
               for k in range(14)]
    wrong = [b"", b"\1", long, short, request(ASK | 1, a), request(1), *spoiled,
             request(1, a)[:-1], request(1, a) * 2, bytes(40), b"\xff" * 300]
    sent = [frame for k, text in enumerate(wrong) for frame in (text, request(k, b))]
    assert read(Slots(size, 2, 4), sent) == ([b] * len(wrong), [*range(len(wrong))])
    assert read(Slots(size, 2, 4), [request(1, a), good, request(3, c)], broken=[0]) == (
        [b, c], [2, 3])


@pytest.mark.parametrize("count", [2, 4])
def test_with_all_slots_taken_a_request_is_not_kept(count):
    given = payloads(count + 3, 5)
    found, heads = read(Slots(5, 5, count), [request(k, p) for k, p in enumerate(given)],
                        release=False)
    assert found == given[:count]
    assert heads == [0]     # that of the second is read after the first is done


@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_slots_are_a_power_of_two(count):
    with pytest.raises(ValueError, match=f"Slots must be .* from 2 on, and {count} is not"):
        Slots(4, 1, count)


async def slowly(ctx, dut, frames):
    """Gives frames, a byte every ten cycles."""
    for frame in frames:
        for byte in [*frame, None]:
            ctx.set(dut.i.payload, {"byte": byte or 0, "end": byte is None, "broken": 0})
            ctx.set(dut.i.valid, 1)
            await ctx.tick()
            ctx.set(dut.i.valid, 0)
            await ctx.tick().repeat(9)


def sequenced(dut, frames):
    """Heads that are read for frames, one done after the other, with "restart" and "again" where
    they are said."""
    found, over = [], []

    async def drive(ctx):
        await slowly(ctx, dut, frames)
        await ctx.tick().repeat(400)
        over.append(True)

    async def watch(ctx):
        head = []
        while not over:
            done = len(head) == 4 and ctx.get(dut.read)
            if done:
                found.append(int.from_bytes(head, "little"))
                head = []
            ctx.set(dut.done, bool(done))
            ctx.set(dut.o.ready, 1)
            ctx.set(dut.head.ready, len(head) < 4)
            _, _, come, byte, restart, again, beat = await ctx.tick().sample(
                dut.head.valid & dut.head.ready, dut.head.payload, dut.restart, dut.again,
                dut.o.valid)
            head += [byte] * come
            found.extend(["restart"] * restart + ["again"] * again + ["beat"] * beat)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(drive)
    sim.add_testbench(watch)
    sim.run()
    return found


def test_a_sequence_begins_where_it_is_told_to_and_infers_each_sample_once():
    a, b = payloads(2, 1)
    first, second, third = (request(tag, p) for tag, p in ((BEGIN | 5, a), (6, b), (BEGIN | 5, b)))
    found = sequenced(Slots(1, 1, 2, sequence=True), [
        second, first, first, second, second, request(ASK | 7), second, third, second])
    one = ["restart", "beat", BEGIN | 5]
    assert found == [*one, "again", "beat", 6, "again", ASK | 7, *one, "beat", 6]


def test_a_restart_waits_until_the_request_before_is_answered():
    """Though both are in their slots."""
    a, b = payloads(2, 1)
    dut = Slots(1, 1, 2, sequence=True)
    frames = [request(BEGIN | 1, a), request(BEGIN | 2, b)]
    seen = []

    async def bench(ctx):
        ctx.set(dut.o.ready, 1)
        await slowly(ctx, dut, frames)
        await ctx.tick().repeat(50)
        seen.append("done")
        ctx.set(dut.done, 1)
        await ctx.tick()
        ctx.set(dut.done, 0)
        await ctx.tick().repeat(50)

    async def watch(ctx):
        async for _, _, restart in ctx.tick().sample(dut.restart):
            seen.extend(["restart"] * restart)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.add_testbench(watch, background=True)
    sim.run()
    assert seen == ["restart", "done", "restart"]

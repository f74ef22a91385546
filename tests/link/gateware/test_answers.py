"""Answers byte by byte: the head of the request, the network's output, and a check."""

import zlib

import pytest
from amaranth.sim import Simulator

from qhw.link.gateware.answers import Answers

ABOUT = b"about this board"


def answered(heads, bodies, *, beat=2, ready=lambda k: True, read_from=0):
    """What comes out for heads of requests and the network's outputs, a list of bytes a frame, and
    how often ``done`` was 1. A beat is its bytes and whether it is the last."""
    dut, frames, done, cycle = Answers(beat, ABOUT), [[]], 0, 0
    wanted = len(heads)

    async def feed(ctx, port, items):
        for item in items:
            ctx.set(port.payload, item)
            ctx.set(port.valid, 1)
            await ctx.tick().until(port.ready)
            ctx.set(port.valid, 0)

    async def give_heads(ctx):
        await feed(ctx, dut.head, [byte for head in heads for byte in head])

    async def give_bodies(ctx):
        await feed(ctx, dut.body, [{"bytes": int.from_bytes(beat, "little"), "last": last}
                                   for beat, last in bodies])

    async def take(ctx):
        nonlocal done, cycle
        while len(frames) <= wanted and cycle < 3000:
            ctx.set(dut.o.ready, ready(cycle))
            ctx.set(dut.read, cycle >= read_from)
            if ctx.get(dut.o.valid) and ready(cycle):
                if ctx.get(dut.o.payload.end):
                    done += ctx.get(dut.done)
                    frames.append([])
                else:
                    frames[-1].append(ctx.get(dut.o.payload.byte))
                    assert not ctx.get(dut.done)
            await ctx.tick()
            cycle += 1

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    for bench, background in ((give_heads, True), (give_bodies, True), (take, False)):
        sim.add_testbench(bench, background=background)
    sim.run()
    return [bytes(frame) for frame in frames[:-1]], done, cycle


def framed(head, body):
    text = bytes(head) + bytes(body)
    return text + zlib.crc32(text).to_bytes(4, "little")


HEADS = [[1, 2, 3, 4], [5, 6, 7, 0x7F]]
BODIES = [(b"ab", 0), (b"cd", 1), (b"ef", 1)]


@pytest.mark.parametrize("ready", [lambda k: True, lambda k: k % 3 == 0], ids=["always", "thirds"])
def test_each_answer_has_its_requests_head(ready):
    """Beats of two bytes, the lowest first; the first answer has two of them, the second one."""
    frames, done, _ = answered(HEADS, BODIES, ready=ready)
    assert frames == [framed(HEADS[0], b"abcd"), framed(HEADS[1], b"ef")] and done == 2


def test_a_beat_of_one_byte():
    frames, *_ = answered(HEADS[:1], [(b"x", 0), (b"y", 1)], beat=1)
    assert frames == [framed(HEADS[0], b"xy")]


def test_who_asks_about_the_board_is_told():
    """By the highest bit of the head; the network's output waits for the next one."""
    asks = [9, 9, 9, 0x80]
    frames, *_ = answered([asks, HEADS[0], asks], BODIES[:2])
    assert frames == [framed(asks, ABOUT), framed(HEADS[0], b"abcd"), framed(asks, ABOUT)]


def test_a_frame_does_not_end_before_its_request_was_read():
    frames, done, cycle = answered(HEADS[:1], BODIES[:2], read_from=200)
    assert frames == [framed(HEADS[0], b"abcd")] and done == 1 and cycle > 200

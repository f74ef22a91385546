"""Framing against the library of that name, which nobody here wrote."""

import numpy as np
import pytest
from amaranth.sim import Simulator
from cobs import cobs

from qhw.link.gateware.cobs import Decoder, Encoder
from qhw.testing.stream import run

LENGTHS = [0, 1, 2, 253, 254, 255, 256, 508, 509]
RNG = np.random.default_rng(0)


def frames():
    """With no zeros, with nothing else, and mixed, of every length around a full block."""
    for length in LENGTHS:
        yield bytes(RNG.integers(1, 256, length, dtype=np.uint8))
        yield bytes(length)
        yield bytes(RNG.integers(0, 4, length, dtype=np.uint8))
        yield bytes(RNG.choice([0, 1, 255], length, p=[0.002, 0.5, 0.498]).astype(np.uint8))


CASES = list(frames())


def encode(cases, depth, **how):
    items = []
    for case in cases:
        items += [{"byte": b, "end": 0} for b in case]
        items += [{"byte": int(RNG.integers(256)), "end": 1}]
    wanted = b"".join(cobs.encode(case) + b"\0" for case in cases)
    return bytes(run(Encoder(depth), items, outputs=len(wanted), **how)), wanted


def decode(sent, broken=()):
    """Frames and whether each is broken; bytes at the places ``broken`` have no stop bit."""
    dut, got, frame = Decoder(), [], bytearray()

    async def bench(ctx):
        for k, byte in enumerate(sent):
            ctx.set(dut.i.payload, {"byte": byte, "broken": k in broken})
            ctx.set(dut.i.valid, 1)
            if ctx.get(dut.o.valid):
                if ctx.get(dut.o.payload.end):
                    got.append((bytes(frame), bool(ctx.get(dut.o.payload.broken))))
                    frame.clear()
                else:
                    frame.append(ctx.get(dut.o.payload.byte))
            await ctx.tick()

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    return got


@pytest.mark.parametrize("stalls", [None, 1])
def test_frames_are_encoded_as_the_library_does(stalls):
    for case in CASES if stalls is None else CASES[8:20]:
        got, wanted = encode([case, b"\1"], 512, stalls=stalls)
        assert got == wanted


@pytest.mark.parametrize("depth", [64, 128])
def test_short_frames_need_little_memory(depth):
    short = [bytes(RNG.integers(0, 3, n, dtype=np.uint8)) for n in range(40)]
    got, wanted = encode(short, depth, stalls=3)
    assert got == wanted


def test_frames_are_decoded_as_the_library_does():
    assert decode(b"".join(cobs.encode(case) + b"\0" for case in CASES)) == [
        (case, False) for case in CASES]


def test_what_is_no_frame_for_the_library_is_broken():
    rng = np.random.default_rng(1)
    texts = [bytes(rng.choice([1, 2, 3, 4, 5, 255], n, p=[.2, .3, .2, .15, .14, .01])
                   .astype(np.uint8)) for n in rng.integers(1, 12, 400)]
    found = decode(b"".join(text + b"\0" for text in texts))
    assert len(found) == len(texts)
    wrong = 0
    for text, (frame, broken) in zip(texts, found, strict=True):
        try:
            assert cobs.decode(text) == frame and not broken
        except cobs.DecodeError:
            assert broken
            wrong += 1
    assert 50 < wrong < 350


def test_a_byte_without_stop_bit_breaks_its_frame_only():
    good = cobs.encode(b"good") + b"\0"
    assert decode(good + good + good, broken=[len(good) + 2]) == [
        (b"good", False), (b"good", True), (b"good", False)]
    assert decode(good + good, broken=[len(good) - 1]) == [(b"good", True), (b"good", False)]


def test_a_depth_that_is_no_power_of_two_is_refused():
    with pytest.raises(ValueError, match="Depth must be a power of two, and 48 is not"):
        Encoder(48)

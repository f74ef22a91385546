"""The check against zlib's."""

import zlib

import numpy as np
import pytest
from amaranth.sim import Simulator

from qhw.link.gateware.crc import Crc32

RNG = np.random.default_rng(0)


def crc(*texts):
    """Check and match after each text, and the bytes that the first one's check leaves as."""
    dut, found, spent = Crc32(), [], bytearray()

    async def put(ctx, byte, spend=0):
        ctx.set(dut.i.payload, byte)
        ctx.set(dut.i.valid, 1)
        ctx.set(dut.spend, spend)
        await ctx.tick().until(dut.i.ready)
        ctx.set(dut.i.valid, 0)
        ctx.set(dut.spend, 0)
        await ctx.tick().repeat(8)

    async def bench(ctx):
        for text in texts:
            for byte in text:
                await put(ctx, byte)
            found.append(bool(ctx.get(dut.match)))
            spent.clear()
            for _ in range(4):
                spent.append(ctx.get(dut.lowest))
                await put(ctx, spent[-1], spend=1)
            found[-1] = (int.from_bytes(spent, "little"), found[-1])
            ctx.set(dut.clear, 1)
            await ctx.tick()
            ctx.set(dut.clear, 0)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    return found


def checked(text):
    return text + zlib.crc32(text).to_bytes(4, "little")


def test_the_check_is_that_of_zlib():
    texts = [bytes(RNG.integers(0, 256, n, dtype=np.uint8)) for n in (0, 1, 2, 3, 4, 5, 64, 300)]
    texts += [b"123456789", bytes(20), b"\xff" * 20]
    assert [value for value, _ in crc(*texts)] == [zlib.crc32(text) for text in texts]
    assert zlib.crc32(b"123456789") == 0xCBF43926


@pytest.mark.parametrize("length", [0, 1, 5, 60])
def test_a_text_with_its_check_matches(length):
    text = bytes(RNG.integers(0, 256, length, dtype=np.uint8))
    assert crc(checked(text))[0][1]


def test_every_single_wrong_bit_is_seen():
    whole = checked(b"\x07answer")
    spoiled = [bytes(b ^ (1 << bit % 8) * (k == bit // 8) for k, b in enumerate(whole))
               for bit in range(8 * len(whole))]
    assert not any(match for _, match in crc(*spoiled))
    assert not any(match for _, match in crc(*(whole[:n] for n in range(len(whole)))))

"""The serial line against waveforms made by hand."""

from fractions import Fraction

import numpy as np
import pytest
from amaranth.sim import Simulator

from qhw.link.gateware.uart import Receiver, Transmitter, rate

BYTES = [0x00, 0xFF, 0x55, 0xAA, 0x01, 0x80, 0x7F, 0xFE, 0x0F, 0xF0]


def levels(items, cycles, *, stop=1, gap=0.0, start=0.0):
    """The line, a level a cycle, with so many cycles a bit and idle bits between bytes."""
    bits = [1] * 3
    for item in items:
        bits += [0, *(item >> k & 1 for k in range(8)), stop]
    at = np.cumsum([0.0, *([cycles] * len(bits))]) + start
    wave = np.ones(int(at[-1]), int)
    for bit, a, b in zip(bits, at, at[1:], strict=False):
        wave[int(np.ceil(a)):int(np.ceil(b))] = bit
    return [*wave.tolist(), *[1] * int((3 + gap) * cycles)]


def receive(bits_a_cycle, wave):
    """Bytes, and whether each is broken."""
    dut, got = Receiver(bits_a_cycle), []

    async def bench(ctx):
        for level in wave:
            ctx.set(dut.rx, level)
            await ctx.tick()
            if ctx.get(dut.o.valid):
                got.append((ctx.get(dut.o.payload.byte), ctx.get(dut.o.payload.broken)))

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()
    return got


def send(bits_a_cycle, items, cycles):
    """The line while these bytes are always at hand."""
    dut, wave = Transmitter(bits_a_cycle), []

    async def drive(ctx):
        for item in items:
            ctx.set(dut.i.payload, item)
            ctx.set(dut.i.valid, 1)
            await ctx.tick().until(dut.i.ready)
        ctx.set(dut.i.valid, 0)

    async def watch(ctx):
        for _ in range(cycles):
            wave.append(ctx.get(dut.tx))
            await ctx.tick()

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(drive)
    sim.add_testbench(watch)
    sim.run()
    return wave


@pytest.mark.parametrize("clock_hz", [12_000_000, 16_000_000, 25_000_000, 27_000_000, 48_000_000,
                                      100_000_000])
@pytest.mark.parametrize("baud", [9600, 115200, 460800, 921600, 1_000_000, 2_000_000, 3_000_000])
def test_rates_are_within_a_fifth_of_a_percent(clock_hz, baud):
    found = rate(clock_hz, baud)
    assert abs(float(found) * clock_hz / baud - 1) <= 0.002
    assert found.denominator <= 8 * clock_hz / baud


@pytest.mark.parametrize("cycles", [Fraction(4), Fraction(12), Fraction(27, 2), Fraction("13.02")])
@pytest.mark.parametrize("start", [0.0, 0.4, 0.8])
def test_bytes_arrive(cycles, start):
    wave = levels(BYTES, float(cycles), start=start)
    assert receive(1 / cycles, wave) == [(byte, 0) for byte in BYTES]


@pytest.mark.parametrize("off", [0.98, 1.02])
@pytest.mark.parametrize("cycles", [8, 12, 104])
def test_bytes_arrive_at_a_rate_that_is_2_percent_off(cycles, off):
    """Back to back, so that no gap hides that the receiver is late."""
    assert receive(Fraction(1, cycles), levels(BYTES, cycles * off)) == [(b, 0) for b in BYTES]


def test_a_rate_that_is_far_off_is_seen():
    got = receive(Fraction(1, 12), levels([0x00, 0x55, 0x00], 12 * 1.3))
    assert any(broken for _, broken in got) or [b for b, _ in got] != [0x00, 0x55, 0x00]


def test_a_missing_stop_bit_breaks_that_byte_only():
    wave = levels([0x12], 12) + levels([0x34], 12, stop=0) + levels([0x56], 12)
    assert receive(Fraction(1, 12), wave) == [(0x12, 0), (0x34, 1), (0x56, 0)]


def test_a_line_that_is_held_low_is_one_broken_zero():
    wave = levels([0x12], 12) + [0] * 12 * 35 + levels([0x56], 12)
    assert receive(Fraction(1, 12), wave) == [(0x12, 0), (0x00, 1), (0x56, 0)]


@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_glitch_is_no_start_bit(length):
    wave = [1] * 40 + [0] * length + [1] * 200 + levels([0x5A], 12)
    assert receive(Fraction(1, 12), wave) == [(0x5A, 0)]


def test_a_glitch_of_a_cycle_in_a_bit_does_not_matter():
    for at in range(36 + 6, 36 + 120, 12):
        wave = levels([0xA5], 12)
        for place in (at - 1, at, at + 1):
            spoiled = [*wave[:place], 1 - wave[place], *wave[place + 1:]]
            assert receive(Fraction(1, 12), spoiled) == [(0xA5, 0)]


@pytest.mark.parametrize("cycles", [4, 12])
def test_sent_bytes_have_no_gap(cycles):
    wave = send(Fraction(1, cycles), BYTES, 10 * cycles * len(BYTES) + 3 * cycles)
    begin = wave.index(0)
    for k, byte in enumerate(BYTES):
        bits = wave[begin + 10 * cycles * k:][:10 * cycles]
        assert bits == [b for bit in (0, *(byte >> n & 1 for n in range(8)), 1)
                        for b in [bit] * cycles]
    assert set(wave[begin + 10 * cycles * len(BYTES):]) == {1}


def test_a_bit_that_is_no_whole_number_of_cycles_is_one_on_average():
    cycles = Fraction(27, 2)
    wave = send(1 / cycles, [0x55] * 8, 1200)
    begin = wave.index(0)
    assert all(wave[begin + int((k + Fraction(1, 2)) * cycles)] == k % 2 for k in range(80))

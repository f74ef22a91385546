"""cocotb bench of a generated network: an AXI4-Stream master and sink that nobody here wrote.

The golden is the scoreboard: ``frames.npz`` in the working folder holds each sample's bytes as they
go in and come out. Run through ``sim.cocotb.runner``.
"""

import itertools
import logging
import random
from collections.abc import Iterator

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, with_timeout
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource

FRAMES = np.load("frames.npz")
SENT = [frame.tobytes() for frame in FRAMES["i"]]
WANTED = [frame.tobytes() for frame in FRAMES["o"]]
INTERVAL, LATENCY = int(FRAMES["interval"]), int(FRAMES["latency"])


class Bench:
    """The network between a source and a sink."""

    def __init__(self, dut):
        self.dut = dut
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.clk, dut.rst)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.clk, dut.rst)
        for end in (self.source, self.sink):
            end.log.setLevel(logging.WARNING)
        cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())

    async def reset(self) -> None:
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 3)
        self.dut.rst.value = 0
        await RisingEdge(self.dut.clk)

    async def run(self, count: int, cycles: int) -> None:
        """``count`` inferences back to back; each frame, so each TLAST, must be the golden's."""
        for frame in SENT[:count]:
            await self.source.send(AxiStreamFrame(frame))
        for k, wanted in enumerate(WANTED[:count]):
            frame = await with_timeout(self.sink.recv(), 10 * cycles, "ns")
            assert bytes(frame.tdata) == wanted, f"inference {k}"
        await ClockCycles(self.dut.clk, INTERVAL + LATENCY)
        assert self.sink.empty(), "more than one frame an inference"


def pauses(seed: int, share: float) -> Iterator[bool]:
    """Pauses of random length, that much of the time."""
    rng = random.Random(seed)
    while True:
        yield from itertools.repeat(rng.random() < share, rng.choice([1, 1, 2, 7, 60]))


@cocotb.test()
async def back_to_back(dut) -> None:
    """With no stall, N inferences take latency + (N - 1) * interval cycles."""
    bench = Bench(dut)
    await bench.reset()
    moved: list[int] = []

    async def watch() -> None:
        for cycle in itertools.count():
            await RisingEdge(dut.clk)
            if dut.s_axis_tvalid.value and dut.s_axis_tready.value or (
                    dut.m_axis_tvalid.value and dut.m_axis_tready.value):
                moved.append(cycle)

    cocotb.start_soon(watch())
    await bench.run(len(SENT), 4 * LATENCY + 4 * len(SENT) * INTERVAL)
    assert moved[-1] - moved[0] + 1 == LATENCY + (len(SENT) - 1) * INTERVAL


@cocotb.test()
async def pauses_at_both_ends(dut) -> None:
    bench = Bench(dut)
    for seed, shares in enumerate(((0.5, 0.0), (0.0, 0.5), (0.5, 0.5), (0.1, 0.9))):
        bench.source.set_pause_generator(pauses(2 * seed, shares[0]))
        bench.sink.set_pause_generator(pauses(2 * seed + 1, shares[1]))
        await bench.reset()
        await bench.run(12, 100 * LATENCY + 100 * 12 * INTERVAL)


@cocotb.test()
async def reset_in_the_middle(dut) -> None:
    """What was under way is gone, and the next inference is as if nothing had been."""
    bench = Bench(dut)
    for cycles in (1, INTERVAL // 2 + 1, LATENCY - 1, LATENCY + INTERVAL + 1):
        await bench.reset()
        for frame in SENT[:4]:
            await bench.source.send(AxiStreamFrame(frame))
        await ClockCycles(dut.clk, cycles)
        dut.rst.value = 1
        await ClockCycles(dut.clk, 2)
        bench.source.clear()
        bench.sink.clear()
        await bench.reset()
        bench.sink.clear()
        await bench.run(4, 4 * LATENCY + 16 * INTERVAL)

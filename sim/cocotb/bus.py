"""cocotb bench of a network behind AXI4-Lite: a master that nobody here wrote.

``frames.npz`` in the working folder has each sample as words, and the golden's answers. Run through
``sim.cocotb.runner``."""

import itertools
import logging
import random

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp

from qhw.bus.registers import IDENTITY, Register

FRAMES = np.load("frames.npz")
SENT, WANTED, LATENCY = FRAMES["i"].tolist(), FRAMES["o"].tolist(), int(FRAMES["latency"])
PATIENCE = 100_000


class Bench:
    """The registers behind a master."""

    def __init__(self, dut, stalls: int | None = None):
        self.dut = dut
        self.master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst)
        for channel in (self.master.write_if, self.master.read_if):
            channel.log.setLevel(logging.WARNING)
        if stalls is not None:
            ends = (self.master.write_if.aw_channel, self.master.write_if.w_channel,
                    self.master.write_if.b_channel, self.master.read_if.ar_channel,
                    self.master.read_if.r_channel)
            for k, end in enumerate(ends):
                end.set_pause_generator(self.pauses(10 * stalls + k))
        cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())

    @staticmethod
    def pauses(seed: int):
        rng = random.Random(seed)
        while True:
            yield from itertools.repeat(rng.random() < 0.5, rng.choice([1, 1, 2, 5]))

    async def reset(self) -> None:
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 3)
        self.dut.rst.value = 0
        await RisingEdge(self.dut.clk)

    async def read(self, register: Register) -> int:
        found = await self.master.read(4 * register, 4)
        assert found.resp == AxiResp.OKAY, register.name
        return int.from_bytes(found.data, "little")

    async def write(self, register: Register, word: int) -> None:
        found = await self.master.write(4 * register, word.to_bytes(4, "little"))
        assert found.resp == AxiResp.OKAY, register.name

    async def send(self, words: list[int]) -> None:
        assert await self.read(Register.STATUS) & 1
        for word in words:
            await self.write(Register.DATA_IN, word)

    async def answer(self) -> list[int]:
        found = []
        for _ in WANTED[0]:
            for _ in range(PATIENCE):
                if await self.read(Register.STATUS) & 2:
                    break
            found.append(await self.read(Register.DATA_OUT))
        return found


@cocotb.test()
async def answers(dut) -> None:
    """Each sample's answer is the golden's; counters and the interrupt follow."""
    for stalls in (None, 1):
        bench = Bench(dut, stalls)
        await bench.reset()
        assert await bench.read(Register.IDENTITY) == IDENTITY
        assert await bench.read(Register.WORDS_IN) == len(SENT[0])
        assert await bench.read(Register.WORDS_OUT) == len(WANTED[0])
        await bench.write(Register.CONTROL, 2)
        for k, (words, wanted) in enumerate(zip(SENT, WANTED, strict=True)):
            assert dut.irq.value == 0
            await bench.send(words)
            assert await bench.answer() == wanted, f"sample {k}"
            assert await bench.read(Register.SAMPLES) == k + 1
            assert await bench.read(Register.CYCLES) >= LATENCY
            assert dut.irq.value == 1
            await bench.write(Register.PENDING, 1)
            assert not await bench.read(Register.STATUS) & 6


@cocotb.test()
async def refusals(dut) -> None:
    """Accesses that are not possible are answered by SLVERR, and change nothing."""
    bench = Bench(dut)
    await bench.reset()
    for register in (0x28, 0x40, 0xfc, 4 * Register.DATA_IN, 4 * Register.DATA_OUT):
        assert (await bench.master.read(register, 4)).resp == AxiResp.SLVERR
    for register in (0, 4, 0x10, 0x14, 0x18, 0x1c, 0x24, 0x28, 0xfc):
        assert (await bench.master.write(register, b"\1\0\0\0")).resp == AxiResp.SLVERR
    for size in (1, 2, 3):
        found = await bench.master.write(4 * Register.DATA_IN, bytes(size))
        assert found.resp == AxiResp.SLVERR
    await bench.send(SENT[0])
    assert await bench.answer() == WANTED[0]
    full = 0
    for word in itertools.islice(itertools.cycle(SENT[1]), 40 * len(SENT[1]) + 200):
        found = await bench.master.write(4 * Register.DATA_IN, word.to_bytes(4, "little"))
        full += found.resp == AxiResp.SLVERR
    assert full, "a queue without an end"


@cocotb.test()
async def clearing(dut) -> None:
    """A sample that is half written, and one that is computed, are gone."""
    bench = Bench(dut)
    await bench.reset()
    for words in (SENT[1][:1], SENT[1], SENT[1] + SENT[2][:1]):
        for word in words:
            await bench.write(Register.DATA_IN, word)
        await bench.write(Register.CONTROL, 1)
        assert await bench.read(Register.STATUS) == 1
        assert await bench.read(Register.SAMPLES) == 0
        await bench.send(SENT[0])
        assert await bench.answer() == WANTED[0]
        await bench.write(Register.CONTROL, 1)

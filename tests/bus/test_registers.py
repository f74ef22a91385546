"""Registers of an echo: identity, counters, the interrupt, refusals."""

import pytest
from amaranth.hdl import Module
from amaranth.sim import Simulator

from qhw.bus import registers
from qhw.bus.registers import IDENTITY, Register, Registers
from qhw.design.top import Port
from qhw.exact.num import Int

from .echo import Echo

PORT = Port(Int(0, 255), 4, 2)


@pytest.fixture
def dut(monkeypatch):
    monkeypatch.setattr(registers, "Samples", Echo)
    return Registers("net", PORT, PORT)


def ran(dut, bench):
    """Runs a bench with ``access(address, word=None)``, which returns the answer, or None if the
    access is refused."""
    async def whole(ctx):
        async def access(address, word=None, whole=1):
            ctx.set(dut.select, 1)
            ctx.set(dut.address, int(address))
            ctx.set(dut.write, word is not None)
            ctx.set(dut.data, word or 0)
            ctx.set(dut.whole, whole)
            found = None if ctx.get(dut.wrong) else ctx.get(dut.answer)
            await ctx.tick()
            ctx.set(dut.select, 0)
            await ctx.tick().repeat(3)
            return found
        await bench(ctx, access)

    m = Module()
    m.domains += dut.sync
    m.submodules.dut = dut
    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(whole)
    sim.run()


def test_identity_is_text():
    assert IDENTITY.to_bytes(4, "little") == b"qhw1"


def test_a_sample(dut):
    async def bench(ctx, access):
        assert await access(Register.IDENTITY) == IDENTITY
        assert await access(Register.WORDS_IN) == await access(Register.WORDS_OUT) == 2
        assert await access(Register.STATUS) == 1
        await access(Register.CONTROL, 2)
        assert await access(Register.CONTROL) == 2
        for count in (1, 2):
            await access(Register.DATA_IN, 17)
            assert await access(Register.STATUS) == 0b110 and not ctx.get(dut.irq)
            await access(Register.DATA_IN, 34)
            assert await access(Register.STATUS) == 0b011
            assert ctx.get(dut.irq) and await access(Register.PENDING) == 1
            await access(Register.PENDING, 0)
            assert ctx.get(dut.irq)
            await access(Register.PENDING, 1)
            assert not ctx.get(dut.irq)
            assert [await access(Register.DATA_OUT) for _ in range(3)] == [17, 34, None]
            assert await access(Register.SAMPLES) == count
            assert await access(Register.CYCLES) > 1

    ran(dut, bench)


def test_the_interrupt_is_off_at_first(dut):
    async def bench(ctx, access):
        await access(Register.DATA_IN, 1)
        await access(Register.DATA_IN, 2)
        assert await access(Register.PENDING) == 1 and not ctx.get(dut.irq)
        await access(Register.CONTROL, 2)
        assert ctx.get(dut.irq)

    ran(dut, bench)


def test_refusals_change_nothing(dut):
    async def bench(ctx, access):
        for address in [*range(10, 64), Register.DATA_IN, Register.DATA_OUT]:
            assert await access(address) is None
        for address in sorted(set(range(64)) - {2, 3, 8}):
            assert await access(address, 0xffffffff) is None
        for address in (2, 3, 8):
            assert await access(address, 0xffffffff, whole=0) is None
        assert await access(Register.STATUS) == 1 and await access(Register.CONTROL) == 0

    ran(dut, bench)


def test_clearing_forgets_all_but_the_enable(dut):
    async def bench(ctx, access):
        for word in (1, 2, 3):
            await access(Register.DATA_IN, word)
        await access(Register.CONTROL, 3)
        assert await access(Register.STATUS) == 1
        assert await access(Register.SAMPLES) == await access(Register.PENDING) == 0
        assert await access(Register.CONTROL) == 2
        await access(Register.DATA_IN, 4)
        await access(Register.DATA_IN, 5)
        assert [await access(Register.DATA_OUT) for _ in range(2)] == [4, 5]

    ran(dut, bench)

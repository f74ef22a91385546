"""Classic cycles: one answer a strobe, ACK or ERR."""

from amaranth.sim import Simulator

from qhw.bus import registers
from qhw.bus.registers import IDENTITY, Register
from qhw.bus.wishbone import Wishbone
from qhw.design.top import Port
from qhw.exact.num import Int

from .echo import Echo

PORT = Port(Int(0, 255), 4, 1)


def test_accesses(monkeypatch):
    monkeypatch.setattr(registers, "Samples", Echo)
    dut = Wishbone("net", PORT, PORT)

    async def bench(ctx):
        async def access(address, word=None, bytes_=15):
            """ACK, ERR and the word that is read; the strobe stays until one of them."""
            ctx.set(dut.wb_adr, int(address))
            ctx.set(dut.wb_we, word is not None)
            ctx.set(dut.wb_dat_w, word or 0)
            ctx.set(dut.wb_sel, bytes_)
            ctx.set(dut.wb_cyc, 1)
            ctx.set(dut.wb_stb, 1)
            assert not ctx.get(dut.wb_ack) and not ctx.get(dut.wb_err)
            found = await ctx.tick().sample(dut.wb_ack, dut.wb_err, dut.wb_dat_r).until(
                dut.wb_ack | dut.wb_err)
            ctx.set(dut.wb_cyc, 0)
            ctx.set(dut.wb_stb, 0)
            assert not ctx.get(dut.wb_ack) and not ctx.get(dut.wb_err)
            await ctx.tick().repeat(3)
            return tuple(found)

        assert await access(Register.IDENTITY) == (1, 0, IDENTITY)
        assert (await access(Register.DATA_IN, 7))[:2] == (1, 0)
        assert (await access(Register.DATA_IN, 8, bytes_=3))[:2] == (0, 1)
        assert await access(Register.DATA_OUT) == (1, 0, 7)
        assert (await access(Register.DATA_OUT))[:2] == (0, 1)
        assert (await access(Register.STATUS, 1))[:2] == (0, 1)
        ctx.set(dut.wb_stb, 1)      # without CYC it is another's
        await ctx.tick().repeat(2)
        assert not ctx.get(dut.wb_ack) and not ctx.get(dut.wb_err)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(bench)
    sim.run()

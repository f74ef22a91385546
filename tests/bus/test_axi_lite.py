"""Address and data of a write in either order; tests/whole/test_cocotb.py has a whole master."""

import pytest
from amaranth.sim import Simulator

from qhw.bus import registers
from qhw.bus.axi_lite import SLVERR, AxiLite
from qhw.bus.registers import IDENTITY, Register
from qhw.design.top import Port
from qhw.exact.num import Int

from .echo import Echo

PORT = Port(Int(0, 255), 4, 1)


@pytest.mark.parametrize(("address_at", "data_at"), [(0, 0), (0, 3), (3, 0)])
def test_a_write_and_a_read(address_at, data_at, monkeypatch):
    monkeypatch.setattr(registers, "Samples", Echo)
    dut = AxiLite("net", PORT, PORT)

    async def given(ctx, at, channel, **values):
        for _ in range(at):
            await ctx.tick()
        for name, value in values.items():
            ctx.set(getattr(dut, f"s_axi_{name}"), value)
        ctx.set(getattr(dut, f"s_axi_{channel}valid"), 1)
        await ctx.tick().until(getattr(dut, f"s_axi_{channel}ready"))
        ctx.set(getattr(dut, f"s_axi_{channel}valid"), 0)

    async def address(ctx):
        await given(ctx, address_at, "aw", awaddr=4 * Register.DATA_IN)

    async def data(ctx):
        await given(ctx, data_at, "w", wdata=0x01020304, wstrb=15)

    async def rest(ctx):
        response, = await ctx.tick().sample(dut.s_axi_bresp).until(dut.s_axi_bvalid)
        await ctx.tick().repeat(2)
        assert response == 0 and ctx.get(dut.s_axi_bvalid)      # it waits for its ready
        ctx.set(dut.s_axi_bready, 1)
        await ctx.tick()
        assert not ctx.get(dut.s_axi_bvalid)
        for register, wanted in ((Register.IDENTITY, (IDENTITY, 0)),
                                 (Register.DATA_OUT, (0x01020304, 0)),
                                 (Register.DATA_OUT, (0, SLVERR)), (63, (0, SLVERR))):
            await given(ctx, 0, "ar", araddr=4 * register)
            found = await ctx.tick().sample(dut.s_axi_rdata, dut.s_axi_rresp).until(
                dut.s_axi_rvalid)
            assert tuple(found) == wanted
            ctx.set(dut.s_axi_rready, 1)
            await ctx.tick()
            ctx.set(dut.s_axi_rready, 0)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    for bench in (address, data, rest):
        sim.add_testbench(bench)
    sim.run()

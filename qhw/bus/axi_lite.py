"""AXI4-Lite (ARM IHI 0022, chapter B1): one access at a time, in any order of address and data."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib.wiring import In, Out

from ..design.top import Port
from ..tools.hdl import Component
from .registers import Registers
from .samples import WORD

__all__ = ["AxiLite"]

ADDRESS = 8
"""Bits of an address, in bytes."""
SLVERR = 2


class AxiLite(Component):
    """A network behind AXI4-Lite; an access that the registers refuse is answered by SLVERR.

    ``name`` is the network's module, ``i`` and ``o`` are its ports."""

    s_axi_awaddr: Signal
    s_axi_awvalid: Signal
    s_axi_awready: Signal
    s_axi_wdata: Signal
    s_axi_wstrb: Signal
    s_axi_wvalid: Signal
    s_axi_wready: Signal
    s_axi_bresp: Signal
    s_axi_bvalid: Signal
    s_axi_bready: Signal
    s_axi_araddr: Signal
    s_axi_arvalid: Signal
    s_axi_arready: Signal
    s_axi_rdata: Signal
    s_axi_rresp: Signal
    s_axi_rvalid: Signal
    s_axi_rready: Signal
    irq: Signal

    def __init__(self, name: str, i: Port, o: Port):
        self.registers = Registers(name, i, o)
        super().__init__({
            "s_axi_awaddr": In(ADDRESS), "s_axi_awvalid": In(1), "s_axi_awready": Out(1),
            "s_axi_wdata": In(WORD), "s_axi_wstrb": In(WORD // 8), "s_axi_wvalid": In(1),
            "s_axi_wready": Out(1), "s_axi_bresp": Out(2), "s_axi_bvalid": Out(1),
            "s_axi_bready": In(1), "s_axi_araddr": In(ADDRESS), "s_axi_arvalid": In(1),
            "s_axi_arready": Out(1), "s_axi_rdata": Out(WORD), "s_axi_rresp": Out(2),
            "s_axi_rvalid": Out(1), "s_axi_rready": In(1), "irq": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.domains += self.registers.sync
        m.submodules.registers = registers = self.registers
        to = Signal(ADDRESS)
        data = Signal(WORD)
        strobe = Signal(WORD // 8)
        has_to = Signal()
        has_data = Signal()
        writes = Signal()
        reads = Signal()
        m.d.comb += [
            self.s_axi_awready.eq(~has_to), self.s_axi_wready.eq(~has_data),
            writes.eq(has_to & has_data & (~self.s_axi_bvalid | self.s_axi_bready)),
            self.s_axi_arready.eq(~writes & (~self.s_axi_rvalid | self.s_axi_rready)),
            reads.eq(self.s_axi_arvalid & self.s_axi_arready),
            registers.select.eq(writes | reads), registers.write.eq(writes),
            registers.whole.eq(strobe.all()), registers.data.eq(data),
            self.irq.eq(registers.irq)]
        with m.If(writes):
            m.d.comb += registers.address.eq(to[2:])
        with m.Else():
            m.d.comb += registers.address.eq(self.s_axi_araddr[2:])
        with m.If(self.s_axi_awvalid & self.s_axi_awready):
            m.d.sync += [has_to.eq(1), to.eq(self.s_axi_awaddr)]
        with m.If(self.s_axi_wvalid & self.s_axi_wready):
            m.d.sync += [has_data.eq(1), data.eq(self.s_axi_wdata), strobe.eq(self.s_axi_wstrb)]
        with m.If(self.s_axi_bready):
            m.d.sync += self.s_axi_bvalid.eq(0)
        with m.If(self.s_axi_rready):
            m.d.sync += self.s_axi_rvalid.eq(0)
        with m.If(writes):
            m.d.sync += [has_to.eq(0), has_data.eq(0), self.s_axi_bvalid.eq(1),
                         self.s_axi_bresp.eq(registers.wrong * SLVERR)]
        with m.If(reads):
            m.d.sync += [self.s_axi_rvalid.eq(1), self.s_axi_rdata.eq(registers.answer),
                         self.s_axi_rresp.eq(registers.wrong * SLVERR)]
        return m

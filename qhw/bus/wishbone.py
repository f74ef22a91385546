"""Wishbone B4, classic cycles: an access is answered in the cycle after its strobe."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib.wiring import In, Out

from ..design.top import Port
from ..tools.hdl import Component
from .registers import Registers
from .samples import WORD

__all__ = ["Wishbone"]

ADDRESS = 6
"""Bits of an address, in words."""


class Wishbone(Component):
    """A network behind Wishbone; an access that the registers refuse is answered by ERR, not ACK.

    ``name`` is the network's module, ``i`` and ``o`` are its ports."""

    wb_adr: Signal
    wb_dat_w: Signal
    wb_dat_r: Signal
    wb_sel: Signal
    wb_cyc: Signal
    wb_stb: Signal
    wb_we: Signal
    wb_ack: Signal
    wb_err: Signal
    irq: Signal

    def __init__(self, name: str, i: Port, o: Port):
        self.registers = Registers(name, i, o)
        super().__init__({
            "wb_adr": In(ADDRESS), "wb_dat_w": In(WORD), "wb_dat_r": Out(WORD),
            "wb_sel": In(WORD // 8), "wb_cyc": In(1), "wb_stb": In(1), "wb_we": In(1),
            "wb_ack": Out(1), "wb_err": Out(1), "irq": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.domains += self.registers.sync
        m.submodules.registers = registers = self.registers
        here = Signal()
        m.d.comb += [
            here.eq(self.wb_cyc & self.wb_stb & ~self.wb_ack & ~self.wb_err),
            registers.select.eq(here), registers.write.eq(self.wb_we),
            registers.whole.eq(self.wb_sel.all()), registers.address.eq(self.wb_adr),
            registers.data.eq(self.wb_dat_w), self.irq.eq(registers.irq)]
        m.d.sync += [self.wb_ack.eq(here & ~registers.wrong),
                     self.wb_err.eq(here & registers.wrong), self.wb_dat_r.eq(registers.answer)]
        return m

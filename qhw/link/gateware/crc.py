"""The cyclic redundancy check of Ethernet and zlib, CRC-32/ISO-HDLC, one bit a cycle.

The polynomial is 0x04C11DB7, lowest bits first; the register starts with all ones and is inverted
at the end. After a frame and its check, lowest byte first, the register holds a constant residue.
"""

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component

__all__ = ["Crc32"]

POLYNOMIAL = 0xEDB88320
"""The first bit highest."""
RESIDUE = 0xDEBB20E3
ONES = 0xFFFFFFFF


class Crc32(Component):
    """Computes the CRC-32 of the bytes since ``clear``, one bit a cycle.

    ``lowest`` is its lowest byte, valid while ``i.ready``. A byte taken with ``spend`` set only
    shifts the CRC, so ``lowest`` is then its next byte. ``match`` is 1 after bytes and their CRC.
    """

    i: stream.Interface
    clear: Signal
    spend: Signal
    lowest: Signal
    match: Signal

    def __init__(self):
        super().__init__({"i": In(stream.Signature(8)), "clear": In(1), "spend": In(1),
                          "lowest": Out(8), "match": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        check = Signal(32, init=ONES)
        bits = Signal(8)
        left = Signal(range(9))
        m.d.comb += [self.i.ready.eq(left == 0), self.lowest.eq(~check),
                     self.match.eq(check == RESIDUE)]
        differ = Signal()
        m.d.comb += differ.eq(check[0] ^ bits[0])
        with m.If(left != 0):
            m.d.sync += [left.eq(left - 1), bits.eq(bits[1:]),
                         check.eq(check[1:] ^ Mux(differ, POLYNOMIAL, 0))]
        with m.Elif(self.i.valid):
            m.d.sync += [bits.eq(self.i.payload ^ self.spend.replicate(8)), left.eq(8)]
        with m.If(self.clear):
            m.d.sync += check.eq(ONES)
        return m

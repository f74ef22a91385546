"""The shell around the network on a board: oscillator, PLL, reset and the pins of the link."""

from importlib import import_module
from math import ceil
from typing import Any

from amaranth.build import Attrs
from amaranth.hdl import (
    ClockDomain,
    ClockSignal,
    Const,
    Elaboratable,
    Instance,
    Module,
    ResetSignal,
    Signal,
)
from amaranth.lib import io
from amaranth.lib.cdc import ResetSynchronizer
from amaranth_boards.resources import UARTResource  # pyright: ignore[reportUnknownVariableType]

from ..targets.boards import Board
from ..targets.pll import Pll
from .pll import gates

__all__ = ["BoardTop", "platform"]

RESET = 15e-6
"""Seconds in reset after the clock is stable: iCE40's block RAMs read zeros for about 3 us after
configuration, and Amaranth's platforms wait five times that."""


def platform(board: Board) -> Any:
    """Makes Amaranth's platform of a board, with a serial port."""
    module, name = board.platform.split(":")
    found = getattr(import_module(module), name)()
    if uart := board.uart:
        found.add_resources([UARTResource(0, rx=uart.rx, tx=uart.tx, conn=uart.connector,
                                          attrs=Attrs(**uart.attributes))])
    return found


class BoardTop(Elaboratable):
    """Connects the network's module to a board's clock, reset and serial pins.

    The module has the ports ``clk``, ``rst``, ``rx`` and ``tx``; its clock is the oscillator's, or
    one that a PLL makes of it."""

    def __init__(self, module: str, board: Board, pll: Pll | None):
        self.module, self.board, self.pll = module, board, pll

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        clock, stable = self._clock(m, platform)
        m.domains.por = ClockDomain()
        m.domains.sync = ClockDomain()
        mhz = float(self.pll.mhz) if self.pll else self.board.clock_mhz
        wait = ceil(RESET * mhz * 1e6)
        count = Signal(range(wait + 1))
        done = Signal()
        m.d.comb += [ClockSignal("por").eq(clock), ClockSignal().eq(clock)]
        m.submodules.por = ResetSynchronizer(~stable, domain="por")
        m.submodules.reset = ResetSynchronizer(~done)
        with m.If(count == wait):
            m.d.por += done.eq(1)
        with m.Else():
            m.d.por += count.eq(count + 1)
        self._network(m, platform)
        return m

    def _clock(self, m: Module, platform: Any) -> tuple[Signal, Signal]:
        """The clock, and whether it can be trusted; a button for reset says no."""
        clock, locked, stable = Signal(), Signal(), Signal()
        pin = platform.request(platform.default_clk, dir="-")
        if self.pll and self.board.pll_pad:
            m.submodules.pll = gates(self.pll, pin.io, clock, locked, pad=True)
        else:
            m.submodules.oscillator = oscillator = io.Buffer(io.Direction.Input, pin)
            if self.pll:
                m.submodules.pll = gates(self.pll, oscillator.i, clock, locked,
                                         device=getattr(platform, "family", ""))
            else:
                m.d.comb += [clock.eq(oscillator.i), locked.eq(1)]
        pressed = Const(0)
        if platform.default_rst:
            m.submodules.button = button = io.Buffer(
                io.Direction.Input, platform.request(platform.default_rst, dir="-"))
            pressed = button.i
        m.d.comb += stable.eq(locked & ~pressed)
        return clock, stable

    def _network(self, m: Module, platform: Any) -> None:
        lines = {line.name: "-" for line in platform.lookup("uart", 0).ios}
        pins = platform.request("uart", 0, dir=lines)
        m.submodules.rx = rx = io.Buffer(io.Direction.Input, pins.rx)
        m.submodules.tx = tx = io.Buffer(io.Direction.Output, pins.tx)
        m.submodules.link = Instance(self.module, i_clk=ClockSignal(), i_rst=ResetSignal(),
                                     i_rx=rx.i, o_tx=tx.o)

"""Colorlight i5 v7.0, a LED receiver module with an LFE5U-25F, on Muse Lab's extension board.

The pins are those of https://github.com/wuxx/Colorlight-FPGA-Projects.
"""

from typing import Any

from qhw.targets import target
from qhw.targets.boards import Board, Programmer


def platform() -> Any:
    """Amaranth's platform with the board's pins."""
    from amaranth.build import Attrs, Clock, Pins, PinsN, Resource
    from amaranth.vendor import LatticeECP5Platform
    from amaranth_boards.resources import LEDResources, UARTResource

    level = Attrs(IO_TYPE="LVCMOS33")

    class ColorlightI5Platform(LatticeECP5Platform):
        device = "LFE5U-25F"
        package = "BG381"
        speed = "6"
        default_clk = "clk25"
        resources = [
            Resource("clk25", 0, Pins("P3", dir="i"), Clock(25e6), level),
            Resource("rst", 0, PinsN("K18", dir="i"), Attrs(IO_TYPE="LVCMOS33", PULLMODE="UP")),
            *LEDResources(pins="U16", invert=True, attrs=level),
            UARTResource(0, rx="H18", tx="J17", attrs=level),
        ]
        connectors = []

    return ColorlightI5Platform()


BOARD = Board(
    "colorlight-i5", target("ecp5-25k"), 25, "Colorlight i5 v7.0, a LED receiver module",
    platform="qhw.boards.colorlight_i5:platform", pack=("--compress",),
    programmers=(Programmer("ecpdap", ("program",), ("flash", "write")),
                 Programmer("openFPGALoader", ("-b", "colorlight-i5", "-m"),
                            ("-b", "colorlight-i5", "-f"))),
    usb="1d50:602b", link="USB of the extension board, the serial port of its DAPLink",
    verified="bitstream")

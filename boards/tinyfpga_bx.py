"""TinyFPGA BX with an iCE40LP8K.

It has no serial port: an adapter with 3.3 V levels goes to pins 1 and 2.
"""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer, Uart

BOARD = Board(
    "tinyfpga-bx", target("ice40lp8k"), 16, "TinyFPGA BX with an iCE40LP8K",
    platform="amaranth_boards.tinyfpga_bx:TinyFPGABXPlatform",
    programmers=(Programmer("tinyprog", ("-p",)),),
    usb="1d50:6130", link="an adapter: its TX to pin 1, its RX to pin 2",
    uart=Uart("1", "2", {"IO_STANDARD": "SB_LVCMOS"}, ("gpio", 0)), verified="bitstream")

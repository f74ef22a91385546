"""OrangeCrab r0.2 with an LFE5U-25F.

Its USB is the bootloader's: an adapter with 3.3 V levels goes to the header's pins 0 (RX) and
1 (TX). Holding the button while it is plugged in starts the bootloader.
"""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer, Uart

BOARD = Board(
    "orangecrab", target("ecp5-25k"), 48, "OrangeCrab r0.2 with an LFE5U-25F",
    platform="amaranth_boards.orangecrab_r0_2:OrangeCrabR0_2_25FPlatform",
    pack=("--compress", "--freq", "38.8"),
    programmers=(Programmer("openFPGALoader", ("-b", "orangeCrab")),
                 Programmer("dfu-util", ("-d", "1209:5af0", "-a", "0", "-D"))),
    usb="1209:5af0", link="an adapter: its TX to pin 0, its RX to pin 1",
    uart=Uart("0", "1", {"IO_TYPE": "LVCMOS33"}, ("io", 0)), verified="bitstream")

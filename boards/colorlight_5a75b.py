"""Colorlight 5A-75B v7.0, a LED receiver card with an LFE5U-25F.

JTAG is on J27, J30, J31 and J32. The serial port is on J19: DATA_LED- sends and KEY+ receives;
both are at 3.3 V, unlike the outputs to LED panels, which are at 5 V.
"""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "colorlight-5a75b", target("ecp5-25k"), 25, "Colorlight 5A-75B v7.0, a LED receiver card",
    platform="amaranth_boards.colorlight_5a75b_r7_0:Colorlight_5A75B_R70Platform",
    pack=("--compress",),
    programmers=(Programmer("openFPGALoader", ("-b", "colorlight", "-c", "ft232", "-m"),
                            ("-b", "colorlight", "-c", "ft232", "-f")),),
    usb="0403:6014", link="an adapter on J19: its TX to KEY+, its RX to DATA_LED-",
    verified="bitstream")

"""Gowin GW1N and GW2A: LUTs, ALU carries, block RAM of 18 kbit, PLL, nextpnr and gowin_pack.

The PLLs are those of UG286, of GW1N in grade C6/I5 and of GW2A in grade C8/I7; delays are those of
Apicula's tables, with wires of placed designs.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .family import MODES_18K, Adders, Dsp, Family
from .flow import Flow
from .pll import Bits, Pll, PllCell, PllKind, Way, mhz
from .primitives import Primitives
from .target import Target
from .timing import Delays

__all__ = ["GOWIN", "GW1N_PLL", "GW2A_PLL", "TARGETS"]


# -- the PLL

OUT = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)
"""Dividers between the oscillator and the output."""
IDLE = {"RESET": 1, "RESET_P": 1, "CLKFB": 1, "FBDSEL": 6, "IDSEL": 6, "ODSEL": 6, "PSDA": 4,
        "DUTYDA": 4, "FDLY": 4}
"""Width of inputs that are 0."""


def _ways(clock: Fraction, kind: PllKind) -> Iterator[Way]:
    for idiv in range(64):
        pfd = clock / (idiv + 1)
        for fbdiv in range(64):
            out = pfd * (fbdiv + 1)
            for odiv in OUT:
                yield out, pfd, out * odiv, {
                    "IDIV_SEL": idiv, "FBDIV_SEL": fbdiv, "ODIV_SEL": odiv}


def _cell(pll: Pll, pad: bool, device: str) -> PllCell:
    return PllCell("rPLL", "CLKIN", "CLKOUT", "LOCK",
                   {"FCLKIN": f"{float(pll.clock):g}", "DEVICE": device, **pll.dividers},
                   {port: Bits(0, width) for port, width in IDLE.items()})


GW1N_PLL = PllKind(mhz("3", "400"), mhz("400", "1200"), mhz("3.125", "600"), _ways, _cell)
GW2A_PLL = PllKind(mhz("3", "500"), mhz("500", "1250"), mhz("3.90625", "625"), _ways, _cell)


# -- place and route

def _die(platform: Any) -> str:
    """Returns the name of the die; chips packaged with a memory have the same."""
    return platform.family.replace("GW1NR-", "GW1N-")


def _device(platform: Any) -> list[str]:
    return ["--device", platform.part, "--vopt", f"family={_die(platform)}"]


def _packing(platform: Any, routed: str, bitstream: str) -> list[str]:
    return ["-d", _die(platform), "-o", bitstream, routed]


FLOW = Flow("nextpnr-himbaechel-gowin", ".cst", "--vopt cst={}", ("--write", "routed.json"),
            _device, "gowin_pack", _packing, ".fs", {
    "luts": ("LUT4", "ALU"), "brams": ("BSRAM",), "dsps": ("MULT18X18", "MULT9X9", "MULT36X36")})


# -- the chips

BLOCKS = ("SP", "SPX9", "SDPB", "SDPX9B", "DPB", "DPX9B", "pROM", "pROMX9")

GOWIN = Family(
    "gowin", "synth_gowin -nowidelut -noiopads", rom=16, worth=160,
    primitives=Primitives(
        ("DFF",), luts={**{f"LUT{k}": 1 for k in range(1, 5)}, "ALU": 1, "INV": 1,
                       "RAM16SDP4": 4},
        blocks=dict.fromkeys(BLOCKS, 1), dsps=("MULT9X9", "MULT18X18", "MULT36X36"),
        carries={"ALU": 1}, carry_in=("CIN",), carry_out="COUT", free=("MUX2_LUT", "INV")),
    block="SP", block_modes=MODES_18K, distributed=64, distributed_cell=(4, 16),
    dsp=Dsp((18, 18), 18, 4, 8), adders=Adders("chains:gowin", ("SUM", "COUT")),
    models=("+/gowin/cells_sim.v", "block.v", "gowin.v"), flow=FLOW)

TARGETS = (
    Target("gw1n-9c", GOWIN, Delays(2.0, 0.06, 1.2, 2.5, 4.0, placed=0.97), 8640, 26, 20,
           "Gowin GW1NR-9C", GW1N_PLL, samples=30),
    Target("gw2a-18", GOWIN, Delays(1.0, 0.04, 0.7, 1.8, 3.0), 20736, 46, 48, "Gowin GW2A-18C",
           GW2A_PLL),
)

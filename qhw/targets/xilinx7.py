"""Xilinx 7 series: LUTs of six inputs, CARRY4, block RAM of 18 kbit, PLL; no open place and route.

The PLL is that of UG472 and DS181, and delays are those of DS181, speed grade -1.
"""

from collections.abc import Iterator
from fractions import Fraction

from .family import MODES_18K, Adders, Dsp, Family
from .pll import Bits, Pll, PllCell, PllKind, Way, mhz
from .primitives import Primitives
from .target import Target
from .timing import Delays

__all__ = ["PLL", "TARGETS", "XILINX7"]


# -- the PLL

def _ways(clock: Fraction, kind: PllKind) -> Iterator[Way]:
    for mult in range(2, 65):
        vco = clock * mult
        for divide in range(1, 129):
            yield vco / divide, clock, vco, {"CLKFBOUT_MULT": mult, "CLKOUT0_DIVIDE": divide}


def _cell(pll: Pll, pad: bool, device: str) -> PllCell:
    return PllCell("PLLE2_BASE", "CLKIN1", "CLKOUT0", "LOCKED",
                   {"CLKIN1_PERIOD": float(1000 / pll.clock), "DIVCLK_DIVIDE": 1, **pll.dividers},
                   {"RST": Bits(0), "PWRDWN": Bits(0)}, feedback=("CLKFBOUT", "CLKFBIN"))


PLL = PllKind(mhz("19", "450"), mhz("800", "1600"), mhz("6.25", "464"), _ways, _cell)


# -- the chips

XILINX7 = Family(
    "xc7", "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf", rom=32, worth=100,
    primitives=Primitives(
        ("FD",), luts={**{f"LUT{k}": 1 for k in range(1, 7)}, "LUT6_2": 1, "INV": 1, "RAM32M": 4,
                       "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4,
                       "SRL16E": 1, "SRLC32E": 1},
        blocks={"RAMB18E1": 1, "RAMB36E1": 2}, dsps=("DSP48E1",), carries={"CARRY4": 4},
        carry_in=("CI", "CYINIT"), carry_out="CO", free=("MUXF", "INV")),
    block="RAMB18E1", block_modes=MODES_18K, distributed=64, distributed_cell=(6, 32),
    one_address_cell=(8, 32), inputs=6, absorbs=True,
    dsp=Dsp((25, 18), 18, least_product=9, signed=True, adds=True, cascades=True),
    adders=Adders("chains:xc7", ("O", "O5", "O6", "CO"), fuses=True),
    models=("+/xilinx/cells_sim.v", "block.v", "xc7.v"))

TARGETS = (
    Target("xc7", XILINX7, Delays(0.7, 0.12, 0.9, 1.6, 3.5), 0, 0, 0,
           "Xilinx 7 series, synthesis and estimates only", PLL, samples=400),
)

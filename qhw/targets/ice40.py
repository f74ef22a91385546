"""Lattice iCE40, HX, LP and UltraPlus: logic cells, block RAM of 4 kbit, PLL, nextpnr and icepack.

The PLL is that of technical note TN1251; delays are those of nextpnr's tables, with wires of placed
designs.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .family import Adders, Dsp, Family
from .flow import Flow
from .pll import Bits, Pll, PllCell, PllKind, Way, mhz
from .primitives import Module, Primitives
from .target import Target
from .timing import Delays

__all__ = ["ICE40", "ICE40_UP", "PLL", "TARGETS", "filter_range", "logic_cells"]


def logic_cells(module: Module) -> int:
    """Counts the logic cells of a module of SB_LUT4, SB_CARRY and SB_DFF cells once it is packed.

    A logic cell has a LUT, a carry and a flip-flop. The rules are nextpnr's: a flip-flop joins the
    LUT that feeds it alone; a carry joins the LUT that has its two operands and its carry input; a
    chain whose carry goes to logic takes one more cell to get out.
    """
    luts, carries, flip_flops = list[Any](), list[Any](), list[Any]()
    readers: Counter[Any] = Counter()
    for cell in module["cells"].values():
        kind, pins = cell["type"], {pin: bits for pin, bits in cell["connections"].items()}
        for pin, bits in pins.items():
            if cell["port_directions"][pin] == "input":
                readers.update(bits)
        if kind == "SB_LUT4":
            luts.append(pins)
        elif kind == "SB_CARRY":
            carries.append(pins)
        elif kind.startswith("SB_DFF"):
            flip_flops.append(pins)
    for port in module["ports"].values():
        if port["direction"] == "output":
            readers.update(port["bits"])

    made = {pins["O"][0] for pins in luts}
    alone = sum(1 for pins in flip_flops
                if pins["D"][0] not in made or readers[pins["D"][0]] > 1)
    operands: dict[Any, int] = defaultdict(int)
    for pins in luts:
        operands[pins["I1"][0], pins["I2"][0], pins["I3"][0]] += 1
    unpaired = 0
    for pins in carries:
        key = pins["I0"][0], pins["I1"][0], pins["CI"][0]
        if operands[key]:
            operands[key] -= 1
        else:
            unpaired += 1
    return len(luts) + alone + unpaired + _feeds(luts, carries)


def _feeds(luts: list[Any], carries: list[Any]) -> int:
    """Cells in which a carry goes out to logic, or comes in from it."""
    carried = {pins["CO"][0] for pins in carries}
    onward = {pins["CI"][0] for pins in carries}
    chained = {pins["I3"][0] for pins in luts}
    out = {bit for pins in luts for pin in ("I0", "I1", "I2") for bit in pins[pin]
           if bit in carried}
    out |= {bit for bit in carried if bit not in onward and bit not in chained}
    fed = {bit for bit in onward if bit not in carried and bit not in ("0", "1")}
    return len(out) + len(fed)


# -- the PLL

FILTERS = ((17, 1), (26, 2), (44, 3), (66, 4), (101, 5))
"""(MHz, number): up to what frequency at the phase detector the loop has which filter."""


def filter_range(pfd: Fraction) -> int:
    """Computes the number of the PLL loop's filter for the frequency ``pfd`` in MHz at the phase
    detector."""
    return next((number for below, number in FILTERS if pfd < below), 6)


def _ways(clock: Fraction, kind: PllKind) -> Iterator[Way]:
    """With simple feedback DIVF has seven bits, whatever the guide says."""
    for divr in range(16):
        pfd = clock / (divr + 1)
        for divf in range(128):
            vco = pfd * (divf + 1)
            for divq in range(1, 7):
                yield vco / 2**divq, pfd, vco, {"DIVR": divr, "DIVF": divf, "DIVQ": divq}


def _cell(pll: Pll, pad: bool, device: str) -> PllCell:
    d = pll.dividers
    return PllCell(
        "SB_PLL40_PAD" if pad else "SB_PLL40_CORE", "PACKAGEPIN" if pad else "REFERENCECLK",
        "PLLOUTGLOBAL", "LOCK",
        {"FEEDBACK_PATH": "SIMPLE", "PLLOUT_SELECT": "GENCLK", "DIVR": Bits(d["DIVR"], 4),
         "DIVF": Bits(d["DIVF"], 7), "DIVQ": Bits(d["DIVQ"], 3),
         "FILTER_RANGE": Bits(filter_range(pll.pfd), 3)},
        {"RESETB": Bits(1), "BYPASS": Bits(0)})


PLL = PllKind(mhz("10", "133"), mhz("533", "1066"), mhz("16", "275"), _ways, _cell)


# -- place and route

def _device(platform: Any) -> list[str]:
    return [f"--{platform.device.removeprefix('iCE40').lower()}",
            "--package", platform.package.lower()]


def _packing(platform: Any, routed: str, bitstream: str) -> list[str]:
    return [routed, bitstream]


FLOW = Flow("nextpnr-ice40", ".pcf", "--pcf {}", ("--asc", "routed.asc"), _device, "icepack",
            _packing, ".bin", {
    "luts": ("ICESTORM_LC",), "brams": ("ICESTORM_RAM",), "dsps": ("ICESTORM_DSP",)})


# -- the chips

ICE40 = Family(
    "ice40", "synth_ice40", rom=16,
    primitives=Primitives(
        ("SB_DFF",), luts={"SB_LUT4": 1}, blocks={"SB_RAM40_4K": 1}, dsps=("SB_MAC16",),
        carries={"SB_CARRY": 1}, carry_in=("CI",), carry_out="CO", packed=logic_cells),
    block="SB_RAM40_4K", block_modes=((16, 256), (8, 512), (4, 1024), (2, 2048)), cells=True,
    adders=Adders("ice40:ice40", ("O", "CO"), inverter=1.0), models=("+/ice40/cells_sim.v",),
    flow=FLOW)
ICE40_UP = replace(ICE40, name="ice40up", synth="synth_ice40 -dsp",
                   dsp=Dsp((16, 16), 16, least_product=11, adds=True), like=ICE40.name)

TARGETS = (
    Target("ice40hx8k", ICE40, Delays(1.25, 0.13, 1.2, 1.2, 0), 7680, 32, 0,
           "Lattice iCE40-HX8K", PLL, samples=400),
    Target("ice40lp8k", ICE40, Delays(1.85, 0.19, 1.8, 1.8, 0), 7680, 32, 0,
           "Lattice iCE40-LP8K", PLL),
    Target("ice40up5k", ICE40_UP, Delays(2.8, 0.28, 2.4, 2.5, 8.0, placed=1.1), 5280, 30, 8,
           "Lattice iCE40-UP5K", PLL, samples=30),
)

"""Lattice ECP5: LUT sites, CCU2C carries of two bits, 18 kbit block RAM, PLL, nextpnr and ecppack.

The PLL is that of technical note TN1263; delays are those of nextpnr's tables, with wires of placed
designs.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from .family import MODES_18K, Adders, Dsp, Family
from .flow import Flow
from .pll import Bits, Pll, PllCell, PllKind, Way, mhz
from .primitives import Bit, Cell, Module, Primitives
from .target import Target
from .timing import Delays

__all__ = ["ECP5", "PLL", "TARGETS", "close_chains"]


# -- carry chains

OPEN = ["x"]
CONSTANTS = (["0"], ["1"])


def close_chains(netlist: Path) -> None:
    """Rewrites both ends of the carry chains in a Yosys netlist, so that nextpnr adds no cells to
    them.

    nextpnr feeds a constant into a chain through a slice of two cells, and it passes a carry out
    that nothing reads through another one. Here that carry out is disconnected. The first column
    makes its carry from its two operands alone, and a separate LUT makes its sum."""
    design = json.loads(netlist.read_text())
    for module in design["modules"].values():
        reads = _reads(module)
        chains = {name: cell for name, cell in module["cells"].items() if cell["type"] == "CCU2C"}
        for name, cell in chains.items():
            pins = cell["connections"]
            if not any(reads[bit] for bit in pins["COUT"]):
                pins["COUT"] = OPEN
            module["cells"] |= {f"{name}_first": lut for lut in _begun(cell, reads)}
    netlist.write_text(json.dumps(design))


def _reads(module: Module) -> Counter[Bit]:
    """How often each wire is read."""
    inputs = [bits for cell in module["cells"].values()
              for pin, bits in cell["connections"].items()
              if cell["port_directions"][pin] != "output"]
    outputs = [port["bits"] for port in module["ports"].values() if port["direction"] != "input"]
    return Counter(bit for bits in (*inputs, *outputs) for bit in bits)


def _begun(cell: Cell, reads: Counter[Bit]) -> Iterator[Cell]:
    """Turns the start of a chain into one that reads no carry; its first sum's LUT, if wanted.

    A column's sum is LUT ^ CIN and its carry CIN where its LUT is 1, and elsewhere what the lowest
    four bits of its table say of A and B.
    """
    pins, parameters = cell["connections"], cell["parameters"]
    if not all(pins[pin] in CONSTANTS for pin in ("CIN", "C0", "D0")):
        return
    carry, c, d = (int(pins[pin][0]) for pin in ("CIN", "C0", "D0"))
    table = int(parameters["INIT0"], 2)
    parity, generated = table >> 8 * d + 4 * c & 15, table & 15
    carried = parity & 15 * carry | ~parity & generated
    if reads[pins["S0"][0]]:
        yield {"hide_name": 1, "type": "LUT4", "attributes": {},
               "parameters": {"INIT": f"{(parity ^ 15 * carry) * 0x1111:016b}"},
               "port_directions": {**dict.fromkeys("ABCD", "input"), "Z": "output"},
               "connections": {"A": pins["A0"], "B": pins["B0"], "C": ["0"], "D": ["0"],
                               "Z": pins["S0"]}}
    parameters["INIT0"] = f"{carried:016b}"
    pins |= {"CIN": OPEN, "C0": ["0"], "D0": ["1"], "S0": OPEN}


# -- the PLL

def _ways(clock: Fraction, kind: PllKind) -> Iterator[Way]:
    """Feedback from the output itself, whose divider therefore only places the VCO."""
    for divi in range(1, 129):
        pfd = clock / divi
        if pfd < kind.pfd[0]:
            return
        for divfb in range(1, 81):
            out = pfd * divfb
            for divo in range(-(-kind.vco[0] // out), min(kind.vco[1] // out, 128) + 1):
                yield out, pfd, out * divo, {
                    "CLKI_DIV": divi, "CLKFB_DIV": divfb, "CLKOP_DIV": divo}


def _cell(pll: Pll, pad: bool, device: str) -> PllCell:
    d = pll.dividers
    return PllCell(
        "EHXPLLL", "CLKI", "CLKOP", "LOCK",
        {"PLLRST_ENA": "DISABLED", "INTFB_WAKE": "DISABLED", "STDBY_ENABLE": "DISABLED",
         "DPHASE_SOURCE": "DISABLED", "OUTDIVIDER_MUXA": "DIVA", "OUTDIVIDER_MUXB": "DIVB",
         "OUTDIVIDER_MUXC": "DIVC", "OUTDIVIDER_MUXD": "DIVD", "CLKOP_ENABLE": "ENABLED",
         "FEEDBK_PATH": "CLKOP", "CLKOP_CPHASE": d["CLKOP_DIV"] // 2, "CLKOP_FPHASE": 0, **d},
        {"RST": Bits(0), "STDBY": Bits(0), "PHASESEL0": Bits(0), "PHASESEL1": Bits(0),
         "PHASEDIR": Bits(1), "PHASESTEP": Bits(1), "PHASELOADREG": Bits(1),
         "PLLWAKESYNC": Bits(0), "ENCLKOP": Bits(0)},
        {"FREQUENCY_PIN_CLKI": f"{float(pll.clock):.6g}",
         "FREQUENCY_PIN_CLKOP": f"{float(pll.mhz):.6g}", "ICP_CURRENT": "12",
         "LPF_RESISTOR": "8", "MFG_ENABLE_FILTEROPAMP": "1", "MFG_GMCREF_SEL": "2"},
        feedback=("CLKOP", "CLKFB"))


PLL = PllKind(mhz("3.125", "400"), mhz("400", "800"), mhz("10", "400"), _ways, _cell)


# -- place and route

PACKAGES = {"BG256": "CABGA256", "BG381": "CABGA381", "BG554": "CABGA554", "MG285": "CSFBGA285"}
"""nextpnr's names of packages, by those in part numbers."""


def _device(platform: Any) -> list[str]:
    sort, size = re.fullmatch(r"LFE5(U|UM|UM5G)-(\d+)F", platform.device).groups()  # pyright: ignore[reportOptionalMemberAccess]
    sort = "" if sort == "U" else f"{sort.lower()}-"
    return [f"--{sort}{size}k", "--package", PACKAGES[platform.package],
            "--speed", platform.speed]


def _packing(platform: Any, routed: str, bitstream: str) -> list[str]:
    return ["--input", routed, "--bit", bitstream]


FLOW = Flow("nextpnr-ecp5", ".lpf", "--lpf {}", ("--textcfg", "routed.config"), _device, "ecppack",
            _packing, ".bit", {
    "luts": ("TRELLIS_COMB",), "brams": ("DP16KD",), "dsps": ("MULT18X18D",)}, close_chains)


# -- the chips

ECP5 = Family(
    "ecp5", "synth_ecp5 -nowidelut", rom=16, worth=200,
    primitives=Primitives(
        ("TRELLIS_FF",), luts={"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 4}, blocks={"DP16KD": 1},
        dsps=("MULT18X18D",), carries={"CCU2C": 2}, carry_in=("CIN",), carry_out="COUT",
        free=("PFUMX", "L6MUX")),
    block="DP16KD", block_modes=MODES_18K, distributed=64, distributed_cell=(4, 16), chain=2,
    unchained=4, totals=True, dsp=Dsp((18, 18), 18),
    adders=Adders("chains:ecp5", ("S0", "S1", "COUT")),
    models=("+/ecp5/cells_sim.v", "block.v", "ecp5.v"), flow=FLOW)

DELAYS = Delays(1.0, 0.07, 0.9, 4.0, 4.0, placed=1.15)

TARGETS = (
    Target("ecp5-25k", ECP5, DELAYS, 24288, 56, 28, "Lattice ECP5 25F", PLL,
           samples=400),
    Target("ecp5-85k", ECP5, DELAYS, 83640, 208, 156, "Lattice ECP5 85F", PLL),
)

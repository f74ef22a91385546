"""The cells of networks of adders are Yosys's own, for all inputs and many parameters."""

import random
import re
from pathlib import Path

import pytest

from qhw.simulators import selfcheck
from qhw.tools import programs

CELLS = {
    "SB_LUT4": ("ice40", {"I0": 1, "I1": 1, "I2": 1, "I3": 1}, {"O": 1}, {"LUT_INIT": 16}, {}),
    "SB_CARRY": ("ice40", {"I0": 1, "I1": 1, "CI": 1}, {"CO": 1}, {}, {}),
    "CCU2C": ("ecp5", dict.fromkeys(("A0", "B0", "C0", "D0", "A1", "B1", "C1", "D1", "CIN"), 1),
              {"S0": 1, "S1": 1, "COUT": 1}, {"INIT0": 16, "INIT1": 16},
              {"INJECT1_0": '"NO"', "INJECT1_1": '"NO"'}),
    "ALU": ("gowin", {"I0": 1, "I1": 1, "I3": 1, "CIN": 1}, {"SUM": 1, "COUT": 1}, {},
            {"ALU_MODE": "2"}),
    "LUT2": ("xilinx", {"I0": 1, "I1": 1}, {"O": 1}, {"INIT": 4}, {}),
    "LUT6_2": ("xilinx", {f"I{k}": 1 for k in range(6)}, {"O5": 1, "O6": 1}, {"INIT": 64}, {}),
    "CARRY4": ("xilinx", {"CI": 1, "CYINIT": 1, "DI": 4, "S": 4}, {"CO": 4, "O": 4}, {}, {}),
}
"""Family, inputs, outputs, parameters with their bits, and parameters that are always so."""
TRIES = 6


def pair(cell: str, number: int, values: dict[str, str]) -> str:
    """Our cell and Yosys's with the same inputs, and that their outputs are the same."""
    _, inputs, outputs, _, _ = CELLS[cell]
    given = ", ".join(f".{key}({value})" for key, value in values.items())
    ends = [f".{pin}({pin})" for pin in inputs]
    lines = []
    for whose in ("theirs", "ours"):
        wires = {pin: f"{whose}_{pin}_{number}" for pin in outputs}
        lines += [f"wire [{bits - 1}:0] {wires[pin]};" for pin, bits in outputs.items()]
        kind = cell if whose == "theirs" else f"{cell}_ours"
        lines.append(f"{kind} #({given}) {whose}_{number} ("
                     + ", ".join([*ends, *(f".{p}({w})" for p, w in wires.items())]) + ");")
    same = " && ".join(f"theirs_{pin}_{number} == ours_{pin}_{number}"
                       for pin in outputs)
    return "\n".join([*lines, f"always @* assert ({same});"])


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_yosys_own(cell, tmp_path):
    family, inputs, _, sizes, fixed = CELLS[cell]
    rng = random.Random(cell)
    pairs = [pair(cell, k, fixed | {key: f"{bits}'h{rng.getrandbits(bits):x}"
                                    for key, bits in sizes.items()})
             for k in range(TRIES if sizes else 1)]
    ports = ", ".join(f"input [{bits - 1}:0] {pin}" for pin, bits in inputs.items())
    body = "\n".join(pairs)
    if cell == "CARRY4":    # a chain begins at one of two inputs, and the other one is 0
        body += "\nalways @* assume (!(CI & CYINIT));"
    ours = re.search(rf"^module {cell} .*?^endmodule$", selfcheck.ADDERS.read_text(),
                     flags=re.MULTILINE | re.DOTALL)
    assert ours
    (tmp_path / "top.sv").write_text(
        f"{ours[0].replace(f'module {cell} ', f'module {cell}_ours ')}\n"
        f"module top ({ports});\n{body}\nendmodule\n")
    programs.run_yosys([f"read_verilog -defer -overwrite +/{family}/cells_sim.v",
                        "read_verilog -formal top.sv",
                        "hierarchy -top top", "proc", "flatten", "opt_clean", "chformal -lower",
                        "sat -verify -prove-asserts -set-assumes"], tmp_path)


def test_every_cell_is_tried():
    text = Path(selfcheck.ADDERS).read_text()
    assert set(re.findall(r"^module (\w+)", text, flags=re.MULTILINE)) == set(CELLS)

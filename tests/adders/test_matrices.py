"""Constant matrices as each family's cells, evaluated, against products in integers; and the cells'
meaning against Yosys's models of them."""

import re

import numpy as np
import pytest

from qhw import adders
from qhw.adders.module import Text
from qhw.adders.verilog import verilog
from qhw.errors import QhwError
from qhw.exact.num import Int
from sim.proof.matrices import FAMILIES, Case, draw, wrong
from sim.proof.netlist import CELLS as MEANING
from tests.adders.tables import table
from tests.seeds import rotating


def case(matrix, intervals, *, effort=3, stages=1):
    return Case(np.array(matrix), intervals, [0] * len(matrix), signs=False, slack=1,
                effort=effort, stages=stages)


FIXED = [
    case([[-91, 1]], [Int(0, 1)] * 2),      # a sign that goes on below the sum's first column
    case([[-77, 3, 5], [45, -3, 9]], [Int(0, 1), Int(-1, 0), Int(-2, 1)]),
    case([[1, 3, -5]], [Int(-8, 7)] * 3, stages=2),    # adders that take others in
    case([[8, 9, 2]], [Int(0, 15)] * 3),
    case([[1, -4], [-3, 8]], [Int(5, 5), Int(1, 1)]),  # nothing is left above the shift
    case([[0, 0], [0, 0]], [Int(0, 0)] * 2),
    case([[1 << 40, -3]], [Int(-128, 127)] * 2)]


@pytest.mark.parametrize("family", FAMILIES)
def test_cells_are_the_product(family):
    """In two of those drawn, three operands on Xilinx 7 have a 1 each in a column that is known."""
    drawn = [draw(seed) for seed in (2214, 2374, *rotating(10))]
    assert wrong([*FIXED, *drawn], family) == {}


def test_a_unit_with_registers_is_the_product():
    minus = case([[3, -5]], [Int(-1, 0)] * 2)       # two bits on a wire, and one of them in use
    assert wrong([minus, *(draw(seed) for seed in rotating(2))], "ice40", "unit") == {}


@pytest.mark.parametrize("family", ["", *FAMILIES])
def test_every_writer_says_what_it_reads(family, monkeypatch):
    """Whatever a writer takes from a node that is not there is found."""
    network = adders.compile(np.array([[3, -5, 7, 1], [-2, -6, -1, 9]]), [Int(-8, 7)] * 4,
                             effort=2, family=family)
    text = verilog(network, "top", family=family)
    driven = set(re.findall(r"n\d+\[\d+\]", text))
    asked = Text.module
    for wire in sorted(driven)[:4]:
        monkeypatch.setattr(Text, "module", lambda self, *ports, wire=wire: (
            self.driven.discard(wire), asked(self, *ports))[1])
        with pytest.raises(QhwError, match=re.escape(wire)):
            verilog(network, "top", family=family)


PINS = {
    "SB_LUT4": ("ice40", {"LUT_INIT": 16}, {"I0": 1, "I1": 1, "I2": 1, "I3": 1}, {"O": 1}),
    "SB_CARRY": ("ice40", {}, {"I0": 1, "I1": 1, "CI": 1}, {"CO": 1}),
    "CCU2C": ("ecp5", {"INIT0": 16, "INIT1": 16, "INJECT1_0": 0, "INJECT1_1": 0},
              {"CIN": 1, "A0": 1, "B0": 1, "C0": 1, "D0": 1, "A1": 1, "B1": 1, "C1": 1, "D1": 1},
              {"S0": 1, "S1": 1, "COUT": 1}),
    "LUT4": ("ecp5", {"INIT": 16}, {"A": 1, "B": 1, "C": 1, "D": 1}, {"Z": 1}),
    "ALU": ("gowin", {"ALU_MODE": 0}, {"I0": 1, "I1": 1, "I3": 1, "CIN": 1},
            {"SUM": 1, "COUT": 1}),
    "LUT3": ("gowin", {"INIT": 8}, {"I0": 1, "I1": 1, "I2": 1}, {"F": 1}),
    "LUT2": ("xc7", {"INIT": 4}, {"I0": 1, "I1": 1}, {"O": 1}),
    "LUT6_2": ("xc7", {"INIT": 64}, {f"I{k}": 1 for k in range(6)}, {"O5": 1, "O6": 1}),
    "CARRY4": ("xc7", {}, {"CI": 1, "CYINIT": 1, "S": 4, "DI": 4}, {"O": 4, "CO": 4}),
    "MUXF7": ("xc7", {}, {"I0": 1, "I1": 1, "S": 1}, {"O": 1})}
"""By cell: its family, bits of its parameters' tables, and its pins' widths."""
TURNS = 6


@pytest.mark.parametrize("kind", PINS)
def test_cells_mean_what_their_models_say(kind, tmp_path):
    """For every input, with every mode, and tables at random."""
    family, parameters, ins, outs = PINS[kind]
    size, wide = sum(ins.values()), sum(outs.values())
    turns = [_values(kind, parameters, turn) for turn in range(TURNS)]
    codes = range(1 << size)
    pins = {pin: [sum((code >> k & 1) << code for code in codes) for k in places]
            for pin, places in _places(ins)}
    wanted = [0] * len(codes)
    for turn, values in enumerate(turns):
        given = {key: value if isinstance(value, str) else f"{value:b}"
                 for key, value in values.items()}
        found = MEANING[kind](pins, given, (1 << len(codes)) - 1)
        for pin, places in _places(outs):
            for k, column in zip(places, found[pin], strict=True):
                for code in codes:
                    wanted[code] |= (column >> code & 1) << turn * wide + k
    cells = "".join(_instance(kind, turn, values, parameters) for turn, values in enumerate(turns))
    rows = table(tmp_path, f"module top(input [{size - 1}:0] x, output [{TURNS * wide - 1}:0] y);"
                 f"\n{cells}endmodule\n", family)
    assert dict(rows) == dict(enumerate(wanted))


def _values(kind, parameters, turn):
    rng = np.random.default_rng(turn)
    drawn = {key: int.from_bytes(rng.bytes(8), "little") & (1 << bits) - 1
             for key, bits in parameters.items()}
    if kind == "CCU2C":     # the first is that of a plain sum
        inits = {"INIT0": 0x96AA, "INIT1": 0x96AA} if turn == 0 else {}
        return {**drawn, **inits, "INJECT1_0": "NO", "INJECT1_1": "NO"}
    return {"ALU_MODE": turn} if kind == "ALU" else drawn


def _places(pins):
    """Each pin, and the bits of a port that belong to it."""
    at = 0
    for pin, width in pins.items():
        yield pin, range(at, at + width)
        at += width


def _instance(kind, turn, values, parameters):
    _, _, ins, outs = PINS[kind]
    begin = turn * sum(outs.values())
    words = {key: f'"{v}"' if isinstance(v, str) else f"{parameters[key]}'d{v}" if parameters[key]
             else str(v) for key, v in values.items()}
    wires = [f".{pin}(x[{places[-1]}:{places[0]}])" for pin, places in _places(ins)]
    wires += [f".{pin}(y[{begin + places[-1]}:{begin + places[0]}])"
              for pin, places in _places(outs)]
    given = ", ".join(f".{key}({word})" for key, word in words.items())
    return f"{kind} {f'#({given})' if given else ''} c{turn} ({', '.join(wires)});\n"

"""What every chip family must hold, by the tools' own files. Subclass, set ``module``; pytest runs
the laws."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from qhw import adders
from qhw.adders.verilog import verilog
from qhw.board.top import platform
from qhw.estimator.prices import KINDS, prices
from qhw.exact.num import Int
from qhw.synthesis.place import nextpnr
from qhw.synthesis.synth import read_netlist
from qhw.targets.boards import boards
from qhw.tools import programs
from tests.netlist import synthesized

SHARE = Path(find_spec("pyosys").origin).parent / "share"
"""What ``+/`` is in Yosys."""

ALL_SORTS = """module top (input clk, en, input [15:0] a, b, input [9:0] at,
    output reg [15:0] sum, rom, ram, small, late, chosen, output reg [31:0] product,
    output reg less);
  reg [15:0] words [0:1023], table_ [0:1023], few [0:15], delay [0:19];
  integer k;
  initial for (k = 0; k < 1024; k = k + 1) table_[k] = k * k * 40503;
  always @(posedge clk) begin
    sum <= a + b; product <= a * b; less <= a < b; rom <= table_[at];
    if (en) words[at] <= a;
    ram <= words[b[9:0]];
    if (en) few[at[3:0]] <= b;
    small <= few[at[7:4]];
    delay[0] <= a;
    for (k = 1; k < 20; k = k + 1) delay[k] <= delay[k - 1];
    late <= delay[19];
    case (at[2:0]) 0: chosen <= a; 1: chosen <= b; 2: chosen <= ~a; 3: chosen <= a & b;
      4: chosen <= sum; 5: chosen <= rom; 6: chosen <= ram; default: chosen <= late; endcase
  end
endmodule"""
CONSTANTS = {"VCC", "GND", "$scopeinfo"}
"""Cells that take nothing of a chip."""


class FamilyLaws:
    module: object
    """The family's file."""
    cells: tuple[str, ...]
    """Yosys's files that declare its cells."""
    modes: str = ""
    """Yosys's file that describes its block RAM."""
    blink = "module top (input clk, output reg q); always @(posedge clk) q <= ~q; endmodule"
    """A design that nextpnr takes."""
    unconstrained: tuple[str, ...] = ()
    """Options of nextpnr for a design without pins."""

    @property
    def families(self):
        return {chip.family.name: chip.family for chip in self.module.TARGETS}.values()

    @pytest.fixture(scope="class")
    @classmethod
    def declared(cls, tmp_path_factory):
        """The ports of Yosys's cells, by type: (direction, bits) by name."""
        folder = tmp_path_factory.mktemp("cells")
        programs.run_yosys([*(f"read_verilog -lib -overwrite {file}" for file in cls.cells),
                            "blackbox =*", "write_json cells.json"], folder)
        found = json.loads((folder / "cells.json").read_text())["modules"]
        return {kind: {pin: (port["direction"], len(port["bits"]))
                       for pin, port in cell["ports"].items()} for kind, cell in found.items()}

    def test_its_primitives_are_yosys_s(self, declared):
        for family in self.families:
            of = family.primitives
            assert {*of.luts, *of.blocks, *of.dsps, *(of.carries or {})} <= {*declared}
            for prefix in (*of.flip_flops, *of.free):
                assert any(kind.startswith(prefix) for kind in declared), prefix
            assert not any(kind.startswith(of.flip_flops)
                           for kind in (*of.luts, *of.blocks, *of.dsps))

    def test_its_carries_enter_and_leave_by_these_pins(self, declared):
        for family in self.families:
            of = family.primitives
            for kind in of.carries or {}:
                assert all(declared[kind][pin][0] == "input" for pin in of.carry_in)
                assert declared[kind][of.carry_out][0] == "output"

    def test_its_luts_have_as_many_inputs(self, declared):
        """The widest cell that is one LUT, by its name."""
        for family in self.families:
            widest = max(int(found[1]) for kind, size in family.primitives.luts.items()
                         if size == 1 and (found := re.fullmatch(r"(?:SB_)?LUT(\d)", kind)))
            assert family.inputs == widest

    def test_nothing_that_synthesis_makes_is_left_out(self, tmp_path):
        for family in self.families:
            synthesized(ALL_SORTS, family.synth, tmp_path)
            of = family.primitives
            known = {*of.luts, *of.blocks, *of.dsps, *(of.carries or {}), *CONSTANTS}
            for kind in {cell["type"] for cell in read_netlist(tmp_path)["top"]["cells"].values()}:
                assert kind in known or kind.startswith((*of.flip_flops, *of.free)), kind

    def test_its_block_ram_has_yosys_s_modes(self):
        if not self.modes:
            return
        text, found = (SHARE / self.modes).read_text(), set()
        for bits, widths in re.findall(r"abits (\d+);\s*widths ([\d ]+) per_port", text):
            sizes = [int(width) for width in widths.split()]
            rows = [1 << width.bit_length() - 1 for width in sizes]
            found |= {(width, (rows[0] << int(bits)) // row)
                      for width, row in zip(sizes, rows, strict=True)}
        for family in self.families:
            assert found == set(family.block_modes)

    def test_its_adders_are_cells_of_its_own(self, declared):
        network = adders.compile(np.array([[3, -5], [7, 2]]), [Int(-8, 7)] * 2, effort=2)
        for family in self.families:
            text = verilog(network, "top", family=family.name)
            cells = re.findall(r"^ *(\w+) (?:#\(.*\) )?\w+ \((\..*)\);", text, re.MULTILINE)
            assert cells
            for kind, pins in cells:
                for pin in re.findall(r"\.(\w+)\(", pins):
                    drives = declared[kind][pin][0] == "output"
                    assert drives == (pin in family.adders.outputs), (kind, pin)

    def test_it_has_prices(self):
        for family in self.families:
            assert set(KINDS) == set(prices(family.name).of)
            assert prices(family.name).gates is family.gates

    def test_its_chips_are_as_large_as_nextpnr_knows(self, tmp_path):
        """Those that some board has."""
        for chip, one in {b.chip: b for b in boards() if b.chip in self.module.TARGETS}.items():
            if (flow := chip.family.flow) is None:
                continue
            (tmp_path / "top.v").write_text(self.blink)
            programs.run_yosys(["read_verilog top.v", f"{chip.family.synth} -top top",
                                "write_json netlist.json"], tmp_path)
            sites = nextpnr(tmp_path, flow, [*flow.device(platform(one)), *self.unconstrained],
                            10)["utilization"]
            for kind, (first, *_) in flow.sites.items():
                has = sites[first]["available"] if first in sites else 0
                assert (chip.name, kind, has) == (chip.name, kind, getattr(chip, kind))

"""An accumulator's next value in a chip's cells is that of its expression, for all inputs."""

import pytest

from qhw.errors import ToolError
from qhw.names import is_identifier
from qhw.tools.programs import run_yosys
from qhw.verilog.totals import PORTS, total

CCU2C = """
module CCU2C(input CIN, A0, B0, C0, D0, A1, B1, C1, D1, output S0, S1, COUT);
  parameter [15:0] INIT0 = 0, INIT1 = 0;
  parameter INJECT1_0 = "YES", INJECT1_1 = "YES";
  wire o0 = INIT0[{D0, C0, B0, A0}], o1 = INIT1[{D1, C1, B1, A1}];
  wire middle = o0 ? CIN : INIT0[{B0, A0}];
  assign S0 = o0 ^ CIN, S1 = o1 ^ middle, COUT = o1 ? middle : INIT1[{B1, A1}];
endmodule
"""
"""A LUT of four inputs for each bit, of which the lowest four bits are one of two inputs too."""


def proven(width, cells, folder):
    (folder / "cells.v").write_text(CCU2C + cells)
    (folder / "expression.v").write_text(total("expression", "").text)
    run_yosys([
        "read_verilog cells.v", "read_verilog -nosynthesis expression.v",
        f"chparam -set WIDTH {width} cells expression", "hierarchy", "proc",
        "miter -equiv -flatten -make_outputs cells expression miter", "flatten miter",
        "sat -verify -prove trigger 0 miter"], folder)


@pytest.mark.parametrize("width", [1, 2, 5, 8])
def test_cells_compute_the_expression(width, tmp_path):
    proven(width, total("cells", "").text, tmp_path)


def test_a_wrong_column_is_seen(tmp_path):
    with pytest.raises(ToolError, match="Yosys"):
        proven(4, total("cells", "").text.replace("16'h665A", "16'h66AA"), tmp_path)


def test_ports_are_no_reserved_words():
    """Of SystemVerilog either, as which Verilator reads the module."""
    assert all(map(is_identifier, PORTS))

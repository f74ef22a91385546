"""Cells of a network, counted by hand in its Verilog."""

from qhw.loaders import load
from qhw.testing.netlist import cells


def test_cells_of_a_network(tmp_path):
    """A binary network multiplies nothing; its flip-flops are there before and after mapping."""
    found = cells(load("digits-binary"), tmp_path, "prep -flatten -top {top}")
    assert found["$mul"] == 0 and found["$add"] > 0
    mapped = cells(load("digits-binary"), tmp_path, "synth_ecp5 -top {top}")
    assert mapped["TRELLIS_FF"] > 0 and mapped["LUT4"] > 0 and "$add" not in mapped

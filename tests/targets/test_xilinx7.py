"""Xilinx 7 against Yosys's files: its cells, and a LUT of two outputs."""

from qhw.targets import xilinx7
from tests.targets.laws import FamilyLaws


class TestXilinx7(FamilyLaws):
    module = xilinx7
    cells = ("+/xilinx/cells_sim.v", "+/xilinx/cells_xtra.v")


def test_a_lut_with_two_outputs_is_one():
    module = {"cells": {"one": {"type": "LUT6_2"}}}
    assert xilinx7.XILINX7.primitives.cost(module).luts == 1

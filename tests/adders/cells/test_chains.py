"""Carry chains of ECP5, Gowin and Xilinx 7: how many cells a sum takes, and how it subtracts."""

import re
from collections import Counter

import numpy as np
import pytest

from qhw import adders
from qhw.adders.verilog import verilog
from qhw.exact.num import Int


def text(row, bits, family):
    """The module of one sum, of inputs of so many bits."""
    network = adders.compile(np.array([row]), [Int(0, (1 << bits) - 1)] * len(row), effort=0,
                             family=family)
    return verilog(network, "top", family=family)


def cells(found):
    return Counter(re.findall(r"^  (\w+) (?:#\(|n\d)", found, re.MULTILINE))


@pytest.mark.parametrize(("row", "bits", "family", "want"), [
    ([1, 1], 8, "ecp5", {"CCU2C": 4, "assign": 1}), ([1, 1], 7, "ecp5", {"CCU2C": 4}),
    ([1, 4], 8, "ecp5", {"CCU2C": 4, "assign": 1}), ([1, 1], 8, "gowin", {"ALU": 9}),
    ([1, 4], 8, "gowin", {"ALU": 9}), ([1, 1], 8, "xc7", {"LUT2": 8, "assign": 1, "CARRY4": 3}),
    ([1, 1], 3, "xc7", {"assign": 4}), ([1, 1, 1], 8, "xc7", {"LUT6_2": 8, "assign": 2,
                                                              "CARRY4": 3})])
def test_cells_of_a_sum(row, bits, family, want):
    """Nine columns: pairs of them and one that is none; one each; four each, where columns of
    constants are no LUT. Six bits of input are a table."""
    assert cells(text(row, bits, family)) == want


def test_gowin_subtracts_by_a_mode_and_a_carry():
    minus, plus = text([1, -1], 8, "gowin"), text([1, 1], 8, "gowin")
    assert ".I3(1'b0)" in minus and ".I3(1'b1)" not in minus and ".CIN(1'b1)" in minus
    assert ".I3(1'b1)" in plus and ".I3(1'b0)" not in plus and ".CIN(1'b0)" in plus
    assert "ALU_MODE(2)" in plus and "ALU_MODE(2)" in minus


def test_ecp5_subtracts_by_an_input_of_its_luts():
    minus, plus = text([1, -1], 8, "ecp5"), text([1, 1], 8, "ecp5")
    assert ".C0(1'b1)" in minus and ".CIN(1'b1)" in minus
    assert ".C0(1'b0)" in plus and ".CIN(1'b0)" in plus
    assert set(re.findall(r"INIT\d\((.*?)\)", plus + minus)) == {"16'h96aa"}
    assert set(re.findall(r"INJECT1_\d\((.*?)\)", plus)) == {'"NO"'}


def test_xilinx_begins_a_difference_in_a_lut():
    """Its first column is the exclusive or of two bits, and the carry x0 or not x1."""
    minus = text([1, -1], 8, "xc7")
    assert "INIT(64'h66666666bbbbbbbb)" in minus and "INIT(4'h9)" in minus
    plus = text([1, 1], 8, "xc7")
    assert "INIT(4'h6)" in plus and "LUT6_2" not in plus and ".CYINIT(1'b0)" in plus


def test_three_operands_by_hand():
    """Above the parity of four bits, below the majority of three."""
    found = text([1, 1, 1], 8, "xc7")
    inits = set(re.findall(r"LUT6_2 #\(\.INIT\(64'h(\w+)\)\)", found))
    want = sum((code.bit_count() & 1) << 32 + (code & 31) for code in range(16))
    want |= sum((code & 15).bit_count() % 2 << 32 + code for code in range(16, 32))
    want |= sum(((code & 7).bit_count() > 1) << code for code in range(32))
    assert f"{want:016x}" in inits

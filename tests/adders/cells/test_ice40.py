"""iCE40's cells: one a bit, and inverters where a bit is wanted both ways."""

import re

import numpy as np
import pytest

from qhw import adders
from qhw.adders.verilog import verilog
from qhw.exact.num import Int
from tests.adders.test_verilog import counts, mixed


@pytest.mark.parametrize("signs", [False, True])
def test_no_lut_of_ice40_has_two_constant_ones(signs):
    """nextpnr-ice40's router swaps the two for ever."""
    for matrix, intervals, offsets in (mixed(), counts(), (-np.eye(6, dtype=int) - 3, [
            Int(0, 5)] * 6, list(range(6)))):
        network = adders.compile(matrix, intervals, offsets=offsets, signs=signs, effort=3)
        luts = re.findall(r"SB_LUT4.*", verilog(network, "top", family="ice40"))
        assert luts
        assert not [lut for lut in luts if lut.count("(1'b1)") > 1]


def sums(row, bits=8):
    network = adders.compile(np.array([row]), [Int(0, (1 << bits) - 1)] * len(row), effort=0,
                             family="ice40")
    return verilog(network, "top", family="ice40")


@pytest.mark.parametrize(("row", "luts", "carries"), [
    ([1, 1], 9, 8), ([1, 4], 9, 8), ([1, -1], 9 + 8, 8), ([1, 8], 8 - 3 + 4, 8)])
def test_one_lut_a_bit_and_an_inverter_each(row, luts, carries):
    """Nine bits; two bits that are passed on; a difference inverts eight bits; three passed on."""
    found = sums(row)
    assert found.count("SB_LUT4") == luts and found.count("SB_CARRY") == carries


def test_tables_by_hand():
    """The parity of two bits, and whether both are 1; in 16 bits whatever else is there."""
    found = sums([1, 1], 1)
    assert found.count("SB_CARRY") == 0
    assert set(re.findall(r"LUT_INIT\(16'h(\w+)\)", found)) == {"6666", "8888"}


def test_a_sums_lut_is_the_parity_of_its_upper_inputs():
    assert set(re.findall(r"LUT_INIT\(16'h(\w+)\)", sums([1, 1]))) == {"c33c"}

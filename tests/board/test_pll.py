"""PLLs as cells: pins, parameters and feedback."""

from fractions import Fraction

import pytest
from amaranth.hdl import Const, Signal

from qhw.board.pll import gates
from qhw.targets import target
from qhw.targets.pll import fastest

CLOCK, OUT, LOCKED = (Signal(name=name) for name in ("clock", "out", "locked"))


def cell(chip, mhz, most, **how):
    pll = fastest(target(chip).pll, Fraction(mhz), Fraction(most))
    return gates(pll, CLOCK, OUT, LOCKED, **how)


def pins(found):
    return {name: value for name, (value, _) in found.ports.items()}


@pytest.mark.parametrize(("pad", "kind", "pin"), [
    (False, "SB_PLL40_CORE", "REFERENCECLK"), (True, "SB_PLL40_PAD", "PACKAGEPIN")])
def test_ice40(pad, kind, pin):
    """12 MHz to 39.75: 12 * 53 / 16."""
    found = cell("ice40up5k", 12, 40, pad=pad)
    known = pins(found)
    assert found.type == kind and known[pin] is CLOCK
    assert known["PLLOUTGLOBAL"] is OUT and known["LOCK"] is LOCKED
    assert (known["RESETB"].value, known["BYPASS"].value) == (1, 0)
    words = {name: (v.value, len(v)) for name, v in found.parameters.items()
             if isinstance(v, Const)}
    assert (words["DIVR"], words["DIVF"], words["DIVQ"]) == ((0, 4), (52, 7), (4, 3))
    assert found.parameters["FEEDBACK_PATH"] == "SIMPLE"


def test_feedback_outside_the_cell():
    """ECP5's is the output clock itself; that of Xilinx an output of its own."""
    known = pins(cell("ecp5-25k", 25, 50))
    assert known["CLKFB"] is OUT is known["CLKOP"] and known["CLKI"] is CLOCK
    known = pins(cell("xc7", 100, 50))
    assert known["CLKFBIN"] is known["CLKFBOUT"] is not OUT and known["CLKOUT0"] is OUT


def test_attributes_and_the_chips_name():
    assert cell("ecp5-25k", 25, 50).attrs["FREQUENCY_PIN_CLKI"] == "25"
    assert cell("gw1n-9c", 27, 54, device="GW1NR-9C").parameters["DEVICE"] == "GW1NR-9C"

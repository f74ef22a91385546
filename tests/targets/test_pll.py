"""PLL settings against the vendors' limits and the calculators of the open tools."""

import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.targets import target
from qhw.targets.ice40 import filter_range
from qhw.targets.pll import fastest

BIN = Path(sys.executable).parent
KINDS = {"ice40": target("ice40hx8k").pll, "ecp5": target("ecp5-25k").pll,
         "gw1n": target("gw1n-9c").pll, "gw2a": target("gw2a-18").pll, "xc7": target("xc7").pll}
CLOCKS = {"ice40": (12, 16), "ecp5": (25, 48, 100), "gw1n": (27,), "gw2a": (27,)}
MOST = {"ice40": 120, "ecp5": 200, "gw1n": 150, "gw2a": 200}
RATE = 12


def wanted(kind):
    """Frequencies as place and route says them: of no round number."""
    low, high = float(max(KINDS[kind].out[0], 17)), MOST[kind]
    return np.round(np.random.default_rng(5).uniform(low, high, RATE), 2).tolist()


def said(tool, *words):
    """What a tool prints, without what it says of itself."""
    return subprocess.run([BIN / tool, *map(str, words)], capture_output=True, text=True,
                          check=True).stdout


def icepll(clock, mhz):
    text = said("yowasp-icepll", "-i", clock, "-o", mhz)
    found = {name: int(value) for name, value in re.findall(r"(\w+): +(\d+) \(", text)}
    achieved = re.search(r"F_PLLOUT: +(\S+) MHz \(achieved\)", text)[1]
    return float(achieved), found


def ecppll(clock, mhz):
    text = said("yowasp-ecppll", "-i", clock, "-o", mhz)
    return float(re.search(r"clkout0 frequency: (\S+) MHz", text)[1]), {}


def gowin_pll(device):
    def ask(clock, mhz):
        text = said("gowin_pll", "-i", clock, "-o", mhz, "-d", device)
        return float(re.search(r"CLKOUT = (\S+) MHz", text)[1]), {}
    return ask


ASK = {"ice40": icepll, "ecp5": ecppll, "gw1n": gowin_pll("GW1NR-LV9QN88PC6/I5"),
       "gw2a": gowin_pll("GW2A-LV18PG256C8/I7")}


@pytest.mark.parametrize(("kind", "clock"), [(k, c) for k, cs in CLOCKS.items() for c in cs])
def test_no_frequency_below_is_nearer(kind, clock):
    """The calculators take the nearest on either side; where it is below, it is ours."""
    below = 0
    for mhz in wanted(kind):
        ours = fastest(KINDS[kind], Fraction(clock), Fraction(str(mhz)))
        theirs, _ = ASK[kind](clock, mhz)
        assert ours.mhz <= mhz
        if theirs <= mhz:
            below += 1
            assert float(ours.mhz) == pytest.approx(theirs, abs=1e-3)
        else:
            assert mhz - ours.mhz >= theirs - mhz - 1e-3
    assert 0 < below < RATE


@pytest.mark.parametrize(("kind", "clock"), [(k, c) for k, cs in CLOCKS.items() for c in cs])
def test_the_calculators_reach_ours(kind, clock):
    for mhz in wanted(kind)[:6]:
        ours = fastest(KINDS[kind], Fraction(clock), Fraction(str(mhz)))
        theirs, dividers = ASK[kind](clock, float(ours.mhz))
        assert theirs == pytest.approx(float(ours.mhz), abs=1e-3)
        if dividers:
            assert dividers.pop("FILTER_RANGE") == filter_range(ours.pfd)
            assert dividers["DIVR"] == ours.dividers["DIVR"]


@pytest.mark.parametrize("kind", CLOCKS)
@pytest.mark.parametrize("mhz", [20, 33.3, 57, 101])
def test_dividers_give_the_frequency_within_limits(kind, mhz):
    """Each by its data sheet's formula."""
    clock = Fraction(CLOCKS[kind][0])
    pll = fastest(KINDS[kind], clock, Fraction(str(mhz)))
    d = pll.dividers
    if kind == "ice40":
        vco = clock / (d["DIVR"] + 1) * (d["DIVF"] + 1)
        out = vco / 2 ** d["DIVQ"]
        assert 533 <= vco <= 1066 and d["DIVR"] < 16 and d["DIVF"] < 128 and 1 <= d["DIVQ"] <= 6
    elif kind == "ecp5":
        out = clock / d["CLKI_DIV"] * d["CLKFB_DIV"]
        assert 400 <= out * d["CLKOP_DIV"] <= 800
        assert all(1 <= n <= 128 for n in d.values())
    else:
        out = clock / (d["IDIV_SEL"] + 1) * (d["FBDIV_SEL"] + 1)
        low, high = (400, 1200) if kind == "gw1n" else (500, 1250)
        assert low <= out * d["ODIV_SEL"] <= high
        assert d["IDIV_SEL"] < 64 and d["FBDIV_SEL"] < 64
    assert out == pll.mhz <= mhz


@pytest.mark.parametrize(("kind", "clock", "mhz", "vco"), [
    ("ecp5", 25, 50, 600),      # 8 to 16 times 50 MHz are allowed; ecppll takes this one too
    ("gw1n", 27, 27, 864),      # 432 and 864 MHz are, and 800 MHz is the middle
    ("xc7", 100, 50, 1200),     # 800 to 1600 MHz in steps of 100 are
])
def test_of_settings_alike_the_oscillator_is_nearest_its_middle(kind, clock, mhz, vco):
    assert fastest(KINDS[kind], Fraction(clock), Fraction(mhz)).vco == vco


def test_too_slow_for_the_pll():
    with pytest.raises(ModelError, match=r"below 16\.125 MHz from a 12 MHz input; 13 MHz"):
        fastest(KINDS["ice40"], Fraction(12), Fraction(13))


def test_a_chip_without_a_pll():
    with pytest.raises(ModelError, match="the chip has no PLL that makes 13 MHz from 12 MHz"):
        fastest(None, Fraction(12), Fraction(13))

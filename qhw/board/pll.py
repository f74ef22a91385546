"""Clocks: the dividers of a chip's PLL for a frequency, and the PLL as gates.

Each family's are by its data sheet: iCE40 TN1251, ECP5 TN1263, Gowin UG286, Xilinx UG472 and DS181.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from amaranth.hdl import Const, Instance, Signal, Value

from ..errors import ModelError

__all__ = ["KINDS", "Pll", "fastest", "gates"]

Range = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Pll:
    """A setting of a PLL of a kind; frequencies are in MHz."""

    kind: str
    clock: Fraction
    """What goes in."""
    mhz: Fraction
    """What comes out."""
    pfd: Fraction
    """At the phase detector."""
    vco: Fraction
    dividers: Mapping[str, int]
    """By the cell's names."""


@dataclass(frozen=True)
class Kind:
    """What a kind of PLL can do, in MHz."""

    pfd: Range
    vco: Range
    out: Range

    def allows(self, pll: Pll) -> bool:
        pairs = ((self.pfd, pll.pfd), (self.vco, pll.vco), (self.out, pll.mhz))
        return all(low <= f <= high for (low, high), f in pairs)


def _mhz(low: str, high: str) -> Range:
    return Fraction(low), Fraction(high)


KINDS = {
    "ice40": Kind(_mhz("10", "133"), _mhz("533", "1066"), _mhz("16", "275")),
    "ecp5": Kind(_mhz("3.125", "400"), _mhz("400", "800"), _mhz("10", "400")),
    "gw1n": Kind(_mhz("3", "400"), _mhz("400", "1200"), _mhz("3.125", "600")),
    "gw2a": Kind(_mhz("3", "500"), _mhz("500", "1250"), _mhz("3.90625", "625")),
    "xc7": Kind(_mhz("19", "450"), _mhz("800", "1600"), _mhz("6.25", "464")),
}
"""iCE40 of all sorts, ECP5, GW1N of grade C6/I5, GW2A of grade C8/I7, Xilinx 7 of grade -1."""

GOWIN_OUT = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)


def fastest(kind: str, clock: Fraction, most: Fraction) -> Pll:
    """The fastest that is not above ``most``; of those the one that compares phases most often,
    and then the one whose oscillator is nearest the middle of its range."""
    middle = sum(KINDS[kind].vco) / 2
    best = max((pll for pll in _settings(kind, clock) if pll.mhz <= most),
               key=lambda pll: (pll.mhz, pll.pfd, -abs(pll.vco - middle)), default=None)
    if best is None:
        low = min((pll.mhz for pll in _settings(kind, clock)), default=KINDS[kind].out[0])
        raise ModelError(f"Clock: {float(most):g} MHz is less than the {float(low):g} MHz that the "
                         f"PLL makes of {float(clock):g} MHz at least")
    return best


@cache
def _settings(kind: str, clock: Fraction) -> tuple[Pll, ...]:
    """All that the chip allows."""
    ways = {"ice40": _ice40, "ecp5": _ecp5, "xc7": _xilinx}.get(kind, _gowin)
    found = (Pll(kind, clock, *way) for way in ways(clock, KINDS[kind]))
    return tuple(pll for pll in found if KINDS[kind].allows(pll))


Way = tuple[Fraction, Fraction, Fraction, Mapping[str, int]]


def _ice40(clock: Fraction, kind: Kind) -> Iterator[Way]:
    """With simple feedback DIVF has seven bits, whatever the guide says."""
    for divr in range(16):
        pfd = clock / (divr + 1)
        for divf in range(128):
            vco = pfd * (divf + 1)
            for divq in range(1, 7):
                yield vco / 2**divq, pfd, vco, {"DIVR": divr, "DIVF": divf, "DIVQ": divq}


def _ecp5(clock: Fraction, kind: Kind) -> Iterator[Way]:
    """Feedback from the output itself, whose divider therefore only places the VCO."""
    for divi in range(1, 129):
        pfd = clock / divi
        if pfd < kind.pfd[0]:
            return
        for divfb in range(1, 81):
            out = pfd * divfb
            for divo in range(-(-kind.vco[0] // out), min(kind.vco[1] // out, 128) + 1):
                yield out, pfd, out * divo, {
                    "CLKI_DIV": divi, "CLKFB_DIV": divfb, "CLKOP_DIV": divo}


def _gowin(clock: Fraction, kind: Kind) -> Iterator[Way]:
    for idiv in range(64):
        pfd = clock / (idiv + 1)
        for fbdiv in range(64):
            out = pfd * (fbdiv + 1)
            for odiv in GOWIN_OUT:
                yield out, pfd, out * odiv, {
                    "IDIV_SEL": idiv, "FBDIV_SEL": fbdiv, "ODIV_SEL": odiv}


def _xilinx(clock: Fraction, kind: Kind) -> Iterator[Way]:
    for mult in range(2, 65):
        vco = clock * mult
        for divide in range(1, 129):
            yield vco / divide, clock, vco, {"CLKFBOUT_MULT": mult, "CLKOUT0_DIVIDE": divide}


def gates(pll: Pll, clock: Value, out: Value, locked: Value, *, pad: bool = False,
          device: str = "") -> Instance:
    """The cell; with ``pad`` the clock's pin is the one that the PLL has for itself."""
    if pll.kind == "ice40":
        return _ice40_gates(pll, clock, out, locked, pad=pad)
    if pll.kind == "ecp5":
        return _ecp5_gates(pll, clock, out, locked)
    if pll.kind == "xc7":
        return _xilinx_gates(pll, clock, out, locked)
    return _gowin_gates(pll, clock, out, locked, device)


FILTERS = ((17, 1), (26, 2), (44, 3), (66, 4), (101, 5))
"""Up to what frequency at the phase detector the loop's filter is which, on iCE40."""


def filter_range(pfd: Fraction) -> int:
    return next((number for below, number in FILTERS if pfd < below), 6)


def _ice40_gates(pll: Pll, clock: Value, out: Value, locked: Value, *, pad: bool) -> Instance:
    d = pll.dividers
    into = {"i_PACKAGEPIN" if pad else "i_REFERENCECLK": clock}
    return Instance(
        "SB_PLL40_PAD" if pad else "SB_PLL40_CORE",
        p_FEEDBACK_PATH="SIMPLE", p_PLLOUT_SELECT="GENCLK",
        p_DIVR=Const(d["DIVR"], 4), p_DIVF=Const(d["DIVF"], 7), p_DIVQ=Const(d["DIVQ"], 3),
        p_FILTER_RANGE=Const(filter_range(pll.pfd), 3),
        i_RESETB=Const(1), i_BYPASS=Const(0), o_PLLOUTGLOBAL=out, o_LOCK=locked, **into)


def _ecp5_gates(pll: Pll, clock: Value, out: Value, locked: Value) -> Instance:
    d = pll.dividers
    return Instance(
        "EHXPLLL",
        a_FREQUENCY_PIN_CLKI=f"{float(pll.clock):.6g}",
        a_FREQUENCY_PIN_CLKOP=f"{float(pll.mhz):.6g}",
        a_ICP_CURRENT="12", a_LPF_RESISTOR="8", a_MFG_ENABLE_FILTEROPAMP="1",
        a_MFG_GMCREF_SEL="2",
        p_PLLRST_ENA="DISABLED", p_INTFB_WAKE="DISABLED", p_STDBY_ENABLE="DISABLED",
        p_DPHASE_SOURCE="DISABLED", p_OUTDIVIDER_MUXA="DIVA", p_OUTDIVIDER_MUXB="DIVB",
        p_OUTDIVIDER_MUXC="DIVC", p_OUTDIVIDER_MUXD="DIVD", p_CLKOP_ENABLE="ENABLED",
        p_FEEDBK_PATH="CLKOP", p_CLKOP_CPHASE=d["CLKOP_DIV"] // 2, p_CLKOP_FPHASE=0,
        p_CLKI_DIV=d["CLKI_DIV"], p_CLKFB_DIV=d["CLKFB_DIV"], p_CLKOP_DIV=d["CLKOP_DIV"],
        i_CLKI=clock, i_CLKFB=out, o_CLKOP=out, o_LOCK=locked,
        i_RST=Const(0), i_STDBY=Const(0), i_PHASESEL0=Const(0), i_PHASESEL1=Const(0),
        i_PHASEDIR=Const(1), i_PHASESTEP=Const(1), i_PHASELOADREG=Const(1),
        i_PLLWAKESYNC=Const(0), i_ENCLKOP=Const(0))


def _gowin_gates(pll: Pll, clock: Value, out: Value, locked: Value, device: str) -> Instance:
    idle = {f"i_{port}": Const(0, width) for port, width in (
        ("RESET", 1), ("RESET_P", 1), ("CLKFB", 1), ("FBDSEL", 6), ("IDSEL", 6), ("ODSEL", 6),
        ("PSDA", 4), ("DUTYDA", 4), ("FDLY", 4))}
    dividers = {f"p_{name}": value for name, value in pll.dividers.items()}
    return Instance(
        "rPLL", p_FCLKIN=f"{float(pll.clock):g}", p_DEVICE=device, **dividers,
        i_CLKIN=clock, o_CLKOUT=out, o_LOCK=locked, **idle)


def _xilinx_gates(pll: Pll, clock: Value, out: Value, locked: Value) -> Instance:
    feedback = Signal()
    dividers = {f"p_{name}": value for name, value in pll.dividers.items()}
    return Instance(
        "PLLE2_BASE", p_CLKIN1_PERIOD=float(1000 / pll.clock), p_DIVCLK_DIVIDE=1, **dividers,
        i_CLKIN1=clock, i_CLKFBIN=feedback, o_CLKFBOUT=feedback, o_CLKOUT0=out, o_LOCKED=locked,
        i_RST=Const(0), i_PWRDWN=Const(0))

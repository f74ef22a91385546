"""What nextpnr's report is read as."""

import pytest

from qhw.board.top import platform
from qhw.errors import ToolError
from qhw.synthesis import place as flow
from qhw.targets import family
from qhw.targets.boards import board


def step(cell, delay):
    return {"delay": delay, "from": {"cell": "a"}, "to": {"cell": cell}}


REPORT = {
    "fmax": {"clk": {"achieved": 40.0, "constraint": 48.0}, "por": {"achieved": 90.0,
                                                                    "constraint": 48.0}},
    "utilization": {"ICESTORM_LC": {"used": 70, "available": 5280},
                    "ICESTORM_RAM": {"used": 3, "available": 30},
                    "ICESTORM_DSP": {"used": 0, "available": 8}, "SB_IO": {"used": 3,
                                                                           "available": 96}},
    "critical_paths": [
        {"from": "posedge clk", "to": "posedge clk",
         "path": [step("link.network.fc1.sum_LC", 9.0), step("link.network.reg_2.x_LC", 7.0),
                  step("link.network.fc1.y_LC", 2.0), step("link.slots.z_LC", 1.0)]},
        {"from": "posedge clk", "to": "<async>", "path": [step("link.tx_LC", 99.0)]},
        {"from": "posedge por", "to": "posedge por", "path": [step("done_LC", 11.0)]}],
}


def test_a_report():
    placed = flow._placed(REPORT, flow.flow(family("ice40up")))
    assert placed.fmax_mhz == 40
    assert placed.used == {"luts": (70, 5280), "brams": (3, 30), "dsps": (0, 8)}
    assert placed.slowest({"act1": "act1", "one": "fc1", "reg": "reg_2"}) == ("one", 11.0)
    assert placed.slowest({"reg": "reg_2"}) == ("", 12.0)


def test_gowin_counts_adders_with_luts():
    sites = {"LUT4": {"used": 10, "available": 8640}, "ALU": {"used": 5, "available": 6480},
             "BSRAM": {"used": 1, "available": 26}, "MULT18X18": {"used": 2, "available": 20},
             "MULT9X9": {"used": 1, "available": 40}}
    placed = flow._placed({**REPORT, "utilization": sites}, flow.flow(family("gowin")))
    assert placed.used == {"luts": (15, 8640), "brams": (1, 26), "dsps": (3, 20)}


def test_a_chip_without_dsp_blocks_has_none():
    sites = {k: v for k, v in REPORT["utilization"].items() if k != "ICESTORM_DSP"}
    placed = flow._placed({**REPORT, "utilization": sites}, flow.flow(family("ice40up")))
    assert placed.used == {"luts": (70, 5280), "brams": (3, 30), "dsps": (0, 0)}


def test_no_clock():
    with pytest.raises(ToolError, match="nextpnr-ecp5 found no clock in the design"):
        flow._placed({**REPORT, "fmax": {}}, flow.flow(family("ecp5")))


@pytest.mark.parametrize(("name", "words"), [
    ("icebreaker", "--up5k --package sg48"), ("ice40-hx8k-evn", "--hx8k --package ct256"),
    ("tinyfpga-bx", "--lp8k --package cm81"),
    ("ulx3s-85f", "--85k --package CABGA381 --speed 6"),
    ("orangecrab", "--25k --package CSFBGA285 --speed 8"),
    ("ecpix-5", "--um5g-85k --package CABGA554 --speed 8"),
    ("colorlight-5a75b", "--25k --package CABGA256 --speed 6"),
    ("tang-nano-9k", "--device GW1NR-LV9QN88PC6/I5 --vopt family=GW1N-9C"),
    ("tang-primer-20k", "--device GW2A-LV18PG256C8/I7 --vopt family=GW2A-18C"),
])
def test_chips_by_the_names_of_nextpnr(name, words):
    """As the makers' part numbers have them."""
    one = board(name)
    assert one.chip.family.flow.device(platform(one)) == words.split()

"""Words for nextpnr and the packers, as their manuals have them."""

from types import SimpleNamespace

import pytest

from qhw.targets import families, family

PLATFORMS = {
    "ice40": SimpleNamespace(device="iCE40HX8K", package="CT256"),
    "ice40up": SimpleNamespace(device="iCE40UP5K", package="SG48"),
    "ecp5": SimpleNamespace(device="LFE5U-25F", package="BG381", speed="6"),
    "gowin": SimpleNamespace(part="GW1NR-LV9QN88PC6/I5", family="GW1NR-9C")}


@pytest.mark.parametrize(("name", "more", "words"), [
    ("ice40", {}, "--hx8k --package ct256"), ("ice40up", {}, "--up5k --package sg48"),
    ("ecp5", {}, "--25k --package CABGA381 --speed 6"),
    ("ecp5", {"device": "LFE5UM-45F"}, "--um-45k --package CABGA381 --speed 6"),
    ("ecp5", {"device": "LFE5UM5G-85F", "package": "MG285"},
     "--um5g-85k --package CSFBGA285 --speed 6"),
    ("gowin", {}, "--device GW1NR-LV9QN88PC6/I5 --vopt family=GW1N-9C")])
def test_the_chip(name, more, words):
    platform = SimpleNamespace(**{**vars(PLATFORMS[name]), **more})
    assert family(name).flow.device(platform) == words.split()


@pytest.mark.parametrize(("name", "words"), [
    ("ice40", "icepack r b"), ("ecp5", "ecppack --input r --bit b"),
    ("gowin", "gowin_pack -d GW1N-9C -o b r")])
def test_the_packer(name, words):
    flow = family(name).flow
    assert [flow.packer, *flow.packing(PLATFORMS[name], "r", "b")] == words.split()


@pytest.mark.parametrize(("name", "pins", "written", "suffix"), [
    ("ice40", "--pcf a.pcf", ("--asc", "routed.asc"), ".bin"),
    ("ecp5", "--lpf a.lpf", ("--textcfg", "routed.config"), ".bit"),
    ("gowin", "--vopt cst=a.cst", ("--write", "routed.json"), ".fs")])
def test_files(name, pins, written, suffix):
    flow = family(name).flow
    assert flow.pins.format(f"a{flow.constraints}") == pins
    assert (flow.written, flow.suffix) == (written, suffix)


def test_who_has_one():
    assert {name for name, one in families().items() if one.flow} == {*PLATFORMS}

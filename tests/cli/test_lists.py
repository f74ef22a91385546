"""Lists of schemes, chips and boards."""

from typing import get_args

import pytest

from qhw import codecs
from qhw.hw.units.matvec import Storage
from qhw.quantization.activations import activations
from qhw.schemes import schemes
from tests.command import asked, run


def test_boards():
    rows = {row["name"]: row for row in asked("boards")}
    assert rows["icebreaker"] == {
        "name": "icebreaker", "target": "ice40up5k", "luts": 5280, "brams": 30, "dsps": 8,
        "clock_mhz": 12, "reserve": rows["icebreaker"]["reserve"],
        "link": "USB, the second port of its FT2232H", "baud": 1000000,
        "programmers": ["iceprog", "openFPGALoader"], "bitstream": True,
        "verified": "bitstream", "about": "1BitSquared iCEBreaker"}
    shown = run("boards").stdout
    assert all(name in shown for name in rows)


def test_schemes_and_targets():
    assert {row["name"] for row in asked("schemes")} >= {"binary", "ternary", "fixed"}
    assert {row["name"] for row in asked("targets")} >= {"ice40hx8k", "ecp5-25k", "xc7", "asic"}


def test_every_catalogue_is_listed_with_its_sources():
    rows = asked("schemes")
    kinds = {kind: {row["name"]: row for row in rows if row["kind"] == kind}
             for kind in ("weights", "activations", "calibration", "storage", "gradients")}
    assert len(rows) == sum(map(len, kinds.values()))
    assert set(kinds["weights"]) == set(schemes)
    assert set(kinds["activations"]) == set(activations)
    assert kinds["activations"]["hwgq"]["parameters"] == {"bits": 2}
    assert kinds["calibration"]["percentile"]["parameters"] == {"percent": 99.9}
    assert set(kinds["storage"]) == {*get_args(Storage)}
    assert all(row["citation"] for row in rows if row["kind"] != "storage")
    shown = run("schemes").stdout
    assert all(row["name"] in shown for row in rows)


@pytest.mark.parametrize("name", codecs.codecs)
def test_a_codec_is_made_as_its_row_says(name):
    assert eval(codecs.codecs[name].make, vars(codecs)) is not None

"""The report: what is in it, and that nothing in a record can break it."""

import re
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.report.pages import bars, costs, full, layer, report_html, text

RECORDS = {
    "full": full(),
    "empty": {},
    "one layer": {"name": "one", "layers": [layer()]},
    "no layers": full() | {"layers": [], "estimate": None, "measured": None},
    "predicted": full() | {"layers": [layer(measured=None)], "measured": None},
    "no cost": full() | {"layers": [layer(measured=None, estimate=None)], "estimate": None,
                         "measured": None, "target": None, "capacity": None},
    "partly measured": full() | {"layers": [layer(), layer("fc2", measured=None)],
                                 "measured": None},
    "nulls": {key: None for key in full()},
    "bare layers": {"layers": [{"name": "a", "kind": "b"}, {}]},
    "sixty": full() | {"layers": [layer("x" * 37 + f"_{k}", cycles=k * 100_000,
                                        estimate=costs(10**6 + k)) for k in range(60)]},
    "zeros": full() | {"layers": [layer(cycles=0, estimate=costs(0), measured=costs(0))],
                       "estimate": costs(0), "measured": costs(0),
                       "accuracy": {"correct": 0, "samples": 0}},
}


@pytest.fixture(params=RECORDS)
def record(request: pytest.FixtureRequest) -> dict[str, Any]:
    return RECORDS[request.param]


def test_any_record_is_a_page_that_needs_nothing_else(record):
    page = report_html(record)
    HTMLParser().feed(page)
    assert text(page)
    assert not re.search(r"https?:|src=|href=|@import|url\(|<script|<link", page)
    assert "None" not in text(page)


def test_same_record_same_page(record):
    before = deepcopy(record)
    assert report_html(record) == report_html(deepcopy(record))
    assert record == before


STREAM = ("8 x 5 4 x 11 4 x 11 4 x 11 input s_axis shape 64 codes 0..16 8 beats "
          "fc1 matvec 64 → 32 ternary:threshold=0.7 PE 8, SIMD 4 64 cycles "
          "act1 threshold 8 cycles act1_beats8 widen 8 → 4 8 cycles output m_axis shape 1")


@pytest.mark.parametrize("said", [
    "digits-ternary", "for ice40hx8k, Lattice iCE40-HX8K; made by qhw 0.2.0",
    "Cycles per inference 64 15,625 inferences per million cycles", "Latency 172",
    "LUTs 1,637 of 7,680, 21.3%, measured", "Block RAMs 16 of 32, 50.0%, measured",
    "DSPs 0 measured", "Accuracy 99.6% 538 of 540 samples correct",
    "Equal to the golden 540 of 540 samples, verilator, 34,668 cycles",
    STREAM, "1 beat ",
    "computed on the host from the output, by the same command fc3.real affine",
    "fc1 is the slowest with 64 cycles per inference: the initiation interval of the whole.",
    "Nothing takes DSPs.", "qhw build digits-ternary -o out --target ice40hx8k",
    "folds (PE, SIMD) fc1 8, 4", "yosys Yosys 0.70", "digits_ternary.v report.json",
])
def test_full(said):
    assert said in text(report_html(full())) + " "


def test_nothing_is_missing_from_a_full_record():
    assert "Not in this report" not in report_html(full())


@pytest.mark.parametrize(("cycles", "often"), [
    (1, "1,000,000"), (3, "333,333"), (9_000, "111"), (64_000, "15.6"), (3_000_000, "0.333")])
def test_inferences_per_million_cycles(cycles, often):
    page = text(report_html({"cycles_per_inference": cycles}))
    assert f"{cycles:,} {often} inferences per million cycles" in page


def test_missing_parts_are_named():
    assert ("Not in this report: predicted cost, measured cost, simulation, accuracy."
            in text(report_html({"layers": [layer(estimate=None, measured=None)]})))


def test_one_cycle():
    page = text(report_html({"cycles_per_inference": 1, "layers": [layer(cycles=1)]}))
    assert "SIMD 4 1 cycle" in page
    assert "with 1 cycle per inference:" in page


def test_all_slowest_layers_are_marked():
    page = report_html({"cycles_per_inference": 70,
                        "layers": [layer(f"fc{k}", cycles=64 if k else 9) for k in range(7)]})
    assert len(bars(page, "slow")) == 6
    assert ("fc1, fc2, fc3, fc4 and 2 more are the slowest with 64 cycles per inference."
            in text(page))


@pytest.mark.parametrize(("change", "value"), [
    ({"measured": costs(7681)}, "7,681"),
    ({"simulation": {"engine": "verilator", "samples": 9, "matches": 8}}, "8 of 9")])
def test_what_is_bad_is_marked(change, value):
    tiles = ElementTree.fromstring(report_html(full() | change)).iter("div")
    assert [tile[1].text for tile in tiles if tile.get("class") == "tile bad"] == [value]


def test_everything_is_escaped():
    nasty = "<b a='1'>&\"_x.y:"
    record = full() | {
        "name": nasty, "target": nasty, "target_about": nasty, "command": nasty, "qhw": nasty,
        "settings": {"schemes": {nasty: nasty}, "tools": {nasty: nasty}}, "files": [nasty],
        "host": [{"name": nasty, "kind": nasty}],
        "simulation": {"engine": nasty, "samples": 1, "matches": 1},
        "layers": [layer(nasty, nasty, scheme=nasty, about=nasty)]}
    page = report_html(record)
    assert "<b " not in page
    assert text(page).count(nasty) >= 16


MORE = {
    "fmax_mhz": {"estimate": 51.25, "measured": 48.9},
    "inferences_per_second": {"estimate": 800_781.2, "measured": None},
    "energy_nj": 41.72, "storage_bits": 12_928, "primitives": {"SB_RAM40_4K": 16}}


@pytest.mark.parametrize(("field", "said"), [
    ("fmax_mhz", "Clock 48.9 MHz measured; 51.2 predicted"),
    ("inferences_per_second", "Inferences per second 800,781 predicted"),
    ("energy_nj", "Energy 41.7 nJ per inference, predicted"),
    ("storage_bits", "Storage 12,928 bits"),
    ("primitives", "of 32, 50.0%, measured; 16 SB_RAM40_4K")])
def test_key_figures_where_the_record_has_them(field, said):
    assert said in text(report_html(full() | {field: MORE[field]}))
    assert said not in text(report_html(full()))

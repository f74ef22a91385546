"""The report: what is in it, and that nothing in a record can break it."""

import re
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from qhw.report import layers
from qhw.report.page import error, percent
from qhw.report.record import Record
from qhw.tools.typed import read
from tests.report.pages import cells, costs, full, layer, plain, report_html, text

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
    "digits-ternary", "for ice40hx8k, Lattice iCE40-HX8K; made by qhw 0.1.0",
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


def test_table_of_layers():
    assert cells(report_html(full()), "shapes")[1:3] == [
        ["fc1", "matvec", "8 x 5", "0..16", "4 x 11", "-500..498", "2,048", "4,096", "64"],
        ["act1", "threshold", "8 x 5", "0..16", "4 x 11", "-500..498", "none", "none", "8"]]


def test_table_of_costs():
    assert cells(report_html(full()), "costs")[2:] == [
        ["fc1", "812", "790", "+2.8%", "300", "310", "-3.2%", "8", "8", "0%"],
        ["act1", "40", "50", "-20.0%", "20", "20", "0%", "0", "0", "0%"],
        ["act1_beats8", "812", "790", "+2.8%", "300", "310", "-3.2%", "8", "8", "0%"],
        ["outside the layers", "none", "7", "none", "none", "0", "none", "none", "0", "none"],
        ["whole", "1,664", "1,637", "+1.6%", "620", "640", "-3.1%", "16", "16", "0%"],
        ["of the device", "21.7%", "21.3%", "", "", "", "", "50.0%", "50.0%", ""]]


def test_a_prediction_alone_has_no_error():
    page = report_html({"layers": [layer(measured=None), layer("fc2", measured=None)]})
    assert cells(page, "costs") == [
        ["layer", "LUTs", "Flip-flops", "Block RAMs"], ["fc1", "812", "300", "8"],
        ["fc2", "812", "300", "8"], ["whole", "1,624", "600", "16"]]
    assert "Cost, predicted" in text(page)


def bars(page: str, style: str) -> list[str | None]:
    return [rect.get("width") for rect in ElementTree.fromstring(page).iter("rect")
            if rect.get("class") == style and rect.get("x")]


def test_bars_have_the_longest_as_their_scale():
    page = report_html(full())
    assert bars(page, "slow") == ["100.0%"]
    assert bars(page, "cycles") == ["12.5%", "12.5%"]
    assert bars(page, "estimate")[0] == "100.0%"
    assert bars(page, "measured")[0] == f"{100 * 790 / 812:.2f}%"


def test_shares_are_of_what_was_measured():
    """790 and 50 of 7,680 LUTs; of what was only predicted, 812."""
    def shares(record):
        return next(c.shares for c in layers.charts(read(Record, record)) if c.label == "LUTs")

    assert shares(full()) == ["10.3%", "0.7%", "10.3%"]
    assert shares(RECORDS["predicted"]) == ["10.6%"]


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


@pytest.mark.parametrize(("estimate", "measured", "said"), [
    (110, 100, "+10.0%"), (90, 100, "-10.0%"), (5, 5, "0%"), (0, 0, "0%"), (3, 0, "none"),
    (0, 3, "-100.0%"), (None, 3, "none"), (3, None, "none")])
def test_error(estimate, measured, said):
    assert plain(error(estimate, measured)) == said


@pytest.mark.parametrize(("part", "whole", "said"), [
    (540, 540, "100.0%"), (99_999, 100_000, "99.9%"), (1, 3, "33.3%"), (3, 2, "150.0%")])
def test_percent(part, whole, said):
    assert percent(part, whole) == said


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


def test_uncertainty_beside_the_prediction():
    record = full() | {"uncertainty": {"luts": .06},
                       "layers": [layer(uncertainty={"ffs": .013}), layer("fc2")]}
    rows = cells(report_html(record), "costs")
    assert [row[1] for row in rows[2:5]] == ["812", "812", "40"]
    assert [row[4] for row in rows[2:4]] == ["300 ±1.3%", "300"]
    assert next(row for row in rows if row[0] == "whole")[1] == "1,664 ±6%"
    assert "standard deviation" in text(report_html(record))
    assert "standard deviation" not in text(report_html(full()))


def test_carry_chains_are_a_column_of_their_own():
    page = report_html({"layers": [layer(estimate=costs(5) | {"carries": 7}, measured=None)]})
    assert cells(page, "costs")[:2] == [["layer", "LUTs", "Carry bits"], ["fc1", "5", "7"]]


def test_stalls():
    record = full()
    record["simulation"] |= {"cycles": 1000, "samples": 4, "activity": {
        "fc1": {"moved": 250, "blocked": 100, "idle": 600}}}
    page = report_html(record)
    assert cells(page, "stalls")[1][:5] == ["fc1", "100.0%", "250", "100", "600"]
    assert [bars(page, style) for style in ("moved", "blocked", "idle")] == [
        ["25.0%"], ["10.0%"], ["60.0%"]]
    assert "1,000 cycles of simulation, 4 inferences" in text(page)
    assert "stalls" not in report_html(full())


def test_what_is_outside_layers_is_told_where_all_are_known():
    """One layer has no measured cost: what the others leave of the total is not outside."""
    record = full() | {"layers": [layer(), layer("fc2", measured=None)],
                       "estimate": costs(1624, 600, 16), "measured": costs(1637, 640, 16)}
    rows = cells(report_html(record), "costs")[2:]
    assert [row[0] for row in rows] == ["fc1", "fc2", "whole", "of the device"]
    record["estimate"] = costs(1630, 600, 16)
    rows = cells(report_html(record), "costs")[2:]
    assert next(row for row in rows if row[0] == "outside the layers")[1:3] == ["6", "none"]

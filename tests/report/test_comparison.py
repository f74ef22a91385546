"""The page that compares networks."""

import re
from xml.etree import ElementTree

import pytest

from tests.report.pages import cells, comparison_html, costs, full, report_html, row, text

LAYERS = [{"name": name, "scheme": "ternary", **costs(luts), "carries": 0}
          for name, luts in (("fc1", 2000), ("fc2", 362))]
ROWS = [row("ternary", .9963, 2362, pareto=True, layers=LAYERS),
        row("binary", .98, 1962, pareto=True), row("dfp", 1.0, 9000, fits=False),
        row("ffn", None, 0, error="ffn: does not convolve"), row("po2", None, 3000)]


def test_comparison():
    page = comparison_html({"name": "digits", "target": "ice40hx8k", "rows": ROWS})
    assert cells(page, "schemes")[1:] == [
        ["ternary", "99.63%", "2,362", "9", "1", "0", "5,000", "64", "4.25"],
        ["binary", "98.00%", "1,962", "9", "1", "0", "5,000", "64", "4.25"],
        ["dfp", "100.00%", "9,000", "9", "1", "0", "5,000", "64", "4.25"],
        ["po2", "none", "3,000", "9", "1", "0", "5,000", "64", "4.25"],
        ["ffn", "ffn: does not convolve"]]
    assert cells(page, "stacks") == [["ternary", "", "2,362"]]
    assert "digits: schemes compared for ice40hx8k" in text(page)


def test_accuracy_is_drawn_once_for_each_size():
    """Its points and labels; each drawing is complete in itself and takes its colors from the
    page."""
    page = comparison_html({"target": "ice40hx8k", "rows": ROWS})
    drawings = [svg for svg in ElementTree.fromstring(page).iter("svg")
                if svg.get("class") == "scatter"]
    assert [svg.get("width") for svg in drawings] == ["1120", "690", "350"]
    ids = [{part.get("id") for part in svg.iter() if part.get("id")} for svg in drawings]
    assert not ids[0] & ids[1] and not ids[0] & ids[2] and not ids[1] & ids[2]
    for svg, own in zip(drawings, ids, strict=True):
        drawn = ElementTree.tostring(svg, encoding="unicode")
        assert set(re.findall(r'href="#(.*?)"|url\(#(.*?)\)', drawn)) == {
            (name, "") if name.startswith("m") else ("", name) for name in own}
        assert not re.search("https?:|<style|#[0-9a-f]{6}[;\"]", drawn)
        groups = {kind: svg.findall(f".//g[@class='{kind}']") for kind in ("points", "label")}
        assert sum(len(list(group.iter("use"))) for group in groups["points"]) == 3
        assert [t.text for group in groups["label"] for t in group.iter("text")] == [
            "binary", "ternary", "dfp"]


@pytest.mark.parametrize("rows", [[], ROWS[3:4], ROWS[4:], ROWS[:1], [ROWS[2]] * 9,
                                  [row("a", 0.0, 1), row("b", 1.0, 10**6)]])
def test_any_rows_are_a_comparison(rows):
    page = comparison_html({"target": "asic", "rows": rows})
    assert len(list(ElementTree.fromstring(page).iter("tr"))) >= len(rows)
    assert "schemes" in report_html(full() | {"comparison": {"target": "asic", "rows": rows}})

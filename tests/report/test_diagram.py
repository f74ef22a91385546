"""The picture of a network."""

import pytest

from qhw.report import diagram
from tests.report.pages import PORT, layer, report_html, text, wide


def test_branches_are_drawn_as_branches():
    unit = {"i": None, "o": None}
    page = report_html({"input": PORT, "output": PORT, "layers": [
        layer("fork", "fork", sources=[""], **unit),
        layer("fc1", sources=["fork"]),
        layer("q0", "queue", sources=["fc1"], depth=1),
        layer("q1", "queue", sources=["fork"], depth=37),
        layer("sum", "add", sources=["q0", "q1"])]})
    assert "fork, 2 ways" in text(page)
    assert "queue, 37 deep" in text(page)
    heads = [path for path in wide(page).iter("path") if path.get("class") == "head"]
    assert len(heads) == 7


def test_every_input_of_a_join_meets_its_box():
    page = report_html({"layers": [layer(f"x{k}") for k in range(6)] + [
        layer("all", "concat", sources=[f"x{k}" for k in range(6)])]})
    drawing = wide(page)
    box = [rect for rect in drawing.iter("rect") if rect.get("class") == "box"][-1]
    top, height = float(box.get("y")), float(box.get("height"))
    ends = [float(path.get("d").split()[1]) for path in drawing.iter("path")
            if path.get("class") == "head"]
    assert len(ends) == 5 + 6
    assert sum(top < y < top + height for y in ends) >= 6


@pytest.mark.parametrize("letters", range(10, 30))
def test_a_name_keeps_its_distance_from_both_edges(letters):
    """It is broken exactly where the box less both margins ends."""
    lines = diagram._fitting([("name", "a" * letters)])
    assert "".join(text for _, text in lines) == "a" * letters
    fits = letters * diagram.MONO + diagram.PAD + diagram.PAD <= diagram.WIDTH
    assert (len(lines) == 1) == fits

"""Schemes side by side: what is compared, which are best, and what is written of it."""

import csv
import json

import numpy as np
import pytest
from matplotlib.text import Text

import qhw
from qhw.errors import ModelError, QhwError
from qhw.exploration.sweep import front, in_schemes, mark, split_schemes
from qhw.report import pictures
from qhw.report.rows import Row
from qhw.schemes import parse, schemes
from tests.tiny import tiny_samples


def test_the_front_by_hand():
    """a: 10 % wrong at 5; b: 10 % at 4 beats it; c: 5 % at 9; d: 5 % at 9 too; e: 6 % at 10 is
    beaten by c; f: 0 at 20; g: 50 % at 3."""
    values = [(0.1, 5), (0.1, 4), (0.05, 9), (0.05, 9), (0.06, 10), (0, 20), (0.5, 3)]
    assert front(values) == {1, 2, 3, 5, 6}
    assert front([]) == set() and front([(1, 1)]) == {0}


def row(scheme, accuracy, luts, fits=True, target="t", **more):
    return Row(**{"scheme": scheme, "target": target, "accuracy": accuracy, "luts": luts,
                  "fits": fits, "relative_error": 0.5, **more})


def test_who_is_on_the_front():
    """Only what fits its target counts, if anything does; each target has its own front."""
    found = mark([row("a", 0.9, 10), row("b", 0.99, 5, fits=False), row("c", 0.8, 10),
                  row("a", 0.9, 50, False, "u"), row("b", 0.8, 60, False, "u"),
                  Row(scheme="d", target="t", error="no")], "luts")
    assert [r.pareto for r in found] == [True, False, False, True, False, False]


def test_without_accuracy_the_error_of_the_weights_counts():
    found = mark([row("a", None, 10, relative_error=0.1), row("b", None, 10, relative_error=0.2),
                  row("c", None, 5, relative_error=0.2)], "luts")
    assert [r.pareto for r in found] == [True, False, True]


@pytest.mark.parametrize(("text", "found"), [
    ("binary", ["binary"]),
    ("binary,inq", ["binary", "inq"]),
    ("shiftcnn:terms=2,bits=4,inq", ["shiftcnn:terms=2,bits=4", "inq"]),
    ("fc1=shiftcnn:terms=2,bits=4,fc2=inq", ["fc1=shiftcnn:terms=2,bits=4", "fc2=inq"]),
    ("fc1=inq,fc2=fixed:bits=3", ["fc1=inq", "fc2=fixed:bits=3"]),
    ("all,fixed:bits=3", [*schemes, "fixed:bits=3"])])
def test_lists_of_schemes(text, found):
    assert split_schemes(text) == found


def test_mixes(tiny):
    graph = qhw.load(tiny)
    assert in_schemes(graph, "fc1=inq,fc2=fixed:bits=3") == {
        "fc1": parse("inq"), "fc2": parse("fixed:bits=3")}
    assert in_schemes(graph, "inq,fc2=binary") == {"fc1": parse("inq"), "fc2": parse("binary")}
    assert in_schemes(qhw.load("digits-ternary"), "fc2=binary") == {"fc2": parse("binary")}


@pytest.mark.parametrize(("text", "says"), [
    ("fc1=inq", "layer 'fc2' has no scheme"),
    ("fc9=inq", "no layer with weights is called 'fc9' \\(fc1, fc2\\)"),
    ("fc1=inq,fc2=binry", "Input should be a scheme"),
    ("binry", "Input should be a scheme"),
    ("fixed:bit=3", "has no parameter 'bit'"),
    ("fixed:bits=99", "2 to 16 bits, not 99"),
    ("", "no scheme to try")])
def test_what_is_no_scheme(text, says, tiny):
    with pytest.raises(ModelError, match=says):
        qhw.compare(tiny, "xc7", "" if not text else "binary", mixes=[text] if text else [])


def test_rows_are_what_the_verbs_say(tiny, tmp_path):
    """Accuracy and cost are those of the network that quantize writes."""
    x, labels = tiny_samples()
    known = qhw.compare(tiny, "ecp5-25k", "ternary", mixes=["fc1=inq,fc2=fixed:bits=3"], x=x,
                        labels=labels, options={"cycles": 8}, jobs=1)
    assert {r["scheme"] for r in known["rows"]} == {"ternary", "fc1=inq,fc2=fixed:bits=3"}
    for found in known["rows"]:
        mixed = found["scheme"] != "ternary"
        said = qhw.quantize(tiny, "inq" if mixed else "ternary", tmp_path / f"q{mixed}", x=x,
                            layers={"fc2": "fixed:bits=3"} if mixed else {}, labels=labels)
        cost = qhw.estimate(tmp_path / f"q{mixed}", "ecp5-25k", cycles=8)
        assert (found["correct"], found["accuracy"]) == (said["correct"], said["accuracy"])
        assert found["unquantized_accuracy"] == said["float_accuracy"]
        assert np.isclose(found["bits_per_weight"], said["bits_per_weight"])
        for kind in ("luts", "ffs", "brams", "dsps"):
            assert found[kind] == cost[kind] == sum(layer[kind] for layer in found["layers"])
        assert (found["cycles"], found["latency"]) == (cost["cycles_per_inference"],
                                                       cost["latency_cycles"])
        assert found["fold"] == {"cycles": 8} and found["error"] is None and found["fits"]


def test_networks_that_have_schemes_already():
    """The layers' real values are quantized anew: exactly, where they can be."""
    known = qhw.compare("digits-ternary", "ice40hx8k", "binary,fixed:bits=2,fixed:bits=8", limit=50)
    by_name = {r["scheme"]: r for r in known["rows"]}
    assert known["samples"] == 50
    assert by_name["fixed:bits=2"]["relative_error"] < 1e-9 < by_name["binary"]["relative_error"]
    assert by_name["fixed:bits=2"]["accuracy"] == by_name["binary"]["unquantized_accuracy"]
    assert known["rows"][-1]["scheme"] == "binary"


def test_a_scheme_that_cannot_do_a_layer_is_a_row(tiny):
    known = qhw.compare(tiny, "xc7", "product:length=3,binary", jobs=1)
    assert [r["scheme"] for r in known["rows"]] == ["binary", "product:length=3"]
    assert known["rows"][1]["error"].startswith("layer 'fc1': Pieces of 3 inputs")
    with pytest.raises(QhwError, match="tiny: nothing can be had: layer 'fc1': Pieces of 3"):
        qhw.compare(tiny, "xc7", "product:length=3", jobs=1)


def test_what_is_written(tiny, tmp_path):
    out = tmp_path / "out"
    known = qhw.compare(tiny, "ecp5-25k", "binary,inq,product:length=3", output=out, jobs=1)
    assert sorted(p.name for p in out.iterdir()) == [
        "accuracy.png", "accuracy.svg", "compare.csv", "compare.html", "compare.json", "cost.png",
        "cost.svg", "qhw-manifest.json"]
    assert json.loads((out / "compare.json").read_text()) == known
    with (out / "compare.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [(r["scheme"], r["luts"]) for r in table] == [
        (r["scheme"], str(r["luts"] or "")) for r in known["rows"]]
    assert "binary" in (out / "compare.html").read_text()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(QhwError, match="was not written by qhw"):
        qhw.compare(tiny, "ecp5-25k", "binary", output=tmp_path / "mine")


def labels_of(figure):
    """The texts beside the markers and where they are."""
    figure.draw_without_rendering()
    axes, = figure.axes
    return [(t.get_text(), Text.get_window_extent(t)) for t in axes.texts]


def marks(rows, size=(9, 6)):
    """The numbers on the axes."""
    figure = pictures.accuracy(rows, size=size)
    figure.draw_without_rendering()
    axes, = figure.axes
    return ([t.get_text() for t in axis.get_ticklabels()] for axis in (axes.xaxis, axes.yaxis))


def test_axes_have_round_numbers():
    """Over decades, in a narrow range, and where nothing is lost."""
    luts, accuracies = marks([row("a", 0.9, 100), row("b", 1.0, 100_000), row("c", 0.99, 5000)])
    assert {"100", "1,000", "10,000", "100,000"} <= set(luts) and len(luts) <= 12
    assert {"90 %", "99 %", "100 %"} <= set(accuracies)
    luts, accuracies = marks([row("a", 0.981, 2410), row("b", 0.983, 2590)])
    assert luts[:3] == ["2,400", "2,420", "2,440"]
    assert {"98.1 %", "98.15 %", "98.3 %"} <= set(accuracies)
    assert list(marks([row("a", None, 5, relative_error=0.1),
                       row("b", None, 9, relative_error=0.01)]))[1][:2] == ["0.01", "0.015"]


@pytest.mark.parametrize("seed", range(4))
def test_pictures_name_every_scheme_and_no_label_covers_another(seed):
    """Even if most schemes are about as good and as large as each other."""
    rng = np.random.default_rng(seed)
    rows = mark([row(name, float(a), int(luts)) for name, a, luts in zip(
        schemes, np.clip(rng.normal(0.98, 0.03, len(schemes)), 0, 1),
        10 ** rng.normal(4, 0.2, len(schemes)), strict=True)], "luts")
    figure = pictures.accuracy(rows, "random")
    found = labels_of(figure)
    assert sorted(name for name, _ in found) == sorted(schemes)
    boxes = [box for _, box in found]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    area = figure.axes[0].get_window_extent()
    assert all(area.x0 <= b.x0 and b.x1 <= area.x1 and area.y0 <= b.y0 and b.y1 <= area.y1
               for b in boxes)
    assert pictures.files("a", figure) == pictures.files("a", pictures.accuracy(rows, "random"))

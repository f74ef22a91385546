"""Schemes side by side: what their rows say, and what is written of them."""

import csv
import json
import sys

import numpy as np
import pytest

import qhw
from qhw.errors import QhwError
from tests.tiny import tiny_samples


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


def test_answers_are_judged_by_any_metric(tiny, tmp_path, monkeypatch):
    """The metric is given the answers of the quantized network, in the worker too; another text of
    its function is another row."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    x, labels = tiny_samples()
    wanted = labels + .5

    def rows(text, metric):
        (tmp_path / "judge_of_answers.py").write_text(text)
        return qhw.compare(tiny, "ecp5-25k", "ternary", x=x, labels=wanted, metric=metric, jobs=1)

    text = "def far(y, of):\n    return abs(y.ravel() - of).mean()\n"
    qhw.quantize(tiny, "ternary", tmp_path / "q")
    answers = qhw.simulate(tmp_path / "q", x).y.ravel()
    found = rows(text, "judge_of_answers:far:min")["rows"][0]
    assert found["score"] == abs(answers - wanted).mean()
    assert found["metric"] == "judge_of_answers:far:min"
    assert "accuracy" not in found or found["accuracy"] is None
    assert rows(text, "judge_of_answers:far:min")["computed"] == 0
    assert rows(text + "#", "judge_of_answers:far:min")["computed"] == 1
    assert qhw.compare(tiny, "ecp5-25k", "ternary", x=x, labels=wanted, metric="mse", jobs=1)[
        "rows"][0]["score"] == np.square(answers - wanted).mean()


def test_a_metric_that_cannot_judge_says_so(tiny):
    x, labels = tiny_samples()
    with pytest.raises(QhwError, match="metric top-5: it needs a score of each class"):
        qhw.compare(tiny, "ecp5-25k", "ternary", x=x, labels=labels, metric="top-5", jobs=1)


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


def test_schemes_look_at_calibration_samples_alone(tiny):
    """The error of the weights is that of the calibration, whatever the accuracy is measured on."""
    x, labels = tiny_samples()
    found = [qhw.compare(tiny, "xc7", "bwnh", x=x[rows], labels=labels[rows], calibration=others,
                         jobs=1)["rows"][0]["relative_error"]
             for rows in (slice(20), slice(20, 40)) for others in (None, x[:9], x[:9] // 8)]
    assert found[:3] == found[3:] and len({*found}) == 3


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

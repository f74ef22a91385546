"""Schemes on chips: the product of them all, and the same command after an interruption."""

import json
import signal
import subprocess
import sys
import time

import pytest

import qhw
from tests import interrupts
from tests.tiny import tiny_samples

from .test_workers import SCHEMES


def test_the_product_and_its_record(tiny, tmp_path):
    x, labels = tiny_samples()
    known = qhw.explore(tiny, ["ecp5-25k", "ice40hx8k"], "binary,fixed", cycles=[1, 32], x=x,
                        labels=labels, output=tmp_path / "out", jobs=2)
    assert [(r["scheme"], r["target"], r["fold"], r["cycles"]) for r in known["rows"]] == [
        (scheme, target, {"cycles": n}, n) for scheme in ("binary", "fixed")
        for target in ("ecp5-25k", "ice40hx8k") for n in (1, 32)]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "cost.png", "cost.svg", "explore.csv", "explore.html", "explore.json", "qhw-manifest.json",
        "tradeoff.png", "tradeoff.svg"]
    assert json.loads((tmp_path / "out" / "explore.json").read_text()) == known
    header = (tmp_path / "out" / "explore.csv").read_text().splitlines()[0].split(",")
    assert {"scheme", "target", "asked_cycles", "cycles", "accuracy", "pareto"} <= set(header)
    again = qhw.explore(tiny, ["ecp5-25k", "ice40hx8k"], "binary,fixed,inq", cycles=[1, 32], x=x,
                        labels=labels, jobs=2)
    assert (known["computed"], again["computed"]) == (8, 4)
    assert qhw.compare(tiny, "ecp5-25k", "inq", x=x, labels=labels, options={"cycles": 32}
                       )["computed"] == 0     # explored before


def test_synthesized_for_real(tiny):
    """A point is what ``synth`` says."""
    known = qhw.explore(tiny, ["ice40hx8k"], "binary", cycles=[32], synth=True, jobs=1)
    qhw.quantize(tiny, "binary", tiny.parent / "q")
    measured = qhw.synth(tiny.parent / "q", "ice40hx8k", cycles=32)
    found, = known["rows"]
    assert (found["luts"], found["ffs"]) == (measured["luts"], measured["ffs"])


POINTS = 60
"""Of the command that is ended in the middle."""


def start(tiny, *more):
    return subprocess.Popen(
        [sys.executable, "-m", "qhw", "explore", str(tiny), "--targets",
         "ecp5-25k,xc7,asic", "--schemes", SCHEMES, "--cycles", "1,2,4,8", "--json", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=interrupts.heard)


def kept(tmp_path):
    return len([p for p in (tmp_path / "cache").rglob("*.json") if "folds" not in p.parts])


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_interrupted_and_resumed(sent, status, tiny, tmp_path):
    """What was computed is not computed again, whatever ends the command."""
    process = start(tiny, "-j", "2")
    while kept(tmp_path) < 6:
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(sent)
    shown, said = process.communicate(timeout=60)
    assert process.returncode == status and shown == ""
    assert said.splitlines() == ([] if status < 0 else [
        "qhw: interrupted; completed rows are kept; the same command continues from there"])
    before = kept(tmp_path)
    assert 6 <= before < POINTS
    shown, said = start(tiny).communicate(timeout=300)
    known = json.loads(shown)
    assert said == "" and known["computed"] == POINTS - before
    assert len({(r["scheme"], r["target"], r["fold"]["cycles"]) for r in known["rows"]}) == POINTS

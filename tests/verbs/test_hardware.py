"""Builds: what samples through the Verilog say, and what is not written."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import qhw
from qhw import verbs
from qhw.errors import ModelError, QhwError
from qhw.fold.goal import Goal
from qhw.loaders import shipped
from qhw.simulators import verilator_sim
from tests.board.test_bitstream import network
from tests.command import asked

MODEL = "digits-binary"


@pytest.fixture(scope="module")
def digits():
    x, labels = verbs.read_input(shipped()[MODEL].parent / "digits" / "test.npz", 9)
    return x.astype(np.int64), labels


def test_build_puts_samples_through_the_verilog(tmp_path, digits):
    x, labels = digits
    np.savez(tmp_path / "x.npz", x=x, y=labels)
    known = asked("build", MODEL, "-o", tmp_path / "out", "--input", tmp_path / "x.npz")
    found = asked("simulate", MODEL, "--input", tmp_path / "x.npz", "--engine", "verilator",
                  "--trace-layers")
    assert known == json.loads((tmp_path / "out" / "report.json").read_text())
    said = known["simulation"]
    assert (said["samples"], said["matches"], said["cycles"]) == (9, 9, found["cycles"])
    assert said["activity"] == found["activity"]
    assert known["accuracy"] == {"correct": found["correct"], "samples": 9}
    assert "Cycles and stalls" in (tmp_path / "out" / "report.html").read_text()


def test_without_labels_there_is_no_accuracy(tmp_path, digits):
    assert "accuracy" not in qhw.build(MODEL, tmp_path / "out", x=digits[0])


def test_hardware_that_differs_is_not_written(tmp_path, digits, monkeypatch):
    simulate = verilator_sim.simulate

    def wrong(*args, **more):
        run = simulate(*args, **more)
        codes = run.codes.copy()
        codes[:2] += 1
        return replace(run, codes=codes)

    monkeypatch.setattr(verilator_sim, "simulate", wrong)
    with pytest.raises(QhwError, match="differs from the golden on 2 of 9 samples"):
        qhw.build(MODEL, tmp_path / "out", x=digits[0])
    assert not (tmp_path / "out").exists()


def test_a_rate_that_the_clock_does_not_allow(tmp_path, monkeypatch):
    monkeypatch.setattr("qhw.verbs.hardware.bitstream", lambda *a, **m: (
        {}, SimpleNamespace(inferences_per_second=100.0, clock_mhz=20.0)))
    with pytest.raises(ModelError, match="bits: icebreaker reaches 20 MHz and 100 inferences/s, "
                                         "fewer than 1000; add --clock 20"):
        qhw.build(network(), tmp_path / "out", board="icebreaker", goal=Goal(fps=1000))

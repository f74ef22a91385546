"""What a simulation counts at each layer's output, and how it gets into the report."""

import json
from dataclasses import replace

import numpy as np
import pytest

import qhw
from qhw import verbs
from qhw.design.top import stages
from qhw.errors import QhwError
from qhw.loaders import shipped
from qhw.lower import lower
from qhw.simulators import verilator_sim
from tests.command import asked

MODEL = "digits-binary"


@pytest.fixture(scope="module")
def digits():
    x, labels = verbs.read_input(shipped()[MODEL].parent / "digits" / "test.npz", 9)
    return x.astype(np.int64), labels


@pytest.mark.parametrize("stalls", [None, 3])
def test_every_beat_is_counted_once(digits, stalls):
    found = qhw.simulate(MODEL, digits[0], engine="verilator", trace=True, stalls=stalls)
    units = {unit.name: unit for unit in stages(lower(qhw.load(MODEL))) if unit.node}
    assert found.activity.keys() == units.keys()
    for name, counted in found.activity.items():
        unit = units[name]
        assert counted["moved"] == 9 * unit.y.size // unit.o_lanes
        assert sum(counted.values()) <= found.cycles
    assert (sum(counted["blocked"] for counted in found.activity.values()) > 0) == bool(stalls)


def test_only_the_traced_simulation_counts(digits):
    assert qhw.simulate(MODEL, digits[0], engine="verilator").activity == {}
    assert qhw.simulate(MODEL, digits[0], trace=True).activity == {}


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

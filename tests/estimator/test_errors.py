"""Errors of estimates as they are published."""

import json

import pytest

from qhw.estimator import ERRORS
from qhw.estimator.errors import error_report
from qhw.targets import target


def test_the_error_report_is_what_the_held_out_samples_say():
    accuracy = pytest.importorskip("sim.calibrate.accuracy")
    known = json.loads(ERRORS.read_text())
    found = accuracy.pairs("ice40hx8k")
    assert len(found) == known["networks"] >= 50
    assert accuracy.of(found) == known["targets"]["ice40hx8k"]
    from sim.calibrate.fit import held_out, rows
    assert not {k for k, _, _ in found} - held_out()
    assert {row[3] for row in rows("gw1n-9c")}      # the samples make what they were measured on


def test_every_error_has_its_place():
    """As the file has them, of kinds of cost that are spread and of those that are counted."""
    known, found = json.loads(ERRORS.read_text()), error_report()
    assert found.networks == known["networks"] and found.json() == known
    for name, errors in found.targets.items():
        assert target(name).name == name
        assert 0 <= errors.luts.median <= errors.luts.p95 < 1
        assert 0 < errors.brams.exact <= found.networks

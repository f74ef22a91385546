"""Simulations: what equals the golden, what is classified right, and what is written."""

from dataclasses import replace

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.simulators import amaranth_sim
from qhw.simulators.run import Run
from qhw.verbs.simulation import Simulation, equal
from tests.board.test_bitstream import network

LABELS = np.array([0, 2, 1])


def test_equal_sample_by_sample():
    a = np.arange(12).reshape(3, 2, 2)
    b = a.copy()
    b[1, 1, 0] += 1
    assert equal(a, b).tolist() == [True, False, True]
    assert equal(a[:, 0, 0], b[:, 0, 1]).tolist() == [False, False, False]


def simulation(y, codes):
    return Simulation(np.array(y, float), np.array(codes), None, 0.0, 3, {})


def test_the_class_is_the_code_or_the_largest_of_the_real_outputs():
    """Codes alone are no classes where a scale and an offset follow on the host."""
    assert simulation([[0], [2], [2]], [[0], [2], [2]]).correct(LABELS) == 2
    found = simulation([[3, 1, 2], [0, 0, 1], [5, 9, 7]], [[9, 1, 1], [9, 0, 0], [9, 0, 0]])
    assert found.correct(LABELS) == 3
    assert simulation(np.zeros((3, 2, 2)), np.zeros((3, 2, 2), int)).correct(LABELS) is None


def test_what_is_written(tmp_path):
    found = replace(simulation([[0.5], [1.5]], [[1], [3]]), trace={"fc1": np.array([[7], [8]])})
    found.write(tmp_path / "y.npz")
    with np.load(tmp_path / "y.npz") as file:
        assert {name: file[name].tolist() for name in file.files} == {
            "y": [[0.5], [1.5]], "codes": [[1], [3]], "layer.fc1": [[7], [8]]}
        assert (file["y"].dtype, file["codes"].dtype) == (np.float64, np.int64)


def test_a_sample_matches_if_its_output_and_all_its_layers_do(monkeypatch):
    """Of five, one has a wrong code and another a wrong layer behind a right one."""
    x = np.random.default_rng(0).integers(0, 4, (5, 8))
    exact = qhw.simulate(network(), x, trace=True)
    assert exact.matches == 5 and exact.cycles is None and exact.trace
    codes, trace = exact.codes.copy(), {n: v.copy() for n, v in exact.trace.items()}
    codes[1] += 1
    next(iter(trace.values()))[3] += 1
    monkeypatch.setattr(amaranth_sim, "simulate",
                        lambda *args, **more: Run(codes, 99, trace if more["trace"] else {}))
    found = qhw.simulate(network(), x, engine="amaranth", trace=True)
    assert (found.matches, found.cycles) == (3, 99)
    assert qhw.simulate(network(), x, engine="amaranth").matches == 4


def test_a_netlist_is_of_a_chip():
    with pytest.raises(ModelError, match="A netlist needs a chip: give a target or a board"):
        qhw.simulate(network(), np.zeros((1, 8), int), engine="netlist")

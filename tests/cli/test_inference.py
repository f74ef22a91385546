"""``qhw simulate`` as a user meets it."""

import numpy as np
import pytest

from qhw.tools.files import write_npz
from tests.command import asked, fails, run


@pytest.mark.parametrize("engine", ["golden", "amaranth", "verilator"])
def test_simulate(engine, digits, tmp_path):
    out = tmp_path / "y.npz"
    known = asked("simulate", "digits-ternary", "--input", digits, "--output", out,
                  "--engine", engine, "--limit", 5, "--trace-layers")
    assert (known["samples"], known["matches_golden"], known["correct"]) == (5, True, 5)
    assert known["cycles"] == (None if engine == "golden" else 172 + 4 * 64)
    with np.load(out) as file:
        assert file["y"].dtype == np.float64 and file["codes"].dtype == np.int64
        assert file["codes"].shape == (5, 1)
        assert {"layer.fc1", "layer.act1", "layer.class"} <= set(file.files)
        assert file["layer.fc1"].shape == (5, 64)


@pytest.mark.parametrize(("arrays", "says"), [
    ({"x": np.full((2, 64), 17)}, "Input codes must be in 0..16, not 17..17"),
    ({"x": np.zeros((2, 63))}, "Input must be (samples, 64), not (2, 63)"),
    ({"x": np.full((2, 64), np.nan)}, "x[0, 0] is nan, not finite"),
    ({"x": np.full((2, 64), "a")}, "x must be integer or floating point"),
    ({"x": np.zeros(64)}, "x must be (samples, *shape), not (64,)"),
    ({"x": np.zeros((0, 64))}, "x must be (samples, *shape), not (0, 64)"),
    ({"z": np.zeros((2, 64))}, "there is no array x (it has z)"),
])
def test_input_that_does_not_fit(arrays, says, tmp_path):
    np.savez(tmp_path / "x.npz", **arrays)
    out = tmp_path / "y.npz"
    write_npz(out, {"y": np.zeros(1)})
    before = out.read_bytes()
    fails("simulate", "digits-ternary", "--input", tmp_path / "x.npz", "--output", out, says=says)
    assert out.read_bytes() == before


def test_a_compiler_that_fails(digits, tmp_path):
    fails("simulate", "digits-ternary", "--input", digits, "--engine", "verilator",
          says="failed with status 1", env={"QHW_CACHE": str(tmp_path / "cache"), "CXX": "false"})


def test_for_people(digits):
    shown = run("simulate", "digits-ternary", "--input", digits).stdout
    assert "8 of 8 samples equal the golden" in shown
    assert "8 of 8 are classified right" in shown


def test_a_waveform_is_of_the_compiled_verilog(digits, tmp_path):
    """It is refused of other engines, and before anything is computed if it would replace a file.
    """
    waves = tmp_path / "net.vcd"
    fails("simulate", "digits-ternary", "--input", digits, "--waves", waves,
          says="give the engine verilator, not golden")
    waves.write_text("somebody else's")
    fails("simulate", "digits-ternary", "--input", digits, "--waves", waves,
          "--engine", "verilator", says="not written by qhw")
    assert waves.read_text() == "somebody else's"

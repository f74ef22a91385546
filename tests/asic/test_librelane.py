"""What is built for LibreLane."""

import json

import numpy as np
import pytest

import qhw
from qhw.asic.librelane import Asic, librelane
from qhw.cli import main
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input
from qhw.ops import Threshold
from qhw.targets import target


@pytest.mark.parametrize(("words", "wrong"), [
    (["--tiles", "1x1"], "--tiles go with --tinytapeout"),
    (["--author", "me"], "--author and"), (["--asic", "--tinytapeout"], "choose one"),
    (["--period", "5"], "--period goes with"), (["--asic", "--period", "-5"], "more than 0 ns"),
    (["--tinytapeout", "--baud", "50000000"], "baud are too many")])
def test_options_that_go_nowhere(words, wrong, tiny, tmp_path, capsys, monkeypatch):
    """Refused in a line, and nothing is written."""
    monkeypatch.setattr("sys.argv", ["qhw", "build", str(tiny), "--target", "asic", "-o",
                                     str(tmp_path / "out"), *words])
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr().err
    assert stop.value.code == 1 and wrong in said and said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_what_is_built_for_librelane(tiny, tmp_path):
    known = qhw.build(tiny, tmp_path / "out", target="asic", asic=Asic(10))
    assert {"config.json", "tiny.sdc", "tiny.v", "README.md"} <= set(known["files"])
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == known["files"]
    assert known["asic"] == {"clock_hz": 100_000_000}
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Transistors" in page and "Gates" in page and "LUT" not in page


def network():
    step = Threshold(np.array([[0, 2], [0, 2]]), np.zeros(2, bool))
    return Graph("net", (Node("in", Input((2,), Int(-4, 3))), Node("step", step, ("in",))))


def test_constraints_by_hand():
    """A fifth of 20 ns is for what is outside, and a quarter of a nanosecond for jitter."""
    files = librelane(network(), target("asic"), Asic())
    assert set(files) == {"net.v", "net.sdc", "config.json", "README.md"}
    rows = files["net.sdc"].splitlines()
    assert rows[:2] == ["create_clock -name clk -period 20 [get_ports clk]",
                        "set_clock_uncertainty 0.25 [get_clocks clk]"]
    assert "set_input_delay 4 -clock clk [get_ports {s_axis_tdata[*]}]" in rows
    assert "set_output_delay 4 -clock clk [get_ports m_axis_tvalid]" in rows
    assert "set_input_delay 4 -clock clk [get_ports rst]" in rows
    assert not any(row.endswith("delay 4 -clock clk [get_ports clk]") for row in rows)


def test_a_short_period_has_less_jitter():
    """A twentieth of two nanoseconds."""
    files = librelane(network(), target("asic"), Asic(2))
    assert "set_clock_uncertainty 0.1 [" in files["net.sdc"]
    config = json.loads(files["config.json"])
    assert (config["CLOCK_PERIOD"], config["DESIGN_NAME"]) == (2, "net")
    assert config["CLOCK_PORT"] == "clk"
    assert config["VERILOG_FILES"] == ["dir::net.v"] and config["FP_CORE_UTIL"] == 40
    assert "500" in files["README.md"]


@pytest.mark.parametrize(("period", "hertz"), [(20, 50_000_000), (3, 333_333_333)])
def test_clocks(period, hertz):
    assert Asic(period).clock_hz == hertz


@pytest.mark.parametrize("period", [0, -1, float("inf"), float("nan")])
def test_periods_that_are_none(period):
    with pytest.raises(ModelError, match="period must be more than 0 ns, not"):
        Asic(period)

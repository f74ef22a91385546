"""Folding to a goal from the command line."""

import json

import pytest
import typer
from typer.testing import CliRunner

from qhw.cli.goals import placed
from qhw.fold.goal import Goal
from qhw.graph import PeSimd
from tests.command import asked, fails, run


def test_estimate_fits_a_board():
    known = asked("estimate", "digits-fixed4", "--board", "ice40-hx8k-evn")
    goal = known["goal"]
    assert known["shortfalls"] == [] and known["target"] == "ice40hx8k"
    assert goal["exact"] and goal["bound"] == {"cycles": known["cycles_per_inference"]}
    assert goal["fps"] == pytest.approx(12e6 / known["cycles_per_inference"])
    for kind in ("luts", "brams"):
        assert known[kind] <= goal["limits"][kind] < known["capacity"][kind]


def test_a_build_has_its_folds_and_they_can_be_given_again(tmp_path):
    words = ["--target", "ecp5-25k", "--fps", "100000", "--clock", "25", "--max-luts", "6000"]
    known = asked("build", "digits-ternary", "-o", tmp_path / "a", *words)
    assert known["cycles_per_inference"] <= 250
    assert known["goal"]["asked"] == {"fps": 100000, "clock_mhz": 25, "luts": 6000}
    (tmp_path / "f.json").write_text(json.dumps(known["goal"]["folds"]))
    asked("build", "digits-ternary", "-o", tmp_path / "b", "--target", "ecp5-25k", "--fold",
          tmp_path / "f.json")
    name = "digits_ternary.v"
    assert (tmp_path / "a" / name).read_text() == (tmp_path / "b" / name).read_text()


def test_simulation_at_a_rate(digits):
    words = ["simulate", "digits-ternary", "--input", digits, "--board", "icebreaker", "--fps",
             "20000"]
    known = asked(*words, "--engine", "verilator", "--limit", 5)
    goal = known["goal"]
    again = asked(*words, "--engine", "verilator", "--limit", 6)
    assert again["cycles"] - known["cycles"] == goal["cycles"] <= 600
    assert known["matches_golden"]
    assert "Folded for an inference every" in run(*words).stdout


@pytest.mark.parametrize(("words", "says"), [
    (["--board", "icebreaker", "--max-luts", "200"], "folded to the smallest it needs"),
    (["--board", "icebreaker", "--fps", "6000000"], "and the fastest that fits takes"),
    (["--target", "ice40hx8k", "--board", "icebreaker"], "not both"),
    (["--board", "icebraker"], "Board 'icebraker' is not one of"),
    (["--target", "ice40hx8k", "--fps", "100"], "--fps needs a clock: add --clock MHZ or --board"),
    (["--target", "ice40hx8k", "--fps", "-1", "--clock", "12"], "fps must be more than 0, not -1"),
    (["--target", "ice40hx8k", "--clock", "12"], "--clock needs --fps"),
    (["--target", "xc7", "--fit"], "xc7 has no size to fit"),
    (["--fps", "100", "--clock", "12"], "give a target or a board"),
    ([], "give a target or a board"),
])
def test_what_is_wrong_is_one_line(words, says):
    fails("estimate", "digits-ternary", *words, says=says)


def test_folds_of_a_file_stay_and_may_be_of_any_layer(tmp_path):
    (tmp_path / "f.json").write_text('{"fc1": {"pe": 2, "simd": 4}, "act1": {"lanes": 1}}')
    words = ["estimate", "digits-ternary", "--fold", tmp_path / "f.json"]
    plain = asked(*words, "--target", "ice40hx8k")
    assert "goal" not in plain and plain["cycles_per_inference"] == 512
    found = asked(*words, "--target", "ice40hx8k", "--fit")
    assert found["goal"]["folds"]["fc1"] == {"pe": 2, "simd": 4}
    assert found["cycles_per_inference"] == 512 and found["luts"] <= plain["luts"]
    (tmp_path / "f.json").write_text('{"act1": {"lanes": 3}}')
    fails(*words, "--target", "ice40hx8k", says="Fold of 'act1': lanes 3 are none of 1, 2, 4, 8")
    (tmp_path / "f.json").write_text('{"act1": {"pe": 2, "simd": 3}}')
    fails(*words, "--target", "ice40hx8k", says="it has lanes, not PE and SIMD")


def test_a_board_takes_a_clock_beside_folds(tmp_path):
    """The other layers' folds are searched for, and at that clock."""
    app, given = typer.Typer(), {}
    app.command()(placed(lambda to: given.update(to)))
    (tmp_path / "f.json").write_text('{"fc1": {"pe": 2, "simd": 4}}')
    words = ["--board", "icebreaker", "--clock", "24", "--fold", str(tmp_path / "f.json")]
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert given == {"target": None, "board": "icebreaker", "goal": Goal(clock_mhz=24),
                     "folds": {"fc1": PeSimd(2, 4)}, "cycles": None}


def test_a_clock_that_is_none():
    fails("estimate", "digits-ternary", "--target", "xc7", "--spatial", "--clock", "nan",
          says="more than 0 MHz")

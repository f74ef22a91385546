"""Benches and proofs start from a clone alone, and say what data beside it they go without."""

import subprocess
import sys
from pathlib import Path

import pytest

from sim import beside
from sim.bench.hardware import FILES, runnable
from sim.words import words

ROOT = Path(__file__).parents[2]
COMMANDS = [path.relative_to(ROOT) for path in sorted((ROOT / "sim").rglob("*.py"))
            if "words(__doc__" in path.read_text(encoding="utf-8")
            or "argparse.ArgumentParser(" in path.read_text(encoding="utf-8")]
COMMANDS.remove(Path("sim/words.py"))


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("path", COMMANDS, ids=str)
def test_every_command_says_what_it_does(path):
    name = ".".join(path.with_suffix("").parts).removesuffix(".__main__")
    found = subprocess.run([sys.executable, "-m", name, "--help"], cwd=ROOT, capture_output=True,
                           text=True, check=True)
    assert found.stdout.startswith("usage: ")
    assert found.stderr == ""


def test_workloads_that_are_not_there_are_left_out_in_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(beside, "SHARED", tmp_path)
    beside.there.cache_clear()
    assert runnable([*FILES, "p:xc7", "p"]) == ["p:xc7", "p:ice40"]
    assert runnable(["a"]) == []
    said, = capsys.readouterr().out.splitlines()
    assert said == ("../shared/bench/weights is not beside the project: without workloads "
                    "a, b, c, d, e")
    beside.there.cache_clear()


@pytest.mark.parametrize(("given", "found"), [([], ["one", "two"]), (["two"], ["two"])])
def test_words_are_those_of_the_command_line(monkeypatch, given, found):
    monkeypatch.setattr(sys, "argv", ["bench", *given])
    assert words("About.", ["one", "two"], ["one", "two"]) == found


def test_other_words_are_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", "three"])
    with pytest.raises(SystemExit, match="2"):
        words("About.", ["one"], ["one", "two"])
    assert "'three' is not one of one, two" in capsys.readouterr().err

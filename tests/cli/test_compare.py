"""``qhw compare`` and ``explore`` as a user meets them."""

import csv
import shlex

import numpy as np
import pytest

from tests.command import asked, fails, run
from tests.tiny import tiny_samples, write_tiny

ROW = {"scheme", "target", "fold", "pareto", "accuracy", "correct", "samples", "luts", "ffs",
       "brams", "dsps", "carries", "cycles", "latency", "storage_bits", "bits_per_weight",
       "relative_error", "layers", "fits", "seconds", "error", "command"}


@pytest.fixture(autouse=True)
def tiny(monkeypatch, tmp_path):
    """A model and its samples in the folder, which has the cache too."""
    monkeypatch.setenv("QHW_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    x, labels = tiny_samples()
    np.savez(tmp_path / "x.npz", x=x, y=labels)
    return write_tiny(tmp_path / "tiny")


def test_compare(tmp_path):
    words = ["compare", "tiny", "--target", "ecp5-25k", "--schemes", "binary,fixed:bits=3,inq",
             "--mix", "fc1=inq,fc2=binary", "--mix", "inq,fc1=shiftcnn:terms=2,bits=4", "--input",
             "x.npz", "--limit", 20, "--cycles", 8, "-o", "out", "-j", 2]
    known = asked(*words)
    assert (known["name"], known["target"], known["samples"]) == ("tiny", "ecp5-25k", 20)
    assert known["command"].startswith("qhw compare tiny")
    assert {row["scheme"] for row in known["rows"]} == {
        "binary", "fixed:bits=3", "inq", "fc1=inq,fc2=binary", "inq,fc1=shiftcnn:terms=2,bits=4"}
    for row in known["rows"]:
        assert set(row) >= ROW and row["error"] is None and row["fold"] == {"cycles": 8}
        assert row["accuracy"] == row["correct"] / 20 and row["samples"] == 20
    order = [(-row["accuracy"], row["luts"]) for row in known["rows"]]
    assert order == sorted(order) and known["rows"][0]["pareto"]
    again = asked(*words)
    assert known["computed"] == 5 and again["computed"] == 0
    with (tmp_path / "out" / "compare.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 5


def test_folded_to_a_rate():
    """As ``estimate`` folds it; a goal that cannot be reached is the row's error."""
    words = ["--fps", "1000000", "--clock", "25", "--board", "ulx3s-85f"]
    known = asked("compare", "tiny", "--schemes", "binary", *words)
    run("quantize", "tiny", "--scheme", "binary", "-o", "q")
    said = asked("estimate", "q", *words)
    row, = known["rows"]
    assert (row["luts"], row["cycles"]) == (said["luts"], said["cycles_per_inference"])
    assert row["fold"]["fps"] == 1000000 and row["cycles"] <= 25
    assert known["target"] == said["target"] == "ecp5-85k"
    fails("compare", "tiny", "--schemes", "binary", "--target", "ice40hx8k", "--fps", "20000000",
          "--clock", "25", "--max-luts", "20", says="tiny: nothing can be had: tiny: ")


def test_explore(tmp_path):
    words = ["explore", "tiny", "--targets", "ecp5-25k,xc7", "--schemes", "binary,inq", "--cycles",
             "4,32", "-o", "out"]
    known = asked(*words)
    assert known["targets"] == ["ecp5-25k", "xc7"] and known["samples"] == 0
    assert [(r["scheme"], r["target"], r["cycles"]) for r in known["rows"]] == [
        (s, t, n) for s in ("binary", "inq") for t in ("ecp5-25k", "xc7") for n in (4, 32)]
    assert all(r["accuracy"] is None and r["relative_error"] > 0 for r in known["rows"])
    assert (tmp_path / "out" / "tradeoff.svg").exists()


def test_for_people():
    done = run("compare", "tiny", "--target", "xc7", "--schemes", "binary,inq,product:length=3")
    assert (done.returncode, done.stderr) == (0, "")
    assert "weight error" in done.stdout and "* Pareto front" in done.stdout
    assert "product:length=3: layer 'fc1': Pieces of 3 inputs do not divide" in done.stdout
    shown = run("explore", "digits-float", "--targets", "xc7", "--schemes", "sqnr", "--cycles",
                "4096").stdout
    assert "99.26%" in shown     # of the samples that ship with it


@pytest.mark.parametrize(("words", "says"), [
    (["compare", "tiny", "--target", "xc7", "--schemes", "binry"], "should be a scheme (admm,"),
    (["compare", "tiny", "--target", "xc7", "--schemes", "fixed:bits=99"], "2 to 16 bits, not 99"),
    (["compare", "tiny"], "give a target or a board"),
    (["compare", "tiny", "--target", "xc8"], "Target 'xc8' is not one of"),
    (["compare", "tinny", "--target", "xc7"], "tinny: there is no such folder or file"),
    (["compare", "tiny", "--target", "xc7", "--mix", "fc1=inq"], "layer 'fc2' has no scheme"),
    (["compare", "tiny", "--target", "xc7", "--mix", "fc9=inq"], "is called 'fc9' (fc1, fc2)"),
    (["compare", "tiny", "--target", "xc7", "--input", "y.npz"], "y.npz: there is no such file"),
    (["explore", "tiny", "--targets", "xc7,xc8"], "Target 'xc8' is not one of"),
    (["explore", "tiny", "--targets", "xc7", "--schemes", "product:length=3"],
     "tiny: nothing can be had: layer 'fc1': Pieces of 3"),
    (["explore", "tiny", "--targets", "xc7", "--cluster", "tcp://127.0.0.1:9"],
     "tcp://127.0.0.1:9: no Dask scheduler answers"),
])
def test_what_is_wrong_is_one_line(words, says, tmp_path):
    fails(*words, says=says)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [
    ["compare"], ["explore", "tiny"], ["compare", "tiny", "--target", "xc7", "-j", "0"],
    ["explore", "tiny", "--targets", "xc7", "--cycles", "64,many"],
    ["explore", "tiny", "--targets", "xc7", "--cycles", "0"]])
def test_wrong_usage_is_2(words):
    assert run(*words).returncode == 2


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    fails("explore", "tiny", "--targets", "xc7", "--schemes", "binary", "-o", "mine",
          says="mine: it exists and was not written by qhw")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("words", [
    ["compare", "--target", "ecp5-25k", "--schemes=binary,inq", "--mix", "inq,fc2=binary",
     "--cycles", "16", "--per-tensor", "-j1"],
    ["compare", "--target=xc7", "--schemes", "ternary", "--fps", "1e5", "--clock=20", "-j", "1"],
    ["explore", "--targets", "ecp5-25k,xc7", "--schemes", "binary", "--cycles", "8,32", "-j", "1",
     "--limit=5"],
    ["compare", "--target", "ecp5-25k", "--schemes", "inq", "--activations=u4,hwgq:bits=3", "-j1",
     "--calibrate", "real.npz", "--method=minmax"]])
def test_each_row_is_built_by_its_command(words, tiny):
    """What the command would build costs what the row says, and gives as many right answers."""
    x, labels = tiny_samples()
    if "--calibrate" in words:
        text = (tiny / "model.toml").read_text()
        text = text.replace("range = [0, 15]\nscale = 0.0625", "real = true")
        (tiny / "model.toml").write_text("".join(
            line for line in text.splitlines(True) if "act1" not in line))
        np.savez(tiny.parent / "real.npz", x=np.random.default_rng(2).normal(size=(50, 8)))
        x = x / 8 - 1
    np.savez(tiny.parent / "x y.npz", x=x, y=labels)
    known = asked(words[0], tiny, *words[1:], "--input", tiny.parent / "x y.npz")
    assert not any(row["error"] for row in known["rows"])
    for row in known["rows"]:
        command = shlex.split(row["command"])
        assert command[:3] == ["qhw", "build", str(tiny)] and command[-2:] == ["-o", "built"]
        assert asked("estimate", *command[2:-2])["luts"] == row["luts"]
        done = asked("simulate", *command[2:-2], "--input", tiny.parent / "x y.npz",
                     *["--limit", "5"] * (words[0] == "explore"))
        assert done["correct"] == row["correct"]


def test_options_of_quantization_need_a_scheme():
    for option in (["--per-tensor"], ["--calibrate", "x.npz"], ["--method", "kl"]):
        fails("estimate", "digits-ternary", *option, says="go with --scheme")

"""The command line as a user meets it: what it prints, writes, and says when something is wrong."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

import qhw
from qhw.loaders import shipped
from qhw.tools.files import write_npz
from tests import interrupts
from tests.command import QHW, asked, fails, process, run


@pytest.fixture
def digits(tmp_path):
    """Eight digits with their labels."""
    with np.load(shipped()["digits-ternary"].parent / "digits" / "test.npz") as file:
        np.savez(tmp_path / "x.npz", x=file["x"][:8], y=file["y"][:8])
    return tmp_path / "x.npz"


@pytest.fixture
def model(tmp_path):
    return Path(shutil.copytree(shipped()["digits-ternary"], tmp_path / "model"))


def test_a_process_of_its_own(tmp_path):
    """Says what it says within this one."""
    for words in (["--version"], ["build", "nothing", "-o", "out"], ["frobnicate"]):
        apart, here = process(*words, cwd=tmp_path), run(*words, cwd=tmp_path)
        assert (apart.returncode, apart.stdout) == (here.returncode, here.stdout)
        assert apart.stderr.split()[-1:] == here.stderr.split()[-1:]


def test_build(tmp_path):
    known = asked("build", "digits-ternary", "-o", tmp_path / "out", "--target", "ice40hx8k")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == known["files"]
    assert known == json.loads((tmp_path / "out" / "report.json").read_text())
    assert (known["cycles_per_inference"], known["latency_cycles"]) == (64, 172)
    assert [layer["name"] for layer in known["layers"] if layer["scheme"]] == ["fc1", "fc2", "fc3"]
    about = json.loads((tmp_path / "out" / "metadata.json").read_text())
    assert about["input"] == {
        "shape": [64], "lo": 0, "hi": 16, "bits": 5, "signed": False, "lanes": 8, "beats": 8,
        "tdata_width": 40, "scale": "1", "zero_point": "0"}
    assert about["output"] == {     # a digit: four bits, and TDATA is whole bytes
        "shape": [1], "lo": 0, "hi": 9, "bits": 4, "signed": False, "lanes": 1, "beats": 1,
        "tdata_width": 8}
    verilog = (tmp_path / "out" / "digits_ternary.v").read_text()
    assert "module digits_ternary (" in verilog
    assert max(map(len, verilog.splitlines())) <= 100
    assert "<html" in (tmp_path / "out" / "report.html").read_text()


def test_build_again_replaces_and_leaves_strangers_alone(tmp_path):
    out = tmp_path / "out"
    asked("build", "digits-ternary", "-o", out)
    first = {p.name for p in out.iterdir()}
    fold = tmp_path / "fold.json"
    fold.write_text('{"fc1": {"pe": 64, "simd": 64}}')
    known = asked("build", "digits-ternary", "-o", out, "--fold", fold, "--no-check")
    assert {p.name for p in out.iterdir()} == set(known["files"]) != first
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    fails("build", "digits-ternary", "-o", mine, says="mine: it exists and was not written by qhw")
    assert (mine / "notes.txt").read_text() == "mine"


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


def test_estimate_and_schemes_and_targets():
    known = asked("estimate", "digits-ternary", "--target", "ecp5-25k")
    assert known["luts"] == sum(layer["estimate"]["luts"] for layer in known["layers"])
    assert {"ffs", "brams", "dsps", "cycles_per_inference"} <= set(known)
    assert {row["name"] for row in asked("schemes")} >= {"binary", "ternary", "fixed"}
    assert {row["name"] for row in asked("targets")} >= {"ice40hx8k", "ecp5-25k", "xc7", "asic"}


def test_inspect_shows_descriptions_and_refuses_what_a_build_does(tmp_path):
    known = asked("inspect", "digits-ternary")
    assert [row["node"] for row in known] == ["input", "fc1", "bn1", "act1", "fc2", "bn2", "act2",
                                              "fc3", "class"]
    assert known[3] | {"format": ""} == {
        "node": "act1", "op": "quantize", "domain": "", "became": "quantize", "shape": [64],
        "format": "", "reason": "", "help": ""}
    assert known[3]["format"].startswith("0..3, scale 0.59")
    looked = run("inspect", "digits-float")
    built = run("build", "digits-float", "-o", tmp_path / "out")
    assert looked.returncode == built.returncode == 1
    assert "'fc1': its weights are floats" in looked.stderr and "'fc1'" in built.stderr
    assert len(looked.stderr.splitlines()) == 1 and not (tmp_path / "out").exists()


def test_for_people(digits):
    shown = run("simulate", "digits-ternary", "--input", digits).stdout
    assert "8 of 8 samples equal the golden" in shown
    assert "8 of 8 are classified right" in shown
    assert "fc1" in run("estimate", "digits-ternary", "--target", "xc7").stdout
    assert f"qhw {qhw.__version__}" in run("--version").stdout


@pytest.mark.parametrize(("words", "says"), [
    (["build", "nothing", "-o", "out"], "nothing: there is no such folder or file"),
    (["estimate", "digits-ternary", "--target", "ice41"], "Target 'ice41' is not one of ice40hx8k"),
    (["simulate", "digits-ternary", "--input", "x.npz"], "x.npz: there is no such file"),
    (["build", "digits-ternary", "-o", "out", "--fold", "f.json"], "f.json: "),
    (["build", "digits-ternary", "-o", "out", "--synth"], "Synthesis needs a target"),
])
def test_what_is_wrong_is_one_line(words, says, tmp_path):
    fails(*words, says=says, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_too_small(tmp_path):
    """Estimates say so; a build refuses, and names what, how much, and the layer."""
    known = asked("estimate", "digits-fixed4", "--target", "ice40hx8k")
    says = "it needs 44 block RAMs of the 32 that ice40hx8k has, 19 of them for 'fc1'"
    assert known["shortfalls"] == [says]
    fails("build", "digits-fixed4", "-o", tmp_path / "out", "--target", "ice40hx8k", says=says)
    assert list(tmp_path.iterdir()) == []
    assert asked("estimate", "digits-fixed4", "--target", "ecp5-25k")["shortfalls"] == []


@pytest.mark.parametrize("words", [["frobnicate"], ["build", "digits-ternary"],
                                   ["simulate", "digits-ternary", "--input", "x", "--limit", "0"]])
def test_wrong_usage_is_2(words):
    assert run(*words).returncode == 2


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


@pytest.mark.parametrize("fold", [
    "{", "[]", '{"fc1": {"pe": 1}}', '{"fc1": {"pe": 1, "simd": 1.5}}',
    '{"fc1": {"pe": 3, "simd": 1}}', '{"fc9": {"pe": 1, "simd": 1}}'])
def test_folds_that_do_not_fit(fold, tmp_path):
    (tmp_path / "f.json").write_text(fold)
    says = "Fold of" if "3," in fold or "fc9" in fold else "f.json: "
    fails("estimate", "digits-ternary", "--target", "xc7", "--fold", tmp_path / "f.json", says=says)


def test_a_broken_model_names_its_file(model):
    text = (model / "model.toml").read_text()
    (model / "model.toml").write_text(text.replace("units = 64", "units = 65"))
    fails("build", model, "-o", model.parent / "out", says="weights.npz: fc1.codes must have")
    (model / "model.toml").write_text(text.replace('type = "argmax"', 'type = "relu"'))
    asked("build", model, "-o", model.parent / "out")
    (model / "model.toml").write_text(text.replace("act2", "act2b").replace(
        'type = "quantize"\nbits = 2\nsigned = false\nscale = 0.4990234375\n'
        'rounding = "half-even"',
        'type = "relu"'))
    line = fails("build", model, "-o", model.parent / "out",
                 says="put a quantize or sign layer before it")
    assert str(model) in line


def test_a_tool_that_is_missing_or_fails(tmp_path):
    broken = tmp_path / "yosys"
    broken.write_text("#!/bin/sh\necho working\necho 'ERROR: out of luck' >&2\nexit 3\n")
    broken.chmod(0o755)
    synth = ["synth", "digits-ternary", "--target", "ice40hx8k"]
    fails(*synth, says="Yosys failed with status 3: ERROR: out of luck",
          env={"QHW_YOSYS": str(broken)})
    fails(*synth, says="no-such-yosys: No such file", env={"QHW_YOSYS": "no-such-yosys"})
    broken.write_text("#!/bin/sh\nexit 0\n")
    fails(*synth, says="Yosys wrote no netlist", env={"QHW_YOSYS": str(broken)})
    broken.write_text("#!/bin/sh\necho 'Warning: Driver-driver conflict for x'\nexit 0\n")
    fails(*synth, says="conflicting drivers", env={"QHW_YOSYS": str(broken)})


def test_a_compiler_that_fails(digits, tmp_path):
    fails("simulate", "digits-ternary", "--input", digits, "--engine", "verilator",
          says="failed with status 1", env={"QHW_CACHE": str(tmp_path / "cache"), "CXX": "false"})


def test_interrupted(tmp_path, digits):
    """Ctrl-C in the middle: one line, and what was there before stays."""
    with np.load(digits) as file:
        np.savez(tmp_path / "long.npz", x=np.tile(file["x"], (500, 1)))
    out = tmp_path / "y.npz"
    write_npz(out, {"y": np.zeros(1)})
    before = out.read_bytes()
    begin = time.monotonic()
    run("simulate", "digits-ternary", "--input", digits, "--limit", "1", "--engine", "amaranth")
    begun = time.monotonic() - begin
    process = subprocess.Popen(
        [*QHW, "simulate", "digits-ternary", "--input", str(tmp_path / "long.npz"),
         "--output", str(out), "--engine", "amaranth"],
        stderr=subprocess.PIPE, text=True, preexec_fn=interrupts.heard)
    time.sleep(3 * begun)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=180)
    said = said.strip()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "qhw: interrupted; nothing was written"
    assert out.read_bytes() == before


def test_quantize_writes_what_builds(tmp_path):
    split = Path(__file__).parents[2] / "models/digits/test.npz"
    done = run("quantize", "digits-float", "--scheme", "inq:bits=4", "--layer", "fc1=binary",
               "-o", tmp_path / "q", "--input", split, "--limit", "50", "--json")
    assert done.returncode == 0, done.stderr
    known = json.loads(done.stdout)
    assert [row["scheme"].split(":")[0] for row in known["layers"]] == ["binary", "inq", "inq"]
    assert known["samples"] == 50 and 0 < known["correct"] <= 50
    assert run("build", tmp_path / "q", "-o", tmp_path / "b").returncode == 0
    wrong = run("quantize", "digits-float", "--scheme", "inq", "--layer", "fc1", "-o", tmp_path)
    assert wrong.returncode == 2

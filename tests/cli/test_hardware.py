"""``qhw build``, ``estimate`` and ``synth`` as a user meets them: what is written, and what is
said when something is wrong."""

import json
import shutil
from pathlib import Path

import pytest

from qhw.loaders import shipped
from tests.command import asked, fails, run


@pytest.fixture
def model(tmp_path):
    return Path(shutil.copytree(shipped()["digits-ternary"], tmp_path / "model"))


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


def test_estimate():
    known = asked("estimate", "digits-ternary", "--target", "ecp5-25k")
    assert known["luts"] == sum(layer["estimate"]["luts"] for layer in known["layers"])
    assert {"ffs", "brams", "dsps", "cycles_per_inference"} <= set(known)


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


def test_estimate_for_people():
    assert "fc1" in run("estimate", "digits-ternary", "--target", "xc7").stdout

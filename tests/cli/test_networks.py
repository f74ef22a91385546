"""``qhw quantize`` and ``inspect`` as a user meets them."""

import json
from pathlib import Path

from tests.command import asked, run


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

"""The package in examples/plugin, installed: every verb sees its scheme, layer and board."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.plugins.test_skeleton import EXAMPLE, installed, passes

MODEL = """
schema = 1
name = "loud"
layer = [
    { name = "mag", type = "magnitude" },
    { name = "fc", type = "dense", units = 3, scheme = { name = "symmetric", bits = 3 } },
]

[input]
shape = [8]
bits = 5
signed = true
"""


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    return installed(tmp_path_factory.mktemp("site"), EXAMPLE)


def qhw(env, *words):
    found = subprocess.run([sys.executable, "-m", "qhw", *map(str, words)], env=env,
                           capture_output=True, text=True)
    return found.returncode, found.stdout, found.stderr


def test_lists_have_its_members(env):
    _, text, _ = qhw(env, "schemes", "--json")
    assert {"name": "symmetric", "parameters": {"bits": 4}, "kind": "weights"}.items() <= next(
        row for row in json.loads(text) if row["name"] == "symmetric").items()
    _, text, _ = qhw(env, "boards", "--json")
    assert next(row for row in json.loads(text)
                if row["name"] == "icesugar-pro")["verified"] == "nothing"


def test_a_network_of_its_layer_and_scheme(env, tmp_path):
    """Built, which checks the Verilog; its answers are those of numpy."""
    (tmp_path / "loud").mkdir()
    (tmp_path / "loud/model.toml").write_text(MODEL)
    rng = np.random.default_rng(0)
    weights, x = rng.integers(-3, 4, (3, 8)), rng.integers(-16, 16, (20, 8))
    np.savez(tmp_path / "loud/weights.npz", **{
        "fc.codes": weights & 7, "fc.scale": np.array(.5)})
    np.savez(tmp_path / "x.npz", x=x)
    status, text, errors = qhw(env, "build", tmp_path / "loud", "--target", "ecp5-25k",
                               "-o", tmp_path / "out", "--json")
    assert status == 0, errors
    assert next(u["kind"] for u in json.loads(text)["layers"]) == "magnitude"
    assert errors.count("UnusedElaboratable") == 0
    status, _, errors = qhw(env, "simulate", tmp_path / "loud", "--input", tmp_path / "x.npz",
                            "--engine", "verilator", "--output", tmp_path / "y.npz")
    assert status == 0, errors
    assert np.array_equal(np.load(tmp_path / "y.npz")["y"], np.abs(x) @ (weights * .5).T)


def test_comparing_its_scheme(env, tmp_path):
    """Workers are other processes."""
    status, text, errors = qhw(env, "compare", "digits-float", "--target", "ecp5-25k",
                               "--schemes", "symmetric:bits=3,ternary", "-o", tmp_path / "out",
                               "--json")
    assert status == 0, errors
    assert "symmetric:bits=3" in text


def test_its_board(env, tmp_path):
    status, text, errors = qhw(env, "estimate", "digits-binary", "--board", "icesugar-pro",
                               "--json")
    assert status == 0, errors
    assert json.loads(text)["goal"]["board"] == "icesugar-pro"


def test_its_own_tests(env):
    assert " passed" in passes(EXAMPLE, env, "-k", "Magnitude or Icesugar or hand")

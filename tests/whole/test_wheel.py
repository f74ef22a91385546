"""What is installed is what is here: every file of the package is in its wheel."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from shutil import copytree, ignore_patterns

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {"qhw": "qhw", "boards": "qhw/boards", "models": "qhw/models"}
"""Folders here, and where they are in the wheel."""
NO_SOURCE = ignore_patterns("__pycache__", "*.py[co]", ".*")

TOML = """
schema = 1
name = "net"
layer = [{ name = "fc", type = "dense", units = 2, scheme = "ternary" }]

[input]
shape = [4]
range = [0, 3]
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy to build in."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in FOLDERS:
        copytree(ROOT / folder, tree / folder, ignore=NO_SOURCE)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        (tree / file).write_bytes((ROOT / file).read_bytes())
    return tree


@pytest.fixture(scope="module")
def wheel(tree):
    """The wheel, as an installer builds it, without the network."""
    subprocess.run([sys.executable, "-c",
                    "from setuptools import build_meta; build_meta.build_wheel('dist')"],
                   cwd=tree, check=True, capture_output=True)
    path, = (tree / "dist").glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_has_every_file(tree, wheel):
    here = {f"{inside}/{path.relative_to(tree / folder)}"
            for folder, inside in FOLDERS.items() for path in (tree / folder).rglob("*")
            if path.is_file()}
    there = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert there == here
    assert "qhw/targets/cells/ecp5.v" in there and "qhw/models/digits/test.npz" in there


def test_an_installed_package_simulates_a_netlist(wheel, tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / "net/model.toml").write_text(TOML)
    np.savez(tmp_path / "net/weights.npz", **{"fc.codes": np.array([[1, 0, 0, 1]] * 2),
                                              "fc.scale": np.ones(2)})
    np.savez(tmp_path / "x.npz", x=np.arange(4)[None])
    wheel.extractall(tmp_path / "site")
    script = (f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); import qhw.cli; "
              "assert 'site' in qhw.cli.__file__; qhw.cli.main()")
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, "simulate", "net", "--engine", "netlist", "--target",
         "ecp5-25k", "--input", "x.npz", "--json"],
        cwd=tmp_path, capture_output=True, text=True)
    assert json.loads(done.stdout)["matches"] == 1, done.stderr

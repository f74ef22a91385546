"""Skeletons work as they are written, and the example package is made of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qhw.errors import QhwError
from qhw.plugins.skeleton import KINDS, skeleton, write

EXAMPLE = Path(__file__).parent.parent.parent / "examples/plugin"
NAMES = {"scheme": "multiply", "layer": "tensor", "board": "my-board"}
"""Words that the modules import too."""


def installed(folder, package):
    """Installs a package to a folder of its own, as pip does."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
                    "--no-build-isolation", "--disable-pip-version-check", "--no-index",
                    "--target", str(folder), str(package)], check=True, capture_output=True)
    return {**os.environ, "PYTHONPATH": str(folder)}


def passes(package, env, *words):
    """Runs the tests of a package."""
    found = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                            *words], cwd=package, env=env, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-2000:]
    return found.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_test_passes(kind, tmp_path):
    files = write(kind, NAMES[kind], tmp_path / "made")
    assert sorted(files) == sorted(str(p.relative_to(tmp_path / "made")) for p in (
        tmp_path / "made").rglob("*") if p.is_file())
    env = installed(tmp_path / "site", tmp_path / "made")
    quick = ["-k", "not compiled and not netlist and not cells"] if kind == "scheme" else []
    assert " passed" in passes(tmp_path / "made", env, *quick)


@pytest.mark.parametrize(("kind", "name"), [("scheme", "symmetric"), ("layer", "magnitude")])
def test_the_example_is_a_skeleton(kind, name):
    """Its modules are those that ``qhw new`` writes."""
    for file, text in skeleton(kind, name, "qhw_example").items():
        if file not in ("pyproject.toml", "qhw_example/__init__.py"):
            assert (EXAMPLE / file).read_text() == text, file


@pytest.mark.parametrize("name", ["", "3d", "Loud", "a b", "x-y", "class", "../up", "é", "a__b"])
def test_names_that_are_none(name, tmp_path):
    with pytest.raises(QhwError, match="is no name for a scheme"):
        write("scheme", name, tmp_path / "made")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("kind", "name"), [
    ("scheme", "ternary"), ("layer", "conv"), ("board", "icebreaker")])
def test_names_that_are_taken(kind, name, tmp_path):
    with pytest.raises(QhwError, match=f"qhw has a {kind} of this name"):
        write(kind, name, tmp_path / "made")


def test_nothing_is_overwritten(tmp_path):
    """Neither a folder, nor a file, nor a link to nowhere."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "file", "link"):
        with pytest.raises(QhwError, match="there is something of this name"):
            write("scheme", "threes", tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder", "link"]
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(QhwError, match="No such file or directory"):
        write("scheme", "threes", tmp_path / "none/made")

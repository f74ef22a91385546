"""``qhw new``: the files that it names, and one line if it cannot write them."""

import pytest
from typer.testing import CliRunner

from qhw.cli import app


def test_a_package_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, ["new", "scheme", "threes"])
    assert found.exit_code == 0
    assert found.output.splitlines()[:4] == [
        "threes/pyproject.toml", "threes/qhw_threes/__init__.py", "threes/tests/test_threes.py",
        "threes/qhw_threes/scheme.py"]
    assert all((tmp_path / line).is_file() for line in found.output.splitlines()[:4])
    assert "pip install -e threes" in found.output


@pytest.mark.parametrize("words", [["new", "scheme", "ternary"], ["new", "layer", "A"]])
def test_a_name_that_it_refuses(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, words).exit_code == 1
    assert not list(tmp_path.iterdir())


def test_a_kind_that_is_none():
    assert CliRunner().invoke(app, ["new", "engine", "one"]).exit_code == 2

"""The tutorial and the notebooks run as they are written, in an empty folder."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs/start/tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r'^```(python|console)(?: title="(.+?)")?\n(.*?)^```', re.MULTILINE | re.DOTALL)
PROGRAMS = {"python": [sys.executable], "qhw": [sys.executable, "-m", "qhw"]}
NOTEBOOKS = sorted((ROOT / "examples/notebooks").glob("*.ipynb"))


@pytest.mark.slow
def test_the_tutorial(tmp_path):
    """Every step succeeds; PyTorch, the golden and the simulated board have the same integers."""
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    printed = ""
    for language, title, body in BLOCK.findall(TUTORIAL):
        if language == "python":
            (tmp_path / title).write_text(body, encoding="utf-8")
            continue
        for line in re.findall(r"^\$ (.*)$", body, re.MULTILINE):
            program, *words = shlex.split(line)
            if program in PROGRAMS and "venv" not in words:
                done = subprocess.run([*PROGRAMS[program], *words], cwd=tmp_path,
                                      capture_output=True, text=True)
                assert done.returncode == 0, (line, done.stderr)
                printed += done.stdout
    assert "{'relu': 0, 'relu_1': 0, 'output': 0}" in printed
    assert "20 of 20 samples equal the golden" in printed


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks(path, tmp_path):
    """Their own assertions hold."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3",
                            resources={"metadata": {"path": tmp_path}}).execute()

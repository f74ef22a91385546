"""The recipes of ``docs/guides/frameworks.md``: each runs where its packages are, and qhw takes its
file and gives its framework's answers."""

import re
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

import qhw
from sim.proof.exporters.outside import interpreter
from sim.proof.oracles.judge import judge
from sim.proof.oracles.maker import Made
from tests.command import run

PAGE = (Path(__file__).parents[2] / "docs/guides/frameworks.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
QUICK = "ONNX Runtime alone"
CLOSE = 1e-5
"""Of the largest answer, how far float32 may be off."""


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The file of a recipe, in a folder with its samples; each recipe runs once."""
    known = {}

    def make(title):
        if title not in known:
            install, = blocks(RECIPES[title], "console")
            packages = install.removeprefix("$ pip install ").split()
            python = interpreter(packages)
            if python is None:
                pytest.skip(f"{' and '.join(packages)} are not installed together")
            folder = tmp_path_factory.mktemp("recipe")
            code, = blocks(RECIPES[title], "python")
            (folder / "recipe.py").write_text(code, encoding="utf-8")
            subprocess.run([python, "recipe.py"], cwd=folder, check=True, capture_output=True)
            known[title], = (p for p in folder.iterdir() if p.name in ("net.onnx", "net.tflite"))
        return known[title]
    return make


def test_all_recipes_are_seen():
    assert len(RECIPES) == PAGE.count("```python\n") >= 6
    assert QUICK in RECIPES


@pytest.mark.parametrize("title", [
    pytest.param(t, marks=[] if t == QUICK else pytest.mark.slow(but=1)) for t in RECIPES])
def test_the_golden_gives_the_frameworks_answers(title, made, tmp_path):
    """Where float32 falls to the other side of a tie, rational arithmetic says that it is one."""
    path = made(title)
    with np.load(path.with_name("x.npz")) as arrays:
        x, want = arrays["x"], arrays["want"]
    y = qhw.simulate(qhw.load(path), x).y.reshape(want.shape)
    right = (abs(y - want) <= CLOSE * abs(want).max()).reshape(len(x), -1).all(axis=1)
    assert len(np.unique(want.reshape(len(x), -1), axis=0)) > 1
    if path.suffix == ".tflite":
        assert right.all()
    else:
        file = Made(0, onnx.load(path), x, title, one=True)
        assert right.mean() > .5
        assert judge(file, tmp_path).kind in (["exact", "rounding"] if right.all() else ["tie"])


@pytest.mark.slow(but=1)
@pytest.mark.parametrize("title", RECIPES)
def test_the_commands_of_the_page_take_the_file(title, made, tmp_path):
    """As the page shows them; the golden is compared with the compiled Verilog at every layer."""
    path = made(title)
    commands, = blocks(PAGE[:PAGE.index("\n## ")], "console")
    for line in commands.replace("net.onnx", path.name).splitlines():
        words = line.partition("#")[0].split()[2:]
        done = run(*(str(tmp_path / w) if w == "out" else w for w in words), cwd=path.parent)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").is_dir()

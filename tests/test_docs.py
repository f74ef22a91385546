"""What the documentation shows is so."""

import ast
import importlib
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import typer.main

import qhw
from qhw.cli import app

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").rglob("*.md")))]


def test_the_example_of_the_model_format(tmp_path, monkeypatch):
    """Worked by hand for x = (4, 2) and (0, 0).

    fc1 sums: (4, -4 + 2) -> 0.5 * 4 = 2 and 0.25 * -2 = -0.5; norm: (2 - 2) / 2 = 0 and 0.5 + 0.5;
    act1: 0 and 2; fc2: 0.1 * -2 = -0.2 and 0.05 + 0.1 * 4 = 0.45: class 1. For zeros the norm gives
    -1 and 0.5, act1 0 and 1, fc2 -0.1 and 0.25: class 1 again.
    """
    text = (ROOT / "docs/reference/model-format.md").read_text()
    toml, = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    code, = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model.toml").write_text(toml)
    monkeypatch.chdir(tmp_path)
    exec(code)
    found = qhw.simulate("tiny", np.array([[4, 2], [0, 0]]), engine="amaranth", trace=True)
    assert found.matches == 2
    assert found.trace["act1"].tolist() == [[0, 2], [0, 1]]
    assert found.codes.tolist() == [[1], [1]]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    path = ROOT / page
    for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
        assert (path.parent / link).exists(), link


def blocks(page, language):
    """Code blocks of a page in one language."""
    return re.findall(rf"^```{language}(?: title=[^\n]*)?\n(.*?)^```", (ROOT / page).read_text(),
                      re.MULTILINE | re.DOTALL)


def written():
    """Each command of qhw that a page shows, as (page, words behind ``qhw``)."""
    for page in PAGES:
        for block in blocks(page, "console"):
            for line in re.sub(r"\\\n\s*", "", block).splitlines():
                if at := re.match(r"\$ (?:\.venv/bin/)?qhw (.*)", line):
                    yield page, shlex.split(at[1], comments=True)


@pytest.mark.parametrize(("page", "words"), [*written()], ids=lambda v: " ".join(v)[:60])
def test_commands_and_options_exist(page, words):
    if "|" in words:
        words = words[:words.index("|")]
    if words[0].startswith("-"):
        return
    command = typer.main.get_command(app).commands[words[0]]
    context = command.context_class(command, info_name=words[0])
    command.make_parser(context).parse_args(words[1:])


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_import_names_that_exist(page):
    for block in blocks(page, "python"):
        for node in ast.walk(ast.parse(textwrap.dedent(block))):
            if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qhw")
                    and not node.module.startswith("qhw.train")):
                module = importlib.import_module(node.module)
                for alias in node.names:
                    assert hasattr(module, alias.name) or importlib.import_module(
                        f"{node.module}.{alias.name}"), (page, alias.name)


@pytest.mark.slow(but=1)
def test_the_site_builds_without_a_warning(tmp_path):
    """Every link and anchor leads somewhere, and every page is in the navigation."""
    pytest.importorskip("mkdocstrings")
    pytest.importorskip("material")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--port" in (tmp_path / "site/reference/cli.html").read_text(encoding="utf-8")

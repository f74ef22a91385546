"""The rooms of the package, which may look into which, and what each member must have."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOOR = {"errors": 0, "limits": 0, "exact": 0, "codecs": 0, "names": 1, "tools": 1, "targets": 1,
         "pe": 1, "graph": 2, "schemes": 2, "adders": 2, "schedule": 2, "train": 3, "hw": 3,
         "layers": 4, "ops": 5, "loaders": 6, "lower": 6, "design": 6, "estimator": 7, "link": 7,
         "fold": 8, "verilog": 8, "report": 9, "simulators": 9, "synthesis": 9,
         "quantization": 10, "asic": 10, "board": 10, "verbs": 11, "exploration": 12,
         "__init__": 13, "cli": 13, "__main__": 14}
"""A room imports from lower floors alone."""
FILES = sorted((ROOT / "qhw").rglob("*.py"))
MOST_LINES = 350


def looks_into(path):
    """The rooms of ``qhw`` that the file imports from."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[:len(package) - node.level + 1]
            target = base + tuple((node.module or "").split(".")) * bool(node.module)
            yield from [target[1]] if len(target) > 1 else (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qhw."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down(path):
    room = path.relative_to(ROOT / "qhw").parts[0].removesuffix(".py")
    for other in looks_into(path):
        assert other in (room, "__version__") or FLOOR[other] < FLOOR[room]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_fits_in_a_head_and_says_what_it_is_for(path):
    text = path.read_text()
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("scheme", sorted(
    p.stem for p in (ROOT / "qhw/schemes").glob("[!_]*.py") if p.stem != "scheme"))
def test_every_scheme_has_its_test_and_its_source(scheme):
    assert "SchemeLaws" in (ROOT / f"tests/schemes/test_{scheme}.py").read_text()
    assert "arXiv" in ast.get_docstring(ast.parse((ROOT / f"qhw/schemes/{scheme}.py").read_text()))

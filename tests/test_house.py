"""The rooms of the package, which may look into which, and what each member must have."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOOR = {"errors": 0, "limits": 0, "names": 1, "num": 0, "processes": 0, "files": 2, "spatial": 1,
         "gates": 1, "exact": 1, "formats": 1, "storage": 1, "window": 1, "ir": 2, "streams": 2,
         "pe": 2, "schemes": 3, "codecs": 2, "hw": 3, "ops": 4, "train": 4, "load": 5, "lower": 5,
         "flow": 6,
         "terminal": 6, "cli": 7, "__init__": 8, "__main__": 8}
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

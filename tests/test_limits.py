"""The page of limits says what the file of limits says, and every limit is asked somewhere."""

import ast
import re
from itertools import pairwise
from pathlib import Path

from qhw import limits

ROOT = Path(__file__).parent.parent


def shown(value):
    for unit, name in ((limits.GB, "GB"), (limits.MB, "MB")):
        if value >= unit and value % unit == 0:
            return f"{value // unit} {name}"
    return f"{value:,}".replace(",", " ")


def rows():
    """Name, value and docstring of each limit, as the page has them."""
    body = ast.parse((ROOT / "qhw/limits.py").read_text(encoding="utf-8")).body
    for this, after in pairwise(body):
        if isinstance(this, ast.Assign) and isinstance(after, ast.Expr):
            name, value = this.targets[0].id, getattr(limits, this.targets[0].id)
            said = shown(value) if "BYTES" in name else f"{value:,}".replace(",", " ")
            yield name, f"| `{name}` | {said} | {after.value.value.replace('``', '`')} |"


def test_the_page_says_what_the_file_says():
    page = (ROOT / "docs/reference/limits.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `[A-Z_]+`.*$", page, re.MULTILINE) == [row for _, row in rows()]


def test_every_limit_is_asked():
    code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "qhw").rglob("*.py"))
    for name, _ in rows():
        assert re.search(rf"limits\.{name}\b|import .*\b{name}\b", code), name

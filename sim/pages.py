"""Pages whose tables are measured: each stands between ``<!-- NAME -->`` and ``<!-- end -->``."""

from collections.abc import Sequence
from pathlib import Path

__all__ = ["DATA", "DOCS", "fill"]

DOCS = Path(__file__).parent.parent / "docs"
DATA = DOCS / "results" / "data"
"""Rows that the benches measured."""


def fill(page: str, name: str, lines: Sequence[str]) -> None:
    """Puts lines in the place of those between a page's marks; ValueError if it has none."""
    path = DOCS / page
    begin = f"<!-- {name} -->\n"
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition("<!-- end -->")
    if not (found and ended):
        raise ValueError(f"{path} has no {begin.strip()} ... <!-- end -->")
    path.write_text("".join([before, begin, *(f"{line}\n" for line in lines), ended, after]),
                    encoding="utf-8")

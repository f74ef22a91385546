"""Small tables for notebooks."""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["table"]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Makes an HTML table with titles ``heads``; the texts of ``rows`` are escaped."""
    def line(cells: Iterable[object], kind: str) -> str:
        return f"<tr>{''.join(f'<{kind}>{escape(str(c))}</{kind}>' for c in cells)}</tr>"

    return f"<table>{line(heads, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"

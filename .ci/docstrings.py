"""Docstrings as the Python reference shows them: "name : text" lines become a list.

An extension of Griffe, which reads the package for mkdocstrings.
"""

import re
from typing import Any

from griffe import Extension

SECTION = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)
PARAMETER = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) : ", re.MULTILINE)


def markdown(text: str) -> str:
    """Writes the text of a docstring as Markdown."""
    text = SECTION.sub(r"**\1**\n\n", text)
    return PARAMETER.sub(lambda m: f"- `{m[1]}`: ", text)


class Docstrings(Extension):
    """Applies ``markdown`` to every docstring."""

    def on_object(self, *, obj: Any, **_: Any) -> None:
        """Rewrites the docstring of an object that was read."""
        if obj.docstring:
            obj.docstring.value = markdown(obj.docstring.value)

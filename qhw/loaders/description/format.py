"""Recognition of descriptions. The modules that read a description are imported when one is
read."""

import re
from collections.abc import Mapping
from pathlib import Path

from ...errors import ModelError
from ...graph.graph import Graph
from ...graph.source import Format, Recoded

__all__ = ["Description", "files"]

TABLES, ARRAYS = "model.toml", "weights.npz"
SCHEMA = re.compile(rb"^\s*schema\s*=", re.M)


class Description(Format):
    """A folder with ``model.toml`` and ``weights.npz``, or the text file of such a folder, which
    has a key ``schema``."""

    name = "description"
    what = f"a model folder (with a {TABLES})"
    suffixes = ("/", ".toml")
    text = True
    recodes = True

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Recognizes a folder with a ``model.toml``, or the ``model.toml`` itself."""
        return (path / TABLES).is_file() if path.is_dir() else SCHEMA.search(head) is not None

    def load(self, path: Path, input_format: str | None = None,
             input_shape: tuple[int, ...] | None = None) -> Graph:
        """Loads ``path``; ModelError if ``input_format`` or ``input_shape`` is given, because the
        file itself describes its input."""
        from .description import load_description

        if input_format or input_shape:
            raise ModelError(f"{path}: a description has its own input format and shape")
        return load_description(*files(path))

    def recoded(self, path: Path, layers: Mapping[str, Recoded]) -> dict[str, str | bytes]:
        """Returns both files with ``codes``, ``scale`` and ``table`` in place of ``weight``, by
        name."""
        from .recoded import recoded

        text, arrays = recoded(*files(path), layers)
        return {TABLES: text, ARRAYS: arrays}

    def contents(self, path: Path) -> Mapping[str, bytes]:
        """Reads the text file and the arrays, by file name."""
        tables, arrays = files(path)
        return {TABLES: tables.read_bytes(), ARRAYS: arrays.read_bytes()}


def files(path: Path) -> tuple[Path, Path]:
    """Returns the text file and the file of arrays; ``path`` is their folder or the text file."""
    tables = path / TABLES if path.is_dir() else path
    return tables, tables.parent / ARRAYS

"""Results that are kept: one small file each, named by everything that decides the result.

A file is written whole or not at all, so whatever ends a process loses at most what it was working
on; a file that is damaged or edited all the same, which its digest tells, counts as missing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import QhwError
from ..version import __version__
from .cache import folder as cache_folder
from .files import write_whole

__all__ = ["Store", "fingerprint", "source"]

PACKAGE = Path(__file__).resolve().parent.parent


def fingerprint(*things: Any) -> str:
    """A name for the content of dataclasses, arrays, containers and plain values."""
    found = hashlib.sha256()
    _feed(found.update, things)
    return found.hexdigest()


def _feed(update: Any, thing: Any) -> None:
    """Kind and length go before each content, so that no two things read the same."""
    if isinstance(thing, np.ndarray):
        update(f"array {thing.dtype.str} {thing.shape} ".encode())
        return update(np.ascontiguousarray(thing).tobytes())
    if isinstance(thing, Mapping):
        update(b"mapping ")
        thing = sorted(thing.items(), key=lambda item: str(item[0]))
    elif is_dataclass(thing) and not isinstance(thing, type):
        parts = [getattr(thing, f.name) for f in fields(thing)]
        update(f"{type(thing).__qualname__} ".encode())
        return _feed(update, parts)
    if isinstance(thing, Sequence) and not isinstance(thing, str | bytes):
        update(f"{len(thing)} of ".encode())
        for one in thing:
            _feed(update, one)
        return
    said = repr(thing)
    update(f"{type(thing).__name__} {len(said)} {said} ".encode())


@cache
def source() -> str:
    """A name for qhw itself: a changed estimator must not answer from the past. What Python and
    Numba compile of it is not a part."""
    files = sorted(p for p in PACKAGE.rglob("*") if p.is_file() and p.parent.name != "__pycache__")
    return fingerprint(__version__, np.__version__,
                       [(str(p.relative_to(PACKAGE)), p.read_bytes()) for p in files])


class Store:
    """Results by fingerprint, in the cache folder or another."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or cache_folder() / "points"
        self.fault: str | None = None
        """Why something is not kept, in one line."""

    def get(self, key: str) -> dict[str, Any] | None:
        """The result of this name; None if it is to be computed."""
        try:
            kept: Any = json.loads(self._path(key).read_text(encoding="utf-8"))
            sound = kept["key"] == key and kept["digest"] == _digest(key, kept["result"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return kept["result"] if sound and isinstance(kept["result"], dict) else None

    def put(self, key: str, result: Mapping[str, Any]) -> None:
        """Keeps a result; ``fault`` says so if that cannot be done."""
        read: Any = json.loads(json.dumps(result))
        content = json.dumps({"key": key, "digest": _digest(key, read), "result": read})
        try:
            write_whole(self._path(key), lambda file: file.write(content.encode()))
        except QhwError as e:
            self.fault = str(e)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _digest(key: str, result: Any) -> str:
    """Of a result under its name, as JSON reads it again."""
    return hashlib.sha256(json.dumps([key, result], sort_keys=True).encode()).hexdigest()

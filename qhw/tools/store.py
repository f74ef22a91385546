"""A store of results: one small file each, named by everything that determines the result.

A file is written completely or not at all, so a kill loses at most the current result. A damaged or
edited file, which its digest reveals, counts as missing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..errors import QhwError
from ..version import __version__
from .cache import folder as cache_folder
from .files import write_whole
from .members import plugins
from .typed import JsonObject

__all__ = ["Store", "fingerprint", "source"]

PACKAGE = Path(__file__).resolve().parent.parent


def fingerprint(*things: Any) -> str:
    """Computes a name for the content of dataclasses, arrays, containers and plain values."""
    found = hashlib.sha256()
    _feed(found.update, things)
    return found.hexdigest()


def _feed(update: Any, thing: Any) -> None:
    """Feeds type and length before each content, so that different things never feed the same
    bytes."""
    if isinstance(thing, np.ndarray):
        array = cast(np.ndarray, thing)
        update(f"array {array.dtype.str} {array.shape} ".encode())
        if array.dtype.hasobject:       # its bytes are addresses
            return _feed(update, array.ravel().tolist())
        return update(np.ascontiguousarray(array).tobytes())
    if isinstance(thing, Mapping):
        update(b"mapping ")
        thing = sorted(cast(Mapping[Any, Any], thing).items(), key=lambda item: str(item[0]))
    elif is_dataclass(thing) and not isinstance(thing, type):
        parts = [getattr(thing, f.name) for f in fields(thing)]
        update(f"{type(thing).__qualname__} ".encode())
        return _feed(update, parts)
    if isinstance(thing, Sequence) and not isinstance(thing, str | bytes):
        many = cast(Sequence[Any], thing)
        update(f"{len(many)} of ".encode())
        for one in many:
            _feed(update, one)
        return
    said = repr(thing)
    update(f"{type(thing).__name__} {len(said)} {said} ".encode())


@cache
def source() -> str:
    """Computes a name for the source of qhw and of the packages that add to its catalogues, so that
    a changed estimator or scheme ignores older results.

    Files that Python and Numba compile do not count."""
    files = sorted(p for p in PACKAGE.rglob("*") if p.is_file() and p.parent.name != "__pycache__")
    return fingerprint(__version__, np.__version__,
                       [(str(p.relative_to(PACKAGE)), p.read_bytes()) for p in files],
                       [(one, [(str(p), p.read_bytes()) for p in one.files]) for one in plugins()])


class Store:
    """Results by fingerprint, in the cache folder or in another."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or cache_folder() / "points"
        self.fault: str | None = None
        """Why something is not kept, in one line."""

    def get(self, key: str) -> JsonObject | None:
        """Returns the result stored under ``key``; None if it is missing or damaged."""
        try:
            kept: Any = json.loads(self._path(key).read_text(encoding="utf-8"))
            sound = kept["key"] == key and kept["digest"] == _digest(key, kept["result"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return kept["result"] if sound and isinstance(kept["result"], dict) else None

    def put(self, key: str, result: JsonObject) -> None:
        """Stores a result; if that fails, ``fault`` holds the reason."""
        read: Any = json.loads(json.dumps(result))
        content = json.dumps({"key": key, "digest": _digest(key, read), "result": read})
        try:
            write_whole(self._path(key), lambda file: file.write(content.encode()))
        except QhwError as e:
            self.fault = str(e)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _digest(key: str, result: Any) -> str:
    """Computes the digest of a result under its key, as JSON reads it back."""
    return hashlib.sha256(json.dumps([key, result], sort_keys=True).encode()).hexdigest()

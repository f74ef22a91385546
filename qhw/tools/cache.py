"""What is kept between runs, by content: folders of files that are complete or absent.

An entry carries the digests of its files and is checked whenever it is taken: one that is damaged
is made again. It is made in a folder of its own and moved into place, so that any number of
processes may make the same one. Where the cache folder cannot be written, or is full, entries last
as long as the process.
"""

import fcntl
import json
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

from .processes import lasting, scratch

__all__ = ["entry", "folder", "name"]

DIGESTS = "digests.json"
"""What an entry's files must be."""


def folder() -> Path:
    """Where all is kept: ``QHW_CACHE``, or ``qhw`` in the user's cache folder."""
    if chosen := os.environ.get("QHW_CACHE"):
        return Path(chosen).absolute()      # programs run in other folders than this one
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "qhw").absolute()
    except RuntimeError:    # who has no home
        return _for_now()


@cache
def _for_now() -> Path:
    return lasting("qhw-cache-")


def name(*parts: str) -> str:
    """A name for an entry that these texts decide."""
    found = sha256()
    for part in parts:
        found.update(f"{len(part)} {part}".encode())
    return found.hexdigest()[:32]


def entry(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder of an entry; ``make`` puts its files into an empty folder if there is none that is
    whole. What it raises is raised, but for OSError: then it is tried outside the cache once."""
    try:
        return _entry(folder() / kind / key, make)
    except OSError:
        return _entry(_for_now() / kind / key, make)


def _entry(kept: Path, make: Callable[[Path], None]) -> Path:
    if _whole(kept):
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with scratch("building-", kept.parent) as building:
        made = building / "made"
        made.mkdir()
        make(made)
        (made / DIGESTS).write_text(_digests(made, kept.name), encoding="utf-8")
        with _alone(kept.parent):
            if not _whole(kept):    # another process may have been faster
                if os.path.lexists(kept):
                    kept.rename(building / "damaged")
                made.rename(kept)
    return kept


def _whole(kept: Path) -> bool:
    try:
        said = (kept / DIGESTS).read_text(encoding="utf-8")
        return said == _digests(kept, kept.name)
    except (OSError, ValueError):
        return False


def _digests(of: Path, key: str) -> str:
    """Of all files but this one, and which of them are programs."""
    files = sorted(path for path in of.rglob("*") if path.name != DIGESTS and not path.is_dir())
    return json.dumps({"key": key, "files": {
        str(path.relative_to(of)): [sha256(path.read_bytes()).hexdigest(), os.access(path, os.X_OK)]
        for path in files}})


@contextmanager
def _alone(parent: Path) -> Generator[None]:
    """While no other process puts an entry there."""
    with (parent / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

"""A cache that outlives the process: folders of files by content, each complete or absent.

An entry stores the digests of its files. They are checked at every access, and a damaged entry is
made again. An entry is built in a folder of its own and then renamed, so that several processes may
build the same one. If the cache folder is full or read-only, entries last as long as the process.
"""

import fcntl
import json
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

from ..errors import ToolError
from .processes import lasting, scratch

__all__ = ["entry", "folder", "name"]

DIGESTS = "digests.json"
"""Name of the file with the digests of an entry's files."""


def folder() -> Path:
    """Returns the cache folder: ``QHW_CACHE``, or ``qhw`` in the user's cache folder."""
    if chosen := os.environ.get("QHW_CACHE"):
        return Path(chosen).absolute()      # programs run in other folders
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "qhw").absolute()
    except RuntimeError:    # the user has no home folder
        return _for_now()


@cache
def _for_now() -> Path:
    return lasting("qhw-cache-")


def name(*parts: str) -> str:
    """Computes the name of an entry from the texts ``parts``; different texts give different names.
    """
    found = sha256()
    for part in parts:
        found.update(f"{len(part)} {part}".encode())
    return found.hexdigest()[:32]


def entry(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """Returns the folder of an entry, and makes the entry if it is missing or damaged.

    An error in the cache folder is not raised, because it may be full: the entry is then made once
    more, in a temporary folder.

    Parameters
    ----------
    kind : the folder of all entries of a kind
    key : the entry's name
    make : writes the files into an empty folder; its second exception is passed on
    """
    try:
        return _entry(folder() / kind / key, make)
    except (OSError, ToolError):
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
    """Describes all files below ``of`` but this description: digest, and whether it is executable.
    """
    files = sorted(path for path in of.rglob("*") if path.name != DIGESTS and not path.is_dir())
    return json.dumps({"key": key, "files": {
        str(path.relative_to(of)): [sha256(path.read_bytes()).hexdigest(), os.access(path, os.X_OK)]
        for path in files}})


@contextmanager
def _alone(parent: Path) -> Generator[None]:
    """Locks a folder against other processes that add entries."""
    with (parent / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

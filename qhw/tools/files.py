"""Output files: files written by qhw are replaced completely or not at all; all others are kept.

A folder written by qhw holds a manifest with the digests of its files. New files are first written
into a folder inside it, which is renamed when it is complete. From then on they are moved to their
places, by the next run if this one is killed.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import IO, Any, NamedTuple, cast
from zipfile import BadZipFile, ZipFile

import numpy as np

from ..errors import QhwError
from .processes import temporary

__all__ = ["MANIFEST", "check_folder", "check_npz", "check_whole", "write_folder", "write_npz",
           "write_whole"]

MANIFEST = "qhw-manifest.json"
NEW, NEXT = ".qhw-new", ".qhw-next"
"""Folder of files being written, and folder of complete files being moved to their places."""
BY = "qhw"
BUILD = "build"


def write_folder(folder: Path, files: Mapping[str, str | bytes], what: str = BUILD) -> None:
    """Writes ``files`` to ``folder`` and removes the files that an earlier run wrote there.

    Other files are kept. A link to a folder is followed. QhwError if the folder has files but no
    manifest, or another kind's manifest, if a file of an earlier run was edited, or if somebody
    else's file has the name of a new one.

    Parameters
    ----------
    folder : the folder, made if it is missing
    files : contents by name; a name may contain folders
    what : the kind of output, in the manifest and in errors
    """
    with _faults(folder), _alone(folder) as real:
        _finish(real)
        _check(real, files, what)
        _stage(real, {name: content.encode() if isinstance(content, str) else content
                      for name, content in files.items()}, what)
        _finish(real)


def check_folder(folder: Path, what: str = BUILD) -> None:
    """Raises QhwError if ``write_folder`` would refuse the folder; for use before long
    computations."""
    with _faults(folder):
        real = folder.resolve()
        if real.is_dir() and not (real / NEXT).is_dir():
            _check(real, (), what)
        elif os.path.lexists(real) and not real.is_dir():
            raise QhwError(f"{folder}: it exists and was not written by qhw: it is no folder")


def check_whole(folder: Path, names: Iterable[str], what: str = BUILD) -> None:
    """Raises QhwError if ``folder`` is no output of the kind ``what``, or if one of the files
    ``names`` is not as qhw wrote it."""
    with _faults(folder):
        if (folder / NEXT).exists():
            raise QhwError(f"{folder}: a build was cut short while it was written; build it again")
        known = _manifest(folder / MANIFEST)
        if known is None:
            raise QhwError(f"{folder}: it was not written by qhw: it has no {MANIFEST}")
        if known.what != what:
            raise QhwError(f"{folder}: it holds the {known.what} that qhw wrote, and no {what}")
        for name in names:
            if name not in known.files or _digest(folder / name) != known.files[name]:
                raise QhwError(f"{folder / name}: it is not as qhw wrote it; build it again")


@contextmanager
def _faults(of: Path) -> Generator[None]:
    """Turns the system's errors into QhwError."""
    try:
        yield
    except OSError as e:
        # of two names, as in a renaming, the second is the user's
        raise QhwError(f"{e.filename2 or e.filename or of}: {e.strerror or e}") from None
    except RuntimeError as e:       # links that form a circle
        raise QhwError(f"{of}: {e}") from None


@contextmanager
def _alone(folder: Path) -> Generator[Path]:
    """Locks a folder, made if it is missing; yields its path with links followed.

    QhwError if another process holds the lock.
    """
    real = folder.resolve()
    if os.path.lexists(real) and not real.is_dir():
        raise QhwError(f"{folder}: it exists and was not written by qhw: it is no folder")
    made = not real.exists()
    real.mkdir(parents=True, exist_ok=True)
    held = os.open(real, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield real
    except BlockingIOError:
        raise QhwError(f"{folder}: another qhw is writing there") from None
    except BaseException:
        if made:
            with suppress(OSError):     # the folder is not empty
                real.rmdir()
        raise
    finally:
        os.close(held)


def _check(real: Path, names: Iterable[str], what: str) -> None:
    """Raises QhwError if new files would replace files that are not qhw's."""
    known = _manifest(real / MANIFEST)
    if known is None:
        if any(path.name != NEW for path in real.iterdir()):
            raise QhwError(f"{real}: it exists and was not written by qhw: it has files and no "
                           f"{MANIFEST}; name another")
        known = Manifest(what, {})
    if known.what != what:
        raise QhwError(f"{real}: it holds the {known.what} that qhw wrote; name another folder for "
                       f"the {what}")
    known = known.files
    for name in {*known, *names}:
        path = real / name
        for parent in [real / p for p in PurePosixPath(name).parents][:-1]:
            if os.path.lexists(parent) and (parent.is_symlink() or not parent.is_dir()):
                raise QhwError(f"{parent}: qhw writes a folder of this name; move this away")
        if not os.path.lexists(path):
            continue
        if name not in known:
            raise QhwError(f"{path}: qhw writes a file of this name, and did not write this one; "
                           f"move it away")
        if _digest(path) != known[name]:
            raise QhwError(f"{path}: it was edited since qhw wrote it; move it away, or name "
                           f"another folder")


def _stage(real: Path, files: Mapping[str, bytes], what: str) -> None:
    """Writes all new files with their manifest; renaming the folder marks them complete."""
    new = real / NEW
    try:
        shutil.rmtree(new, ignore_errors=True)      # from a killed run
        new.mkdir()
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
        digests = {name: sha256(files[name]).hexdigest() for name in sorted(files)}
        (new / MANIFEST).write_text(json.dumps({"by": BY, "what": what, "files": digests},
                                               indent=2) + "\n", encoding="utf-8")
        new.rename(real / NEXT)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _finish(real: Path) -> None:
    """Moves complete new files to their places and removes old files; resumes after a kill."""
    staged = real / NEXT
    if not staged.is_dir():
        return
    before, after = _manifest(real / MANIFEST), _manifest(staged / MANIFEST)
    if after is not None:
        old, new = before.files if before else {}, after.files
        for name in old.keys() - new.keys():
            if _digest(real / name) == old[name]:
                (real / name).unlink()
                _prune(real, name)
        for name in new:
            if (staged / name).is_file():
                if os.path.lexists(real / name) and _digest(real / name) not in (old.get(name),
                                                                                 new[name]):
                    raise QhwError(f"{real / name}: it was edited since qhw wrote it; move it away")
                (real / name).parent.mkdir(parents=True, exist_ok=True)
                (staged / name).replace(real / name)
        (staged / MANIFEST).replace(real / MANIFEST)
    shutil.rmtree(staged)


def _prune(real: Path, name: str) -> None:
    """Removes the empty folders that a removed file leaves behind."""
    with suppress(OSError):
        for parent in [real / p for p in PurePosixPath(name).parents][:-1]:
            parent.rmdir()


class Manifest(NamedTuple):
    """The list of files that qhw wrote to a folder, and their kind."""

    what: str
    files: dict[str, str]
    """Digests by name."""


def _manifest(path: Path) -> Manifest | None:
    """Reads a manifest; None if the file is not one of qhw's."""
    try:
        known: Any = json.loads(path.read_text(encoding="utf-8")) if not path.is_symlink() else None
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, RecursionError):
        return None
    if not isinstance(known, dict):
        return None
    by, what, files = (cast(dict[str, Any], known).get(key) for key in ("by", "what", "files"))
    if by != BY or not isinstance(what, str) or not isinstance(files, dict):
        return None
    digests = cast(dict[str, Any], files)
    sound = all(isinstance(digest, str) and _within(name) for name, digest in digests.items())
    return Manifest(what, digests) if sound else None


def _within(name: str) -> bool:
    """Tells whether a name stays inside the folder and differs from this module's own names."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and (
        parts[0] not in (MANIFEST, NEW, NEXT))


def _digest(path: Path) -> str:
    """Computes a file's digest; for a link, a folder or nothing, a text that is no digest."""
    try:
        if not S_ISREG(path.lstat().st_mode):
            return "no file"
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    return sha256(path.read_bytes()).hexdigest()


def write_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes ``arrays`` to an .npz file, in place of one that this function wrote.

    QhwError if the existing file is another one. A link is followed.
    """
    check_npz(path)

    def write(file: IO[bytes]) -> None:
        np.savez_compressed(file, **dict(arrays))   # pyright: ignore[reportArgumentType]
        with ZipFile(file, "a") as archive:
            archive.comment = _mark(archive)
    write_whole(path, write)


def check_npz(path: Path) -> None:
    """Raises QhwError if ``write_npz`` would refuse to replace the file."""
    with _faults(path):
        real = path.resolve()
        if not os.path.lexists(real):
            return
        if not S_ISREG(real.stat().st_mode):
            raise QhwError(f"{path}: it exists and is no file; name another")
        if real.stat().st_size and not _marked(real):
            raise QhwError(f"{path}: it was not written by qhw, or changed since; name another")


def _mark(archive: ZipFile) -> bytes:
    """Computes the comment that marks an archive as qhw's and unchanged."""
    content = [(i.filename, i.CRC, i.file_size) for i in archive.infolist()]
    return f"written by qhw {sha256(repr(content).encode()).hexdigest()}".encode()


def _marked(path: Path) -> bool:
    try:
        with ZipFile(path) as archive:
            return archive.comment == _mark(archive)
    except (BadZipFile, NotImplementedError, ValueError):
        return False


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Writes a file through ``write``, and replaces the old one only when it is complete.

    QhwError if the system refuses.
    """
    with _faults(path):
        real = path.resolve()
        real.parent.mkdir(parents=True, exist_ok=True)
        with temporary(real) as (new, file):
            write(file)
            file.flush()
            new.replace(real)

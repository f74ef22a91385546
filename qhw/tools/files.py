"""Outputs: what qhw wrote before is replaced, whole or not at all, and all else is left alone.

A folder of ours holds a manifest, the digests of the files that qhw put there. Its new files are
written into a folder within it, which is renamed when it is complete; from then on they are moved
to their places, by the next run if this one is killed.
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
"""Files that are being written, and those that are complete and on their way to their places."""
BY = "qhw"
BUILD = "build"


def write_folder(folder: Path, files: Mapping[str, str | bytes], what: str = BUILD) -> None:
    """Puts files, which may be in folders of it, in place of those that were written there before.

    Other files stay. QhwError if the folder has files but no manifest, or that of something else
    than ``what``, if one of ours was edited, or if one of somebody else has the name of a new one.
    A link to a folder is followed.
    """
    with _faults(folder), _alone(folder) as real:
        _finish(real)
        _check(real, files, what)
        _stage(real, {name: content.encode() if isinstance(content, str) else content
                      for name, content in files.items()}, what)
        _finish(real)


def check_folder(folder: Path, what: str = BUILD) -> None:
    """QhwError if nothing can be written there, before much is computed."""
    with _faults(folder):
        real = folder.resolve()
        if real.is_dir() and not (real / NEXT).is_dir():
            _check(real, (), what)
        elif os.path.lexists(real) and not real.is_dir():
            raise QhwError(f"{folder}: it exists and was not written by qhw: it is no folder")


def check_whole(folder: Path, names: Iterable[str]) -> None:
    """QhwError if these files of a folder are not as qhw wrote them."""
    with _faults(folder):
        if (folder / NEXT).exists():
            raise QhwError(f"{folder}: a build was cut short while it was written; build it again")
        known = _manifest(folder / MANIFEST)
        if known is None:
            raise QhwError(f"{folder}: it was not written by qhw: it has no {MANIFEST}")
        for name in names:
            if name not in known.files or _digest(folder / name) != known.files[name]:
                raise QhwError(f"{folder / name}: it is not as qhw wrote it; build it again")


@contextmanager
def _faults(of: Path) -> Generator[None]:
    """What the system refuses is one line."""
    try:
        yield
    except OSError as e:
        raise QhwError(f"{e.filename or of}: {e.strerror or e}") from None
    except RuntimeError as e:       # links in a circle
        raise QhwError(f"{of}: {e}") from None


@contextmanager
def _alone(folder: Path) -> Generator[Path]:
    """The folder that this is or that it is a link to, made if it is missing, while nobody else
    writes there."""
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
            with suppress(OSError):     # of which there is something in it
                real.rmdir()
        raise
    finally:
        os.close(held)


def _check(real: Path, names: Iterable[str], what: str) -> None:
    """QhwError if something that is not ours is in the way of new files."""
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
    """All new files with their manifest, complete when the folder has its second name."""
    new = real / NEW
    try:
        shutil.rmtree(new, ignore_errors=True)      # of a run that was killed
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
    """Moves new files that are complete to their places, and removes old ones that have no
    successor; what is done already is not done again."""
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
    """Removes the folders of a file that is gone, as far as they are empty."""
    with suppress(OSError):
        for parent in [real / p for p in PurePosixPath(name).parents][:-1]:
            parent.rmdir()


class Manifest(NamedTuple):
    """What qhw wrote."""

    what: str
    files: dict[str, str]
    """Digests by name."""


def _manifest(path: Path) -> Manifest | None:
    """None if this is no manifest of ours."""
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
    """Whether a name stays in its folder, and is none of those that this file gives."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and (
        parts[0] not in (MANIFEST, NEW, NEXT))


def _digest(path: Path) -> str:
    """Of a file; of what is none, or a link, a text that no file has."""
    try:
        if not S_ISREG(path.lstat().st_mode):
            return "no file"
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    return sha256(path.read_bytes()).hexdigest()


def write_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz file, in place of one that this function wrote; QhwError if what is there is
    something else. A link is followed."""
    check_npz(path)

    def write(file: IO[bytes]) -> None:
        np.savez_compressed(file, **dict(arrays))   # type: ignore
        with ZipFile(file, "a") as archive:
            archive.comment = _mark(archive)
    write_whole(path, write)


def check_npz(path: Path) -> None:
    """QhwError if ``write_npz`` must not replace what is there."""
    with _faults(path):
        real = path.resolve()
        if not os.path.lexists(real):
            return
        if not S_ISREG(real.stat().st_mode):
            raise QhwError(f"{path}: it exists and is no file; name another")
        if real.stat().st_size and not _marked(real):
            raise QhwError(f"{path}: it was not written by qhw, or changed since; name another")


def _mark(archive: ZipFile) -> bytes:
    """What our archives have as their comment: it tells them, and whether they were changed."""
    content = [(i.filename, i.CRC, i.file_size) for i in archive.infolist()]
    return f"written by qhw {sha256(repr(content).encode()).hexdigest()}".encode()


def _marked(path: Path) -> bool:
    try:
        with ZipFile(path) as archive:
            return archive.comment == _mark(archive)
    except (BadZipFile, NotImplementedError, ValueError):
        return False


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """What ``write`` puts into a file, in place of one of the same name, or nothing at all."""
    with _faults(path):
        real = path.resolve()
        real.parent.mkdir(parents=True, exist_ok=True)
        with temporary(real) as (new, file):
            write(file)
            file.flush()
            new.replace(real)

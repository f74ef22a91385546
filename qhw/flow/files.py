"""Outputs are written whole or not at all, and what is not ours is left alone."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import QhwError

__all__ = ["write_folder", "write_npz", "write_whole"]

def write_folder(folder: Path, files: Mapping[str, str | bytes], *,
                 ours: str = "metadata.json") -> None:
    """A folder with these files, which may be in folders of it, and no others; it replaces one that
    has the file ``ours``, by which it is known to have been written before."""
    if folder.exists() and not (folder / ours).is_file() and (
            not folder.is_dir() or any(folder.iterdir())):
        raise QhwError(f"{folder}: it exists and was not written by qhw; name another")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name:
            new, old = Path(name, "new"), Path(name, "old")
            new.mkdir()
            for file, content in files.items():
                (new / file).parent.mkdir(parents=True, exist_ok=True)
                (new / file).write_bytes(content.encode() if isinstance(content, str) else content)
            if folder.exists():
                folder.rename(old)
            try:
                new.rename(folder)
            except OSError:
                if old.exists():
                    old.rename(folder)
                raise
            shutil.rmtree(old, ignore_errors=True)
    except OSError as e:
        raise QhwError(f"{folder}: {e.strerror}") from None


def write_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """An .npz file, in place of one of the same name."""
    write_whole(path, lambda file: np.savez_compressed(file, **dict(arrays)))   # type: ignore


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """What ``write`` puts into a file, in place of one of the same name, or nothing at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as e:
        raise QhwError(f"{path}: {e.strerror}") from None

"""The arrays of a network; each is checked when a layer takes it."""

import warnings
from io import BytesIO
from math import prod
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.lib import format as npy

from ... import limits
from ...errors import ModelError
from ...tools.outside import read_bytes

__all__ = ["Weights", "open_npz", "open_samples"]


def open_npz(path: Path) -> dict[str, np.ndarray]:
    """Reads all arrays of an ``.npz`` file, by name; never runs code from it.

    ModelError if it is no ``.npz`` file, or exceeds the limits."""
    return _archive(path, read_bytes(path, limits.FILE_BYTES))


def open_samples(path: Path) -> dict[str, np.ndarray]:
    """Reads all arrays of an ``.npz`` file, or the array of an ``.npy`` file as ``x``."""
    content = read_bytes(path, limits.FILE_BYTES)
    if content.startswith(npy.MAGIC_PREFIX):
        return {"x": _array(path, "x", BytesIO(content), len(content))}
    return _archive(path, content)


def _archive(path: Path, content: bytes) -> dict[str, np.ndarray]:
    if not content.startswith((b"PK\3\4", b"PK\5\6")):
        raise ModelError(f"{path}: this is no .npz archive")
    try:
        with ZipFile(BytesIO(content)) as file:
            members = file.infolist()
            _bounded(path, members)
            return {m.filename.removesuffix(".npy"): _member(path, file, m) for m in members}
    except ModelError:
        raise
    except Exception as e:      # zipfile's and numpy's errors have no common ancestor
        raise ModelError(f"{path}: it cannot be read: {_line(e)}") from None


def _bounded(path: Path, members: list[ZipInfo]) -> None:
    """ModelError if the archive's directory says that it holds too much, or a name twice."""
    if len(members) > limits.ARCHIVE_MEMBERS:
        raise ModelError(f"{path}: it has {len(members)} members, more than "
                         f"{limits.ARCHIVE_MEMBERS}")
    size = sum(m.file_size for m in members)
    if size > limits.ARCHIVE_BYTES:
        raise ModelError(f"{path}: it unpacks to {size} bytes, more than {limits.ARCHIVE_BYTES}")
    if len({m.filename.removesuffix(".npy") for m in members}) < len(members):
        raise ModelError(f"{path}: two of its members have one name")


def _member(path: Path, file: ZipFile, member: ZipInfo) -> np.ndarray:
    with file.open(member) as stream:
        return _array(path, member.filename.removesuffix(".npy"), stream, member.file_size)


def _array(path: Path, name: str, stream: IO[bytes], size: int) -> np.ndarray:
    """Reads an array of ``size`` bytes, header included; ModelError if its header disagrees."""
    name = repr(name)[:80]
    header = stream.read(npy.MAGIC_LEN)
    if not header.startswith(npy.MAGIC_PREFIX):
        raise ModelError(f"{path}: its member {name} is no array")
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0
            }.get((header[-2], header[-1]))
    if read is None:
        raise ModelError(f"{path}: {name} is an array of .npy version {header[-2]}.{header[-1]}, "
                         f"which is not supported")
    try:
        with warnings.catch_warnings(action="ignore"):
            shape, by_columns, dtype = read(stream)
    except Exception as e:      # what numpy's parser of Python literals finds wrong
        raise ModelError(f"{path}: the header of {name} cannot be read: {_line(e)}") from None
    if dtype.hasobject:
        raise ModelError(f"{path}: {name} holds Python objects, which would run code when they are "
                         f"read; save an array of numbers")
    count = prod(shape)
    if len(shape) > limits.DIMENSIONS or min(shape, default=0) < 0 or count * dtype.itemsize > size:
        raise ModelError(f"{path}: {name} has the shape {_short(shape)}, for which its {size} "
                         f"bytes are too few")
    data = stream.read(count * dtype.itemsize + 1)
    if len(data) != count * dtype.itemsize:
        raise ModelError(f"{path}: {name} has {len(data)} bytes of data for the shape "
                         f"{_short(shape)} of {dtype}")
    array = np.frombuffer(data, dtype, count).copy() if dtype.itemsize else np.zeros(shape, dtype)
    return array.reshape(shape, order="F" if by_columns else "C")


def _short(shape: tuple[int, ...]) -> str:
    return str(shape[:limits.DIMENSIONS])[:200]


def _line(e: Exception) -> str:
    return " ".join(str(e).split())[:200] or type(e).__name__


class Weights:
    """The arrays of a ``weights.npz``, by name."""

    def __init__(self, path: Path):
        self.path = path
        self.arrays = open_npz(path)
        self.used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def real(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """Returns a finite array of real numbers, float64, in one of the shapes; ModelError
        otherwise."""
        array = self._take(name, shapes)
        if array.dtype.kind not in "fiu":
            raise ModelError(f"{self.path}: {name} must be real numbers, not {array.dtype}")
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            where = tuple(int(i) for i in bad[0])
            raise ModelError(f"{self.path}: {name}{list(where)} is {array[where]}, not finite")
        return array.astype(np.float64)

    def positive(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """Returns finite positive numbers, float64, in one of the shapes; ModelError otherwise."""
        array = self.real(name, *shapes)
        if array.min() <= 0:
            raise ModelError(f"{self.path}: {name} must be positive, not {array.min()}")
        return array

    def integer(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """Returns an array of integers, int64, in one of the shapes; ModelError otherwise."""
        array = self._take(name, shapes)
        if array.dtype.kind not in "iu":
            raise ModelError(f"{self.path}: {name} must be integers, not {array.dtype}")
        return array.astype(np.int64)

    def all_used(self) -> None:
        """Raises ModelError if no layer took one of the arrays: its name is misspelt."""
        for name in self.arrays.keys() - self.used:
            raise ModelError(f"{self.path}: {name} belongs to no layer")

    def _take(self, name: str, shapes: tuple[tuple[int, ...], ...]) -> np.ndarray:
        if name not in self.arrays:
            raise ModelError(f"{self.path}: there is no array {name}")
        self.used.add(name)
        array = self.arrays[name]
        for shape in shapes:
            if len(shape) == array.ndim and all(s in (-1, n) for s, n in
                                                zip(shape, array.shape, strict=True)):
                return array
        wanted = " or ".join(str(s).replace("-1", "any") for s in shapes)
        raise ModelError(f"{self.path}: {name} must have the shape {wanted}, not {array.shape}")

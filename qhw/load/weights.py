"""The arrays of a network, each checked as it is taken."""

from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

import numpy as np

from ..errors import ModelError

__all__ = ["Weights", "open_npz"]

MOST_BYTES = 1 << 31
"""Of an archive, unpacked."""


def open_npz(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an ``.npz`` file; never runs code from it."""
    try:
        with path.open("rb") as raw:
            if is_zipfile(raw) and (size := sum(
                    i.file_size for i in ZipFile(raw).infolist())) > MOST_BYTES:
                raise ModelError(f"{path}: it unpacks to {size} bytes, more than {MOST_BYTES}")
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ModelError(f"{path}: this is no .npz archive")
            return {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such file") from None
    except (OSError, ValueError, EOFError, BadZipFile, KeyError, MemoryError) as e:
        raise ModelError(f"{path}: it cannot be read: {str(e).splitlines()[0]}") from None


class Weights:
    """The arrays of a ``weights.npz``."""

    def __init__(self, path: Path):
        self.path = path
        self.arrays = open_npz(path)
        self.used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def real(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """A finite array of real numbers in one of the shapes, float64."""
        array = self._take(name, shapes)
        if array.dtype.kind not in "fiu":
            raise ModelError(f"{self.path}: {name} must be real numbers, not {array.dtype}")
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            where = tuple(int(i) for i in bad[0])
            raise ModelError(f"{self.path}: {name}{list(where)} is {array[where]}, not finite")
        return array.astype(np.float64)

    def positive(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        array = self.real(name, *shapes)
        if array.min() <= 0:
            raise ModelError(f"{self.path}: {name} must be positive, not {array.min()}")
        return array

    def integer(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """An array of integers in one of the shapes, int64."""
        array = self._take(name, shapes)
        if array.dtype.kind not in "iu":
            raise ModelError(f"{self.path}: {name} must be integers, not {array.dtype}")
        return array.astype(np.int64)

    def all_used(self) -> None:
        """ModelError if there is an array that no layer took: its name is misspelt."""
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

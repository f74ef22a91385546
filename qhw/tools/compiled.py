"""Numba's compiler with a cache on disk, if one can be written.

The cache is in ``NUMBA_CACHE_DIR``, beside the code, or in the user's cache folder; without any,
functions are compiled in each process.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numba
import numpy as np
from numba.core.caching import FunctionCache

__all__ = ["Flags", "Ints", "njit"]

Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Flags: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
F = TypeVar("F", bound=Callable[..., Any])


class _Kept(FunctionCache):
    """A cache on a disk that may be full.

    It is valid while no source file in the function's folder changes: Numba checks only the
    function's own file, not the files of the functions that it calls.
    """

    def __init__(self, function: Any):
        super().__init__(function)
        folder = Path(function.__code__.co_filename).parent
        vars(self._cache_file)["_source_stamp"] = _digest(folder)

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)    # pyright: ignore[reportUnknownMemberType]


@cache
def _digest(folder: Path) -> str:
    """Computes the digest of all sources in a folder."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def njit(function: F) -> F:
    """Returns the function with compilation at its first call; its types are for the reader."""
    made: Any = numba.njit(function)
    with suppress(OSError, RuntimeError):   # RuntimeError: no folder can be written
        made._cache = _Kept(function)
    return made

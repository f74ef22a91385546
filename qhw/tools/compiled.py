"""Numba's compiler, with its results kept where that is possible: in ``NUMBA_CACHE_DIR``, beside
the code, or in the user's cache folder. Where none can be written it compiles anew each time."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache

__all__ = ["njit"]


class _Kept(FunctionCache):
    """A cache on a disk that may be full. It is good for as long as no source in the function's
    folder changes: Numba looks at the function's own file, and not at those of what it calls."""

    def __init__(self, function: Any):
        super().__init__(function)
        folder = Path(function.__code__.co_filename).parent
        vars(self._cache_file)["_source_stamp"] = _digest(folder)

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)


@cache
def _digest(folder: Path) -> str:
    """Of all sources in a folder."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def njit(function: Callable[..., Any]) -> Any:
    """The function compiled when it is first called."""
    made: Any = numba.njit(function)
    with suppress(OSError, RuntimeError):   # RuntimeError: no folder can be written
        made._cache = _Kept(function)
    return made

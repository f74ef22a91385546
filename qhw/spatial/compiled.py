"""Numba's compiler, with its results kept where that is possible: in ``NUMBA_CACHE_DIR``, beside
the code, or in the user's cache folder. Where none can be written it compiles anew each time."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
from numba.core.caching import FunctionCache

__all__ = ["njit"]


class _Kept(FunctionCache):
    """A cache on a disk that may be full."""

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)


def njit(function: Callable[..., Any]) -> Any:
    """The function compiled when it is first called."""
    made: Any = numba.njit(function)
    with suppress(OSError, RuntimeError):   # RuntimeError: no folder can be written
        made._cache = _Kept(function)
    return made

"""Seeds that rotate: each day draws its own share of a random space."""

import os
from datetime import UTC, datetime

__all__ = ["rotating", "today"]

SHARE = 1000
"""Seeds that a day may draw, at most."""


def today() -> int:
    """The number of the day (UTC), or the one that ``QHW_SEED`` gives, to repeat it."""
    return int(os.environ.get("QHW_SEED") or datetime.now(UTC).date().toordinal())


def rotating(count: int) -> list[int]:
    """``count`` seeds of today."""
    if count > SHARE:
        raise ValueError(f"{count} seeds a day, more than {SHARE}")
    return [today() * SHARE + k for k in range(count)]

"""Seeds that rotate: each day draws its own share of a random space."""

import os
from datetime import UTC, datetime

__all__ = ["rotating"]

SHARE = 1000
"""Seeds that a day may draw, at most."""


def rotating(count: int) -> list[int]:
    """``count`` seeds of today, or of the day that ``QHW_SEED`` numbers, to repeat it."""
    if count > SHARE:
        raise ValueError(f"{count} seeds a day, more than {SHARE}")
    day = int(os.environ.get("QHW_SEED") or datetime.now(UTC).date().toordinal())
    return [day * SHARE + k for k in range(count)]

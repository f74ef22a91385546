"""Times of beats in rising order, at least a gap apart."""

import numpy as np

__all__ = ["just_in_time", "paced"]


def paced(times: np.ndarray, gap: int = 1) -> np.ndarray:
    """Computes the earliest rising times that are not before ``times`` (beats,) and at least
    ``gap`` cycles apart."""
    ramp = gap * np.arange(len(times))
    return np.maximum.accumulate(times - ramp) + ramp


def just_in_time(times: np.ndarray) -> np.ndarray:
    """Computes the latest rising times that are not after ``times`` (beats,) and at least one cycle
    apart."""
    return -paced(-times[::-1])[::-1]

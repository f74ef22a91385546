"""Sparse weights: how many zeros come before each one that is kept.

Han et al., "Deep Compression", 2015 (arXiv 1510.00149), section 2 and fig. 2: a gap that does not
fit its bits gets a filler zero, which is kept like a weight.
"""

import numpy as np

__all__ = ["gaps_of", "joined"]


def gaps_of(codes: np.ndarray, zero: int, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Gaps of ``bits`` bits and the codes kept behind them; zeros at the end are fillers."""
    most = (1 << bits) - 1
    gaps: list[int] = []
    values: list[int] = []
    run = 0
    for code in codes.tolist():
        if code != zero or run == most:
            gaps.append(run)
            values.append(code)
            run = 0
        else:
            run += 1
    if run:
        gaps.append(run - 1)
        values.append(zero)
    return np.array(gaps, np.int64), np.array(values, np.int64)


def joined(gaps: np.ndarray, values: np.ndarray, zero: int) -> np.ndarray:
    """The codes again: position = cumsum(gap + 1) - 1."""
    codes = np.full(int((gaps + 1).sum()), zero, np.int64)
    codes[np.cumsum(gaps + 1) - 1] = values
    return codes

"""Sparse weights: each kept weight is stored with the number of zeros before it, its gap.

Han et al., "Deep Compression", 2015 (arXiv 1510.00149), section 2 and fig. 2: a gap that exceeds
its bits is split by a filler zero, which is stored like a weight.
"""

import numpy as np

__all__ = ["gaps_of", "joined"]


def gaps_of(codes: np.ndarray, zero: int, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Splits codes into gaps and kept codes; zeros at the end become fillers.

    Returns gaps and kept codes, both (kept,).

    Parameters
    ----------
    codes : unsigned codes (n,)
    zero : the code that is left out, a number
    bits : bits of a gap
    """
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
    """Restores the codes (n,): position = cumsum(gap + 1) - 1.

    Parameters
    ----------
    gaps : zeros before each kept code, (kept,)
    values : kept codes (kept,)
    zero : the code between them, a number
    """
    codes = np.full(int((gaps + 1).sum()), zero, np.int64)
    codes[np.cumsum(gaps + 1) - 1] = values
    return codes

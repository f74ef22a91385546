"""Quantizes real samples in floating point, and exactly where floating point cannot decide."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..exact.cut import Cut
from ..graph import Op
from .quantize import Quantize, Quantizer
from .real import Monotone

__all__ = ["quantized"]

SLACK = 2.0**-40
"""By how much of itself, and of its value at 0, a number is moved to see whether rounding could
matter."""


def quantized(x: np.ndarray, steps: Sequence[Op]) -> np.ndarray:
    """Quantizes real samples (N, ..., channels) by the layers ``steps``; returns their codes.

    The last step is a quantizer, the others are monotone. A sample whose code changes
    within ``SLACK`` of its values is compared with the exact thresholds."""
    *between, last = steps
    assert isinstance(last, Quantizer)
    low = high = x
    for op in between:
        ends, origin = (op.evaluate(low), op.evaluate(high)), op.evaluate(np.zeros_like(x[:1]))
        low, high = _apart(np.minimum(*ends), np.maximum(*ends), origin)
    zero = float(last.scale * last.zeros[0]) if isinstance(last, Quantize) else 0.0
    low, high = _apart(low, high, np.array(zero))
    found = last.evaluate(low).astype(np.int64)
    near = last.evaluate(high) != found     # elsewhere all between have one code
    if not near.any():
        return found
    channels: int = x.shape[-1]
    alike = not between and isinstance(last, Quantize)
    for channel in {0} if alike else set(np.nonzero(near)[-1].tolist()):
        here = near if alike else near & (np.arange(channels) == channel)
        values, first, places = np.unique(x[here], return_index=True, return_inverse=True)
        if len(values):
            codes_near = zip(values.tolist(), found[here][first].tolist(), strict=True)
            found[here] = np.array([_code(between, last, channel, Fraction(v), code)
                                    for v, code in codes_near])[places]
    return found


def _apart(low: np.ndarray, high: np.ndarray, origin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Moves finite numbers apart, by a share of themselves and of ``origin``, an offset that is in
    them or follows."""
    with np.errstate(invalid="ignore"):     # infinities stay
        room = SLACK * (np.maximum(np.abs(low), np.abs(high)) + np.abs(origin))
        return (np.where(np.isfinite(low), low - room, low),
                np.where(np.isfinite(high), high + room, high))


def _code(between: Sequence[Op], last: Quantizer, channel: int, value: Fraction, code: int) -> int:
    """The exact code of a value, which is ``code`` or near it."""

    def reached(cut: Cut) -> bool:
        for op in reversed(between):
            assert isinstance(op, Monotone)
            cut = op.pull(cut, channel)
        return cut.holds(value)

    if not isinstance(last, Quantize):
        count = sum(map(reached, last.cuts(channel)))
        return last.format.integer.lo + count if last.table is None else int(last.table[count])
    while code < last.codes.hi and reached(last.cut(code + 1)):
        code += 1
    while code > last.codes.lo and not reached(last.cut(code)):
        code -= 1
    return code

"""Functions of 32-bit fixed-point numbers, as TensorFlow Lite's reference kernels compute them.

A number with ``bits`` integer bits is stored as an integer n; its value is ``n / 2**(31 - bits)``.
The primitives are those of gemmlowp's fixedpoint.h; arrays are int64 and of any shape."""

from collections.abc import Sequence

import numpy as np

from ...exact.num import Rounding, round_shift
from ...layers.rescale import WORD, divided

__all__ = ["ONE", "exp_negative", "inverse", "inverse_root", "log", "logistic", "product",
           "shifted", "tanh"]

ONE = WORD.hi
"""The number 1 without integer bits, which is not exact."""
LOG_2, SQRT_HALF, SQRT_SQRT_HALF = 1488522236, 1518500250, 1805811301


def product(a: np.ndarray | int, b: np.ndarray | int) -> np.ndarray:
    """Multiplies ``a`` by ``b`` and rounds half up; the result has the integer bits of both."""
    return np.minimum(round_shift(np.asarray(a, np.int64) * b, 31, Rounding.HALF_UP), ONE)


def shifted(a: np.ndarray, bits: np.ndarray | int) -> np.ndarray:
    """Multiplies by ``2**bits`` and saturates."""
    most = (1 << 31 - np.asarray(bits, np.int64)) - 1
    found = np.where(a > most, WORD.hi, np.where(a < -most, WORD.lo, a << bits))
    return np.where(np.asarray(bits) > 0, found, a)


def _half_sum(a: np.ndarray, b: int) -> np.ndarray:
    total = a + b
    return np.sign(total) * ((np.abs(total) + 1) >> 1)


def _wrapped(a: np.ndarray) -> np.ndarray:
    """Sums of 32 bits as they are kept."""
    return (a - WORD.lo & (1 << 32) - 1) + WORD.lo


def exp_negative(a: np.ndarray, bits: int) -> np.ndarray:
    """Computes exp(a) for ``a`` <= 0 with ``bits`` integer bits; the result has none.

    A polynomial of degree 4 handles the remainder below 1/4; each higher bit multiplies by a
    constant."""
    fraction = 31 - bits
    quarter = 1 << fraction - 2
    part = (a & quarter - 1) - quarter
    x = shifted(part, bits) + (1 << 28)
    x2 = product(x, x)
    x3, x4 = product(x2, x), product(x2, x2)
    tail = divided(product(divided(x4, 2) + x3, 715827883) + x2, 1)
    found = 1895147668 + product(1895147668, x + tail)
    factors: Sequence[int] = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
    for exponent, factor in zip(range(-2, bits), factors, strict=False):
        here = (part - a) & (1 << fraction + exponent) != 0
        found = np.where(here, product(found, factor), found)
    return np.where(a == 0, ONE, found)


def _newton(a: np.ndarray) -> np.ndarray:
    """2 / (1 + a) of numbers between 0 and 1, with 2 integer bits; Newton's method."""
    half = _half_sum(a, ONE)
    x = 1515870810 + product(half, -1010580540)
    for _ in range(3):
        x = x + shifted(product(x, (1 << 29) - product(half, x)), 2)
    return x


def inverse(a: np.ndarray) -> np.ndarray:
    """Computes 1 / (1 + a) for ``a`` between 0 and 1; both have no integer bits."""
    return shifted(_newton(a), 1)


def logistic(a: np.ndarray, bits: int) -> np.ndarray:
    """Computes 1 / (1 + exp(-a)); ``a`` has ``bits`` integer bits, the result none."""
    above = inverse(exp_negative(-np.abs(a), bits))
    return np.where(a == 0, 1 << 30, np.where(a > 0, above, ONE - above))


def tanh(a: np.ndarray, bits: int) -> np.ndarray:
    """Computes tanh(a); ``a`` has ``bits`` integer bits, the result none."""
    above = shifted(_newton(exp_negative(-np.abs(a), bits + 1)) - (1 << 29), 2)
    return np.sign(a) * above


def leading_zeros(a: np.ndarray) -> np.ndarray:
    """Counts the zeros above the highest one of positive 32-bit integers."""
    return 32 - np.frexp(a.astype(np.float64))[1].astype(np.int64)


def inverse_root(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes multiplier and shift of 1 / sqrt(a) for 32-bit integers ``a`` >= 0; 0 counts as 1.

    Newton's method with 3 integer bits, of a number with an even number of leading zeros."""
    large = np.maximum(a, 2)
    pairs = (large >= 1 << 29).astype(np.int64)
    large = large >> 2 * pairs
    left = (leading_zeros(large) - 1) // 2 - 1
    half = divided((large << 2 * left) >> 1, 1)
    x = np.full_like(half, 1 << 28)
    for _ in range(5):
        cube = shifted(product(product(x, x), x), 6)
        x = shifted(product((1 << 28) + (1 << 27), x) - product(half, cube), 3)
    x, right = product(x, SQRT_HALF), 11 + pairs - left
    one = a <= 1
    return (np.where(one, ONE, x << np.maximum(-right, 0)),
            np.where(one, 0, -np.maximum(right, 0)))


def log(a: np.ndarray, bits: int, made: int) -> np.ndarray:
    """Computes the natural logarithm of numbers that are at least 1.

    Parameters
    ----------
    a : numbers of ``bits`` integer bits
    bits : integer bits of the numbers
    made : number of integer bits of the result"""
    unit, quarter = 30 - made, 1 << 28 - made
    zeros = leading_zeros(a)
    first = shifted(product(shifted(a, zeros - 1), SQRT_HALF), 1)
    second_zeros = leading_zeros(product(a, SQRT_HALF)) - 1
    second = shifted(a, second_zeros)
    power = np.maximum(shifted(bits - zeros, unit) + quarter,
                       shifted(bits - second_zeros, unit) - quarter)
    r = np.minimum(first, second)
    p, q = _half_sum(r, SQRT_SQRT_HALF), 2 * (r - SQRT_SQRT_HALF)
    square = product(q, q)
    over = product(q, r) + product(product(q, square), 117049297)
    under = _wrapped(product(p, 1057819769 + q + product(127690142, square))
                     + product(638450708, q))
    return shifted(product(power, LOG_2) + product(divided(over, made + 1), inverse(under)), 1)

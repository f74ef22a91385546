"""Rounding, roots and weight formats in exact rationals, from docs and papers alone."""

from collections.abc import Callable
from fractions import Fraction
from math import floor, isqrt
from typing import Any

import numpy as np

__all__ = ["ROUNDINGS", "decoded", "each", "log2_nearest", "minifloat", "rational", "root"]

HALF = Fraction(1, 2)


def _away(v: Fraction) -> int:
    return floor(v + HALF) if v >= 0 else -floor(-v + HALF)


ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "half-even": round, "half-up": lambda v: floor(v + HALF), "half-away": _away, "floor": floor}


def rational(value: Any) -> Fraction:
    """As it is written, "1/255", or stored."""
    return Fraction(value) if isinstance(value, str | int) else Fraction(float(value))


def each(function: Callable[..., Any], *arrays: Any) -> np.ndarray:
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), object)


def root(x: Fraction) -> Fraction:
    """A square root, exactly or to 200 bits."""
    p, q = isqrt(x.numerator), isqrt(x.denominator)
    if p * p == x.numerator and q * q == x.denominator:
        return Fraction(p, q)
    return Fraction(isqrt((x.numerator << 400) // x.denominator), 1 << 200)


def floor_log2(x: Fraction) -> int:
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if Fraction(2) ** e <= x else e - 1


def log2_nearest(x: Fraction) -> int:
    """The exponent nearest to log2 x, whose boundary is sqrt(2)."""
    e = floor_log2(x)
    return e + ((x / Fraction(2) ** e) ** 2 > 2)


def minifloat(x: Fraction, exponent: int, mantissa: int) -> Fraction:
    """The nearest normal number, ties away from zero; +-2**-bias is not representable."""
    bias = (1 << exponent - 1) - 1
    if x == 0:
        return Fraction(0)
    e = max(floor_log2(abs(x)), -bias)
    unit = Fraction(2) ** (e - mantissa)
    found = floor(abs(x) / unit + HALF) * unit
    most = (2 - Fraction(1, 1 << mantissa)) * Fraction(2) ** ((1 << exponent) - 1 - bias)
    found = min(found, most)
    if found <= Fraction(1, 1 << bias):
        return Fraction(0)
    return found if x > 0 else -found


# -- weights: the integer that a code stands for


def twos(code: int, bits: int) -> int:
    return code - (1 << bits) if code >> bits - 1 else code


def trit(code: int) -> int:
    return {0: 0, 1: 1, 3: -1}[code]


def shifts(code: int, terms: int, bits: int) -> int:
    """ShiftCNN: term n is 0 or +-2**(2 - n - index), in steps of 2**-(L + N - 2)."""
    last, total = (1 << bits - 1) - 1, 0
    for n in range(1, terms + 1):
        index, negative = code & last, code >> bits - 1 & 1
        if index:
            size = 1 << last + terms - n - index
            total += -size if negative else size
        code >>= bits
    return total


def power(code: int, count: int, zero: bool) -> int:
    """INQ's and Ristretto's: an exponent, a bit for "not zero" if there is a zero, the sign.

    Of one power alone, the exponent takes no bit.
    """
    bits = (count - 1).bit_length()
    exponent, rest = code & (1 << bits) - 1, code >> bits
    if zero:
        on, rest = rest & 1, rest >> 1
        if not on:
            return 0
    return -(1 << exponent) if rest else 1 << exponent


def small_float(code: int, exponent: int, mantissa: int) -> int:
    """In steps of 2**-(bias + mantissa)."""
    sign, e = code >> exponent + mantissa, code >> mantissa & (1 << exponent) - 1
    f = code & (1 << mantissa) - 1
    if e == f == 0:
        return 0
    return (-1) ** sign * ((1 << mantissa) + f << e)


def decoded(scheme: Any, codes: np.ndarray, table: np.ndarray | None) -> np.ndarray:
    """The integers that codes stand for, as Python's."""
    given = scheme if isinstance(scheme, dict) else {"name": scheme}
    name = given["name"]
    of: Callable[[int], int]
    if name in ("fixed", "dfp"):
        bits = given.get("bits", 4 if name == "fixed" else 8)
        of = lambda c: twos(c, bits)        # noqa: E731
    elif name in ("binary", "ternary"):
        of = {"binary": lambda c: 2 * c - 1, "ternary": trit}[name]
    elif name == "affine":
        assert table is not None
        of = lambda c: c - int(table[0])    # noqa: E731
    elif name == "ttq":
        assert table is not None
        of = lambda c: {0: 0, 1: int(table[0]), 3: int(table[1])}[c]    # noqa: E731
    elif name in ("balanced", "dorefa"):
        top = (1 << given.get("bits", 2)) - 1
        of = lambda c: 2 * c - top          # noqa: E731
    elif name == "shiftcnn":
        of = lambda c: shifts(c, given.get("terms", 2), given.get("bits", 4))   # noqa: E731
    elif name == "inq":
        of = lambda c: power(c, 1 << given.get("bits", 5) - 2, True)    # noqa: E731
    elif name == "po2":
        count = given.get("highest", -1) - given.get("lowest", -8) + 1
        of = lambda c: power(c, count, False)   # noqa: E731
    elif name == "minifloat":
        of = lambda c: small_float(c, given.get("exponent", 4),     # noqa: E731
                                   given.get("mantissa", 3))
    else:
        raise KeyError(name)
    return each(lambda c: of(int(c)), codes)

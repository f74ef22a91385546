"""Numbers in files: each way to write one, exactly, and each limit at its edge."""

from fractions import Fraction

import pytest

from qhw import limits
from qhw.tools.numbers import number_of, scale_of


@pytest.mark.parametrize(("text", "number"), [
    (3, 3), (-3, -3), (0.1, Fraction(0.1)), ("3", 3), ("+3", 3), ("-3", -3), (" 7 ", 7),
    ("1/255", Fraction(1, 255)), ("-4/6", Fraction(-2, 3)), ("0/5", 0), ("0.1", Fraction(1, 10)),
    ("5.", 5), ("-1.25", Fraction(-5, 4)), ("1e3", 1000), ("1E-3", Fraction(1, 1000)),
    ("2.5e+1", 25), ("1" * 30, int("1" * 30)),
])
def test_numbers(text, number):
    assert number_of(text) == number


@pytest.mark.parametrize("text", [
    "", " ", "x", "1/0", "1/00", "1/-2", "1/2/3", "1/2.5", ".5", "1e", "e3", "--1", "1 2", "1_000",
    "nan", "inf", float("nan"), float("inf"), "0x10", "1e1000000000"])
def test_none_of_these_is_one(text):
    with pytest.raises(ValueError, match="should be a finite number or a fraction in a string"):
        number_of(text)


def test_digits_and_exponents_are_limited():
    most = limits.DIGITS
    assert number_of("1" * most) == (10 ** most - 1) // 9
    assert number_of(f"1e{most}") == 10 ** most
    assert number_of(f"1e-{most}") == Fraction(1, 10 ** most)
    for text in ("1" * (most + 1), f"1e{most + 1}", f"1e-{most + 1}"):
        with pytest.raises(ValueError, match="finite number"):
            number_of(text)


def test_scales_are_positive_and_neither_too_large_nor_too_small():
    edge = 1 << limits.EXPONENT
    assert scale_of(edge) == edge and scale_of(f"1/{edge}") == Fraction(1, edge)
    assert scale_of("1/255") == Fraction(1, 255)
    for wrong, says in ((0, "greater than 0"), ("-1/2", "greater than 0"), ("0.0", "greater than"),
                        (edge + 1, "should be from 2"), (f"1/{edge + 1}", "should be from 2")):
        with pytest.raises(ValueError, match=says):
            scale_of(wrong)

"""Codes of powers of two and of small floats, by tables written out by hand."""

import numpy as np
import pytest

from qhw.exact.formats import MiniFloat, Power
from qhw.exact.num import Int

POWERS = {
    # 3 powers are 2**2 - 1: an index of 2 bits below the sign, 1 for the largest power.
    Power(3): (3, 2, 2, {0b000: 0, 0b001: 4, 0b010: 2, 0b011: 1,
                         0b101: -4, 0b110: -2, 0b111: -1}),
    Power(3, 2): (3, 2, 2, {0: 0, 1: 16, 2: 8, 3: 4, 5: -16, 6: -8, 7: -4}),
    Power(1): (2, 1, 1, {0: 0, 1: 1, 3: -1}),
    # 4 are 2**2: the exponent in 2 bits, below one that is set where it is not zero.
    Power(4): (4, 3, 2, {0: 0, 0b0100: 1, 0b0101: 2, 0b0110: 4, 0b0111: 8,
                         0b1100: -1, 0b1101: -2, 0b1110: -4, 0b1111: -8}),
    Power(2, 1): (3, 2, 1, {0: 0, 0b010: 2, 0b011: 4, 0b110: -2, 0b111: -4}),
    # Without a zero that bit is missing, without signs the sign is.
    Power(4, zero=False): (3, 2, 2, {0: 1, 1: 2, 2: 4, 3: 8, 4: -1, 5: -2, 6: -4, 7: -8}),
    Power(3, zero=False): (3, 2, 2, {0: 1, 1: 2, 2: 4, 4: -1, 5: -2, 6: -4}),
    Power(3, signed=False): (2, 2, 2, {0: 0, 1: 4, 2: 2, 3: 1}),
    Power(4, 1, signed=False): (3, 3, 2, {0: 0, 4: 2, 5: 4, 6: 8, 7: 16}),
    Power(4, zero=False, signed=False): (2, 2, 2, {0: 1, 1: 2, 2: 4, 3: 8}),
}


@pytest.mark.parametrize("power", POWERS, ids=str)
def test_powers(power):
    bits, magnitude, field, table = POWERS[power]
    assert (power.bits, power.magnitude, power.field, power.width) == (bits, magnitude, field, bits)
    assert (power.shape.width, power.shape.signed) == (bits, False)
    assert sorted(power.codes.tolist()) == sorted(table)
    codes = np.array(list(table))
    assert power.decode(codes).tolist() == list(table.values())
    values = np.array(list(table.values()))
    exponents = np.log2(np.maximum(np.abs(values), 1)).astype(int)
    on = values != 0
    exponents[~on] = power.offset
    assert power.encode(exponents, values < 0, on).tolist() == list(table)
    assert power.value == Int(min(values), max(values))


FLOATS = {
    # 1 bit of exponent, 1 of mantissa: bias 0, steps of a half; (2 + f) << e, code 0 is zero.
    MiniFloat(1, 1): (3, 0, -1, {0: 0, 1: 3, 2: 4, 3: 6, 5: -3, 6: -4, 7: -6}),
    # 2 bits of exponent, 1 of mantissa: bias 1, steps of a quarter.
    MiniFloat(2, 1): (4, 1, -2, {0: 0, 1: 3, 2: 4, 3: 6, 4: 8, 5: 12, 6: 16, 7: 24, 9: -3, 10: -4,
                                 11: -6, 12: -8, 13: -12, 14: -16, 15: -24}),
    MiniFloat(1, 2): (4, 0, -2, {0: 0, 1: 5, 2: 6, 3: 7, 4: 8, 5: 10, 6: 12, 7: 14, 9: -5, 10: -6,
                                 11: -7, 12: -8, 13: -10, 14: -12, 15: -14}),
}


@pytest.mark.parametrize("form", FLOATS, ids=str)
def test_floats(form):
    bits, bias, lsb, table = FLOATS[form]
    assert (form.bits, form.bias, form.lsb) == (bits, bias, lsb)
    assert sorted(form.codes.tolist()) == sorted(table)
    codes = np.array(list(table))
    assert form.decode(codes).tolist() == list(table.values())
    assert form.encode(form.decode(codes) * 2.0 ** lsb).tolist() == list(table)


@pytest.mark.parametrize(("x", "value"), [
    # MiniFloat(2, 1) has 0, .75, 1, 1.5, 2, 3, 4, 6; a tie goes away from zero.
    (0.0, 0), (0.49, 0), (0.74, 0.75), (0.8, 0.75), (0.875, 1), (0.87, 0.75), (1.24, 1),
    (1.25, 1.5), (1.75, 2), (1.74, 1.5), (2.5, 3), (2.49, 2), (3.5, 4), (5, 6), (4.99, 4), (6.5, 6),
    (7, 6), (100, 6)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_nearest_float(x, value, sign):
    form = MiniFloat(2, 1)
    code = form.encode(np.array([sign * x]))
    assert (form.decode(code) * 2.0 ** form.lsb).tolist() == [sign * value]


def test_what_rounds_to_nothing_has_no_sign():
    form = MiniFloat(2, 1)
    assert form.encode(np.array([-0.1, -0.0, 0.1, 0.5, -0.5])).tolist() == [0, 0, 0, 0, 0]

"""Real samples next to a threshold get the code that rationals give them."""

from fractions import Fraction
from math import nextafter

import numpy as np
import pytest

from qhw.exact.num import Int, Rounding
from qhw.layers import Affine, Input, Quantize, Sign
from qhw.layers.levels import logarithmic
from qhw.layers.nearest import quantized

F = Fraction
NEAR = [F(1, 10), F(64, 255), F(1, 3), F(7, 1 << 20)]


def around(points):
    """Floats at and next to some rationals."""
    found = [float(p) for p in points]
    each = [(f, nextafter(f, np.inf), nextafter(f, -np.inf)) for f in found]
    return np.array(each).reshape(-1, 1)


def by_definition(op: Quantize, x: float) -> int:
    """Rounded half to even in integers."""
    number = F(x) / op.scale + op.zero
    return max(op.codes.lo, min(op.codes.hi, round(number)))


@pytest.mark.parametrize("zero", [0, 3])
@pytest.mark.parametrize("scale", NEAR, ids=str)
def test_ties_that_are_none(scale, zero):
    """Of the floats next to a half step, float64's division calls several one."""
    op = Quantize(Int(-100, 100), scale, zero)
    x = around([(k + F(1, 2)) * scale for k in range(-60, 60)])
    want = [by_definition(op, float(v)) for v in x[:, 0]]
    assert quantized(x, [op])[:, 0].tolist() == want
    assert op.evaluate(x)[:, 0].tolist() != want or scale.denominator & scale.denominator - 1 == 0
    given = Input((1,), op.codes, scale, F(zero))
    assert given.evaluate(x)[:, 0].tolist() == want


@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize(("zero", "codes"), [(39, Int(-63, 63)), (60001, Int(60000, 60003)),
                                             (-32768, Int(-32768, 32767))])
def test_samples_far_smaller_than_the_zero_point(zero, codes, rounding):
    """Beside which they vanish in float64, and on whose side of it floor and ceil are."""
    op = Quantize(codes, F(1, 10), zero, rounding)
    x = np.concatenate([around([F(0), op.scale / 2, -op.scale / 2]),
                        np.array([[1e-300], [-1e-300], [1e-17], [-1e-17]])])
    given = Input((1,), op.codes, op.scale, F(zero), rounding=rounding)
    cuts = [op.cut(code) for code in range(codes.lo + 1, codes.hi + 1)]
    want = [codes.lo + sum(cut.holds(F(float(v))) for cut in cuts) for v in x[:, 0]]
    assert quantized(x, [op])[:, 0].tolist() == want == given.evaluate(x)[:, 0].tolist()


@pytest.mark.parametrize("slope", [F(1, 3), F(-7, 5)])
def test_samples_far_smaller_than_an_offset(slope):
    """Of which a quantizer behind it sees nothing in float64."""
    op = Quantize(Int(-20, 20), F(1), rounding=Rounding.FLOOR)
    x = np.array([[0.], [1e-30], [-1e-30], [1e-18], [-1e-18]])
    got = quantized(x, [Affine((slope,), (F(5),)), op])
    assert got[:, 0].tolist() == [(F(float(v)) * slope + 5).__floor__() for v in x[:, 0]]


def test_numbers_beyond_float64_are_clipped():
    op = Quantize(Int(-20, 20), F(1))
    with np.errstate(over="ignore"):
        got = quantized(np.array([[1e308], [-1e308], [0.4]]), [Affine((F(1000),), (F(1),)), op])
    assert got[:, 0].tolist() == [20, -20, 20]


@pytest.mark.parametrize("slope", [F(1, 3), F(-7, 5)])
def test_behind_a_scale(slope):
    """Which float64 rounds too, and which may fall."""
    op = Quantize(Int(-20, 20), F(1, 10), rounding=Rounding.HALF_UP)
    x = around([(k + F(1, 2)) * op.scale / slope for k in range(-15, 15)])
    got = quantized(x, [Affine((slope,), (F(0),)), op])
    want = [(F(float(v)) * slope / op.scale + F(1, 2)).__floor__() for v in x[:, 0]]
    assert got[:, 0].tolist() == want


def test_other_quantizers():
    """Signs, and thresholds that are roots."""
    tiny = np.array([[0.], [5e-324], [-5e-324]])
    assert quantized(tiny, [Sign()])[:, 0].tolist() == [1, 1, 0]
    op = logarithmic(3, 2)
    edge = around([F(2) ** F(-1, 2)])
    want = [0 if F(float(v)) ** 2 < F(1, 2) else 1 for v in edge[:, 0]]
    levels = op.format.integers(quantized(edge, [op]))[:, 0]
    assert [int(v > levels.min()) for v in levels] == want

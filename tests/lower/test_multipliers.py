"""Multipliers, shifts and limits of activations, worked by hand."""

import sys
from fractions import Fraction

import numpy as np
import pytest

from qhw import limits
from qhw.errors import ModelError
from qhw.exact.num import Int, Rounding
from qhw.graph import Tensor
from qhw.layers import Affine, BatchNorm, Function, Input, Quantize, Relu, ShiftRound
from qhw.lower import lower
from qhw.ops import Lookup, Requantize, Threshold
from qhw.simulators.golden import golden

from .chains import chain, two

F = Fraction
ROOM = sys.modules["qhw.lower.activations"]


def made(*behind, slopes=(1.,), bias=None, codes=(0, 15)):
    """The integer layer that the layers ``behind`` become, of a sum for each of the slopes."""
    product = two(np.ones((len(slopes), 1), int), np.array(slopes), bias)
    lowered = lower(chain(Input((1,), Int(*codes)), product, *behind))
    return lowered.by_name[f"l{1 + len(behind)}"].op


@pytest.mark.parametrize(("slopes", "bias", "want"), [
    ((.3, -.55), (.4, 0.), ([2, -4], [3, 0], 3)),
    ((.3, -.55), (0., 0.), ([1, -2], [0, 0], 2)),
    ((.3, .55), (-.4, 0.), ([2, 4], [-3, 0], 3)),
    ((.875,), (0.,), ([7], [0], 3)), ((.95,), (0.,), ([1], [0], 0)),
    ((.9375,), (.25,), ([4], [1], 2)), ((7.4,), (0.,), ([7], [0], 0)),
    ((2. ** -50,), (0.,), ([0], [0], 0)), ((2. ** -40,), (0.,), ([1], [0], 40)),
    ((2. ** -41 * 1.5,), (0.,), ([1], [0], 40)), ((-7.4, 1.), (3., 2.), ([-7, 1], [3, 2], 0))])
def test_the_nearest_multiplier_of_four_bits(slopes, bias, want):
    """The largest shift, to 40, at which the steepest rounds to 7 at most; all are rounded there,
    and halved while all are even. .55 * 8 = 4.4 and .3 * 8 = 2.4, .4 * 8 = 3.2; .55 * 16 is too
    much. .95 * 8 = 7.6 is too much, .95 * 4 = 3.8 is 4, which is halved twice. .9375 * 8 = 7.5 is
    8, too much, and .9375 * 4 = 3.75 is 4, which stays because of the bias."""
    op = made(Quantize(Int(-8, 7), F(1), multiplier_bits=4), slopes=slopes, bias=np.array(bias))
    assert isinstance(op, Requantize)
    assert (op.multiplier.tolist(), op.offset.tolist(), op.shift) == want


@pytest.mark.parametrize(("slope", "bits"), [(7.6, 4), (-7.6, 4), (1.6, 2)])
def test_a_scale_that_a_multiplier_cannot_hold(slope, bits):
    with pytest.raises(ModelError, match=f"needs more than {bits} bits"):
        made(Quantize(Int(-8, 7), F(1), multiplier_bits=bits), slopes=(1., slope))


def test_a_multiplier_of_a_scale_a_norm_and_a_step():
    """(x / 2 - 2) * 1.5 / sqrt(3 + 1) + .5 in steps of 1/4 is 1.5 x - 4: 3 x - 8, shifted by 1; of
    the second channel, -(x / 2 - 1) / sqrt(15 + 1) - 1 is -x / 2 - 3: -1 x - 6."""
    norm = BatchNorm(np.array([1.5, -1.]), np.array([.5, -1.]), np.array([2., 1.]),
                     np.array([3., 15.]), 1.0)
    op = made(norm, Quantize(Int(-8, 7), F(1, 4), zero=-3, rounding=Rounding.FLOOR,
                             multiplier_bits=3), slopes=(.5, .5))
    assert (op.multiplier.tolist(), op.offset.tolist(), op.shift) == ([3, -1], [-8, -6], 1)
    assert (op.codes, op.zero, op.rounding, op.scale) == (Int(-8, 7), -3, Rounding.FLOOR, F(1, 4))


@pytest.mark.parametrize(("codes", "zero", "want"), [
    ((-8, 7), 0, 0), ((-8, 7), -3, -3), ((-8, 7), -8, -8), ((0, 15), -3, 0), ((0, 15), 20, 15)])
def test_a_multiplier_behind_a_relu_has_codes_from_zero_on(codes, zero, want):
    relu = made(Relu(), Quantize(Int(*codes), F(1), zero=zero, multiplier_bits=4))
    plain = made(Quantize(Int(*codes), F(1), zero=zero, multiplier_bits=4))
    assert (relu.codes, plain.codes) == (Int(want, codes[1]), Int(*codes))


def test_what_no_multiplier_is_made_of():
    """A relu that is not the last."""
    with pytest.raises(ModelError, match="relu layer 'l2' does not fit a multiplier"):
        made(Relu(), Affine((F(2),), (F(1),)), Quantize(Int(-8, 7), F(1), multiplier_bits=4))


@pytest.mark.parametrize(("divisor", "slopes", "bias", "shifts"), [
    (8, (1., 1.), (0., 5.), True), (12, (1., 1.), (0., 5.), False),
    (8, (1., 1.), (0., .5), False), (8, (.5, 1.), (0., 0.), False), (8, (1., 2.), (0., 0.), False),
    (1, (1., 1.), (2., 0.), True)])
def test_a_files_own_shift(divisor, slopes, bias, shifts):
    """(sum + bias) * multiplier + offset, if all sums are whole and the divisor a power of two."""
    op = made(ShiftRound(np.array([3, -2]), np.array([7, 1]), divisor, Int(-4, 3)),
              slopes=slopes, bias=np.array(bias))
    assert isinstance(op, Requantize if shifts else Threshold)
    if shifts:
        assert op.shift == {8: 3, 1: 0}[divisor] and op.multiplier.tolist() == [3, -2]
        assert op.offset.tolist() == [7 + 3 * bias[0], 1 - 2 * bias[1]]
        assert (op.codes, op.zero, op.rounding) == (Int(-4, 3), 0, Rounding.HALF_UP)


def test_a_quantizer_of_one_code_is_that_code():
    op = made(Quantize(Int(3, 3), F(1, 2), zero=1), slopes=(.5, 2.))
    assert isinstance(op, Requantize) and (op.codes, op.zero, op.scale) == (Int(3, 3), 1, F(1, 2))
    assert op.evaluate(np.array([[-9, 9]])).tolist() == [[3, 3]]


@pytest.mark.parametrize("least", [0, -7])
def test_how_many_entries_a_table_may_have(monkeypatch, least):
    """A sum of 0..15 has 16 values."""
    way = Function("abs", np.abs), Quantize(Int(0, 3), F(4))
    monkeypatch.setattr(ROOM, "MOST_ENTRIES", 16)
    op = made(*way, codes=(least, least + 15))
    assert isinstance(op, Lookup)
    want = [min(int(np.rint(abs(v) / 4)), 3) for v in range(least, least + 16)]
    assert (op.lo, op.table.tolist()) == (least, want)
    monkeypatch.setattr(ROOM, "MOST_ENTRIES", 15)
    with pytest.raises(ModelError, match="of 16 values needs too large a table"):
        made(*way, codes=(least, least + 15))


@pytest.mark.parametrize(("way", "says"), [
    ((Function("sqrt", np.sqrt),), "of -1, a possible input, is no number"),
    ((Affine((F(1), F(2)), (F(0), F(0))), Function("abs", np.abs)), "different for each channel")])
def test_functions_without_a_table(way, says):
    with pytest.raises(ModelError, match=says), np.errstate(invalid="ignore"):
        made(*way, Quantize(Int(0, 3), F(1)), slopes=(1., 1.), codes=(-1, 2))


@pytest.mark.parametrize(("entries", "slopes", "kind"), [
    (16, (1., 1.), Lookup), (15, (1., 1.), Threshold), (16, (1., 2.), Threshold)])
def test_rising_functions_have_thresholds_where_a_table_will_not_do(monkeypatch, entries, slopes,
                                                                    kind):
    """A table of 16 values may be too large, or different for each channel."""
    monkeypatch.setattr(ROOM, "MOST_ENTRIES", entries)
    lowered = lower(chain(
        Input((1,), Int(-8, 7)), two(np.ones((2, 1), int), np.array(slopes)),
        Function("tanh", np.tanh, True), Quantize(Int(-7, 7), F(1, 7))))
    assert isinstance(lowered.by_name["l3"].op, kind)
    every = np.arange(-8, 8)[:, None]
    assert (golden(lowered, every)["l3"] == np.rint(7 * np.tanh(every * np.array(slopes)))).all()


def test_how_many_thresholds_there_may_be(monkeypatch):
    """Eight levels of two channels."""
    way = (Quantize(Int(0, 7), F(1)),)
    monkeypatch.setattr(ROOM, "MOST_ENTRIES", 8)
    monkeypatch.setattr(limits, "THRESHOLDS", 16)
    assert isinstance(made(*way, slopes=(1., 2.)), Threshold)
    monkeypatch.setattr(limits, "THRESHOLDS", 15)
    with pytest.raises(ModelError, match="8 levels of 2 channels need more than 15"):
        made(*way, slopes=(1., 2.))
    monkeypatch.setattr(ROOM, "MOST_ENTRIES", 7)
    with pytest.raises(ModelError, match="8 levels need too many thresholds, more than 7"):
        made(*way)


@pytest.mark.parametrize("zero", [-3, -2, 0, 2, 5])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("rounding", Rounding)
def test_a_zero_point_is_rounded_with_the_sum_or_added_behind(rounding, last, zero):
    """Halves of -16..15 are exact in a multiplier of four bits, so that the codes are those of the
    layer's definition, ties included; by hand for two of them: 1 / 2 + 5 = 5.5 is 6 to even, and
    1 / 2 is 0 to even, 0 + 5 = 5."""
    layer = Quantize(Int(-32, 31), F(2), zero=zero, rounding=rounding, zero_last=last,
                     multiplier_bits=4)
    x = np.arange(-16, 16)[:, None]
    op = made(layer, codes=(-16, 15))
    assert isinstance(op, Requantize)
    assert op.evaluate(x).tolist() == layer.evaluate(x).tolist()
    assert op.infer(Tensor((1,), Int(-16, 15))).zero == zero
    if rounding == Rounding.HALF_EVEN and zero == 5:
        assert op.evaluate(np.array([[1]])) == (5 if last else 6)

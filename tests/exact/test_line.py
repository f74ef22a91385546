"""Step functions as lines of floats: every integer of small intervals, and what has no line."""

import numpy as np
import pytest

from qhw.exact import line as module
from qhw.exact.line import Line, Mixed, line
from qhw.exact.num import Int, Rounding, round_shift


def steps(multiplier, offset, shift, codes, rounding=Rounding.FLOOR, zero=0):
    """A requantization in integers, and the line that is nearly it."""
    m, o = np.array(multiplier), np.array(offset)
    half = 0 if rounding is Rounding.FLOOR else 0.5

    def exact(x):
        return np.clip(round_shift(x * m + o, shift, rounding) + zero, codes.lo, codes.hi)

    return exact, m * 2.0**-shift, (o + .5) * 2.0**-shift + half + zero


def every(x, channels):
    return np.repeat(np.arange(x.lo, x.hi + 1)[:, None], channels, axis=1)


@pytest.mark.parametrize("rounding", [Rounding.FLOOR, Rounding.HALF_UP])
@pytest.mark.parametrize(("codes", "bits"), [
    (Int(-8, 7), 9), (Int(0, 255), 12), (Int(-128, 127), 16), (Int(3, 3), 8), (Int(0, 1), 1)])
def test_every_integer(codes, bits, rounding):
    """Rising, falling and constant channels, steep ones that leave codes out, and far offsets."""
    rng = np.random.default_rng(bits)
    x = Int(-(1 << bits), (1 << bits) - 1)
    m = np.concatenate([rng.integers(-(1 << 20), 1 << 20, 20), [0, 1, -1, 1 << 24, -(1 << 24), 0]])
    o = np.concatenate([rng.integers(-(1 << 22), 1 << 22, 24), [1 << 40, -(1 << 40)]])
    exact, slope, offset = steps(m, o, 18, codes, rounding, zero=codes.lo)
    found = line(exact, x, slope, offset, codes)
    assert found is not None
    values = every(x, len(m))
    assert np.array_equal(found(values), exact(values))
    assert np.array_equal(found(values.astype(np.float32)), exact(values))


def test_wide_integers_at_each_step():
    """Sums of 24 and 40 bits: both sides of all steps, and random integers between."""
    rng = np.random.default_rng(0)
    for bits, kind in ((24, np.float32), (40, np.float64)):
        x, codes = Int(-(1 << bits), 1 << bits), Int(-128, 127)
        m = rng.integers(1 << 20, 1 << 21, 8)
        exact, slope, offset = steps(m, rng.integers(-1 << 30, 1 << 30, 8), 53, codes)
        found = line(exact, x, slope, offset, codes)
        assert found is not None
        values = rng.integers(x.lo, x.hi + 1, (20000, 8))
        values[:2] = [[x.lo], [x.hi]]
        assert np.array_equal(found(values.astype(kind if bits == 24 else np.float64)),
                              exact(values))


@pytest.mark.parametrize("channels", [8, 9])
def test_very_many_steps_stay_in_float64(channels, monkeypatch):
    """Of 16 bits in several channels, where float32 is not tried."""
    tried = []
    monkeypatch.setattr(Line, "narrowed", lambda self, *_: tried.append(self) or self)
    x, codes = Int(-(1 << 18), 1 << 18), Int(-32768, 32767)
    exact, slope, offset = steps(np.full(channels, 1 << 13), np.arange(channels), 16, codes)
    found = line(exact, x, slope, offset, codes)
    assert isinstance(found, Line) and found.slope.dtype == np.float64
    assert len(tried) == (channels == 8)


def test_float32_needs_another_line():
    """256 steps of 2.5 bits each beyond float32's precision: channels whose nearest float32 is
    wrong get another one, or float64."""
    rng = np.random.default_rng(3)
    x, codes = Int(-90000, 90000), Int(-128, 127)
    exact, slope, offset = steps(rng.integers(1 << 22, 1 << 25, 64), rng.integers(0, 1 << 31, 64),
                                 31, codes)
    nearest = Line(slope.astype(np.float32), offset.astype(np.float32), codes)
    values = every(x, 64)
    assert not np.array_equal(nearest(values), exact(values))
    found = line(exact, x, slope, offset, codes)
    assert isinstance(found, Line | Mixed)
    kind = found.narrow.slope.dtype if isinstance(found, Mixed) else found.slope.dtype
    assert kind == np.float32
    assert np.array_equal(found(values), exact(values))


def test_channels_of_two_types(monkeypatch):
    """Where no other float32 is tried, some channels stay in float64."""
    monkeypatch.setattr(module, "SLOPES", range(1))
    monkeypatch.setattr(module, "OFFSETS", range(1))
    monkeypatch.setattr(module, "MOST_WIDE", 1)
    rng = np.random.default_rng(4)
    x, codes = Int(-30000, 30000), Int(0, 255)
    exact, slope, offset = steps(rng.integers(1 << 24, 1 << 25, 32), rng.integers(0, 1 << 31, 32),
                                 31, codes)
    found = line(exact, x, slope, offset, codes)
    assert isinstance(found, Mixed) and 0 < len(found.channels) < 32
    values = every(x, 32)
    assert np.array_equal(found(values), exact(values))


@pytest.mark.parametrize("base", [(1 << 23) - 2, 1 << 24, -(1 << 24) - 6, 1 << 25, 1 << 52])
def test_codes_beyond_a_float(base):
    """Of which float32 has some: channels of a constant code, and one of all codes."""
    x, codes = Int(-300, 300), Int(base, base + 6)
    exact, slope, offset = steps([0, 0, 0, 1], [0, 0, 0, 256], 7, codes, zero=base)
    found, values = line(exact, x, slope, offset, codes), every(x, 4)
    assert found is None or np.array_equal(found(values), exact(values))
    assert (found is None) == (base > 1 << 51)


@pytest.mark.parametrize("change", [-1, 1])
@pytest.mark.parametrize("place", [0, 1, 100, 127, 254])
def test_one_step_beside_its_place(place, change):
    """A function that differs from the line at a single integer has no line."""
    x, codes = Int(-30000, 30000), Int(0, 255)
    m = np.array([1 << 21])
    exact, slope, offset = steps(m, np.array([128 << 28]), 28, codes)
    edges = np.flatnonzero(np.diff(exact(every(x, 1))[:, 0])) + 1 + x.lo
    assert line(exact, x, slope, offset, codes)

    def moved(values):
        at = edges[place] if change > 0 else edges[place] - 1
        return exact(values) - change * (values == at)

    assert line(moved, x, slope, offset, codes) is None


def test_ends_count():
    """Also where no step is: a function that differs at the ends alone has no line."""
    x, codes = Int(-50, 50), Int(0, 3)
    exact, slope, offset = steps([1], [0], 12, codes)
    assert line(exact, x, slope, offset, codes)
    assert line(lambda v: exact(v) + (v == 50), x, slope, offset, codes) is None
    assert line(lambda v: exact(v) + (v >= 50), x, slope, offset, codes) is None


def test_too_many_steps_have_no_line():
    x, codes = Int(0, 1 << 23), Int(0, 1 << 22)
    exact, slope, offset = steps([1], [0], 1, codes)
    assert line(exact, x, slope, offset, codes) is None

"""Gates merged into LUTs, by hand."""


import pytest
from amaranth.hdl import Signal

from qhw.estimator.cones import Gates
from tests.estimator.mapping import ICE40, XC7, mapped


@pytest.mark.parametrize(("bits", "luts4", "luts6"), [
    (2, 1, 1), (4, 1, 1), (5, 2, 1), (6, 2, 1), (7, 2, 2), (10, 3, 2), (11, 4, 2), (16, 5, 3)])
def test_a_parity_takes_as_many_luts_as_it_must(bits, luts4, luts6):
    """A tree of k-input LUTs for n inputs has ceil((n - 1) / (k - 1)) of them."""
    assert mapped(Signal(bits).xor()).luts == luts4
    assert mapped(Signal(bits).xor(), XC7).luts == luts6


def gates(chip=ICE40):
    return Gates(chip.family, chip.delays)


def test_constants_are_no_gates():
    g = gates()
    a, b = g.source(), g.source()
    assert (g.both([a, 0]), g.both([]), g.either([1, a]), g.either([]), g.differ([])) == (
        0, 1, 1, 0, 0)
    assert g.both([a, 1]) is a is g.either([a, 0]) is g.differ([a, 0])
    assert g.differ([a, 1]) is g.invert(a) and g.invert(g.invert(a)) is a and g.invert(1) == 0
    assert g.choose(1, a, b) is a and g.choose(0, a, b) is b and g.choose(b, a, a) is a
    assert g.choose(a, 1, 0) is a and g.choose(a, 0, 1) is g.invert(a)
    assert g.luts == 0


def test_a_gate_merges_what_fits_a_lut():
    """Two gates of two nets each are one LUT of four, or two of five; the same gate is one."""
    g = gates()
    a, b, c, d, e = (g.source() for _ in range(5))
    g.net(g.both([g.either([a, b]), g.either([c, d])]))
    assert g.luts == 1
    g.net(g.both([g.either([d, c]), g.either([b, a])]))
    assert g.luts == 1
    g.net(g.both([g.either([a, b, c]), g.either([d, e])]))
    assert g.luts == 1 + 2
    assert gates(XC7).family.inputs == 6


def test_a_net_settles_a_level_later():
    g = gates()
    made = g.net(g.both([g.source(2.0), g.source(5.0)]))
    assert made.at == 5.0 + ICE40.delays.level == g.latest and g.net(made) is made


def test_a_complement_shares_its_lut():
    g = gates()
    both = g.both([g.source(), g.source()])
    other = g.invert(both)
    g.net(both)
    g.net(other)
    assert g.luts == 1


def test_majorities_of_complements():
    g = gates()
    a, b, c = (g.source() for _ in range(3))
    plain = g.majority([a, b, c])
    assert g.majority([g.invert(a), g.invert(b), g.invert(c)]) is g.invert(plain)


def test_columns_that_are_alike_are_one_net():
    g = gates()
    zero, one, x, y, same = g.columns([-1, -2, 5, 6, 5])
    assert (zero, one) == (0, 1) and x.support == same.support != y.support and x is not same


def test_a_net_and_its_complement():
    """Both are never 1, and one always is; a bit that is there twice leaves a parity."""
    g = gates()
    a, b, c = (g.source() for _ in range(3))
    same = g.columns([4, 4])
    assert g.both([a, b, g.invert(a)]) == 0 and g.either([g.invert(a), b, a]) == 1
    assert g.both([same[0], g.invert(same[1])]) == 0 and g.differ([*same, a]) is a
    assert g.differ([a, g.invert(a)]) == 1 and g.differ([b, b]) == 0
    assert g.both([a, b, c]).support == g.either([a, g.invert(b), c]).support
    assert g.luts == 0

"""Gradient codecs: worked numbers, exact averages, and numpy against gates."""

import numpy as np
import pytest

from qhw.codecs import OneBit, qsgd, stochastic_round, terngrad
from qhw.codecs.stochastic import levels_of

G = np.array([.2, -.8, .1, .4])


def test_terngrad_by_hand():
    """Wen et al.: s = .8, kept with the probabilities .25, 1, .125 and .5 (in tenths)."""
    codec = terngrad(random_bits=8)
    g = np.array([2, -8, 1, 4])
    drawn = [codec.encode(g, np.full(4, u)) for u in range(256)]
    assert {scale for _, scale in drawn} == {8}
    assert (np.abs([codes for codes, _ in drawn]).mean(0) == [.25, 1, .125, .5]).all()
    assert (np.mean([codec.decode(*d) for d in drawn], 0) == g).all()


def test_qsgd_by_hand():
    """Alistarh et al., four levels of the Euclidean norm .921954."""
    levels, norm = levels_of(G, 4)
    assert np.isclose(norm, .921954, atol=1e-6)
    assert np.allclose(levels, [.8677, 3.4709, .4339, 1.7354], atol=5e-5)


@pytest.mark.parametrize("log_levels", [0, 1, 3])
def test_the_average_is_the_gradient(log_levels):
    """Over all random numbers: exactly, as every magnitude is a whole part of the scale."""
    codec = qsgd(log_levels, random_bits=8)
    g = np.array([0, 16, -32, 64, 128, -5 * 16, 48])
    drawn = [codec.encode(g, np.full(len(g), u)) for u in range(256)]
    assert (np.mean([codec.decode(*d) for d in drawn], 0) == g * codec.levels).all()


def test_the_average_of_any_gradient_is_near():
    """A probability is off by less than a part of 2**16; 6 sigma of 4,000 draws."""
    rng, codec = np.random.default_rng(0), terngrad()
    g = rng.integers(-500, 501, 200)
    drawn = np.array([codec.decode(*codec.encode(g, rng.integers(0, 1 << 16, 200)))
                      for _ in range(4000)])
    sigma = np.abs(g).max() / 2 / 4000**.5
    assert np.abs(drawn.mean(0) - g).max() < 6 * sigma


def test_a_vector_of_zeros_is_zeros():
    codes, scale = qsgd(2).encode(np.zeros(5, int), np.zeros(5, int))
    assert (qsgd(2).decode(codes, scale) == 0).all()


def test_two_bits_and_a_scale():
    assert terngrad().wire_bits(100, 16) == 216


def test_rounding_at_random_by_hand():
    """Li et al.: .37 in steps of .25 is .25 with .52 and .5 with .48."""
    u = (np.arange(100) + .5) / 100
    got = stochastic_round(np.full(100, .37), .25, u)
    assert ((got == .25).sum(), (got == .5).sum()) == (52, 48)


def test_one_bit_by_hand():
    """Seide et al.: 0 is of the upper half; the scale, 10 / 4, is rounded down, and what it leaves
    of each is added to the next."""
    codec = OneBit(4)
    signs, scale = codec.encode(np.array([0, 5, -4, 1]))
    assert (signs.tolist(), scale) == ([1, 1, 0, 1], 2)
    assert codec.decode(signs, scale).tolist() == [2, 2, -2, 2]
    assert codec.error.tolist() == [-2, 3, -2, -1]
    signs, scale = codec.encode(np.array([2, -3, 1, 9]))
    assert (signs.tolist(), scale) == ([1, 1, 0, 1], 2)
    assert codec.error.tolist() == [-2, -2, 1, 6]


def test_errors_are_fed_back():
    """Whatever came, what went out is that less what is still owed."""
    rng, codec = np.random.default_rng(1), OneBit(20)
    came, went = np.zeros(20, int), np.zeros(20, int)
    for _ in range(300):
        g = rng.integers(-100, 101, 20)
        came, went = came + g, went + codec.decode(*codec.encode(g))
        assert np.array_equal(came - went, codec.error)
    assert np.abs(codec.error).max() < 20 * 100

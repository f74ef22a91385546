"""Gradients in levels, drawn at random: worked numbers, and exact averages."""

import numpy as np
import pytest

from qhw.codecs import qsgd, terngrad
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


@pytest.mark.parametrize(("u", "want"), [
    (0, [0, -4, 1, 2]), (1, [0, -4, 1, 2]), (2, [1, -4, 2, 2]), (3, [1, -4, 2, 2])])
def test_levels_by_hand(u, want):
    """Of 8 in quarters, with two random bits: 1 is half a level and 3 are one and a half."""
    codes, scale = qsgd(2, random_bits=2).encode(np.array([1, -8, 3, 4]), np.full(4, u))
    assert scale == 8
    assert codes.tolist() == want


@pytest.mark.parametrize(("log_levels", "bits"), [(0, 2), (1, 3), (3, 5)])
def test_bits_of_a_code(log_levels, bits):
    assert qsgd(log_levels).bits == bits and qsgd(log_levels).levels == 2**log_levels
    assert qsgd(log_levels).wire_bits(10, 7) == 10 * bits + 7


def test_levels_of_the_largest():
    levels, norm = levels_of(G, 2, "max")
    assert norm == .8 and np.allclose(levels, [.5, 2, .25, 1])

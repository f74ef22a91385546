import numpy as np
import pytest

from qhw.schemes.sqnr import DECIBELS, STEPS, Sqnr, allocate
from qhw.testing.schemes import SchemeLaws


class TestSqnr(SchemeLaws):
    scheme = Sqnr()

    def test_by_hand(self):
        """Lin et al.: three bits after the point."""
        found = Sqnr(4, fraction=3).quantize(np.array([[.31, -.12, .05, -.44]]))
        assert Sqnr(4).decode(found.codes).tolist() == [[2, -1, 0, -4]]
        assert Sqnr(4).decode(found.codes) @ [12, 7, -3, 5] == [-3]
        assert -3 * found.scale == [-.375]

    @pytest.mark.parametrize("bits", range(1, 9))
    def test_the_table_of_optimal_steps(self, bits):
        """A mid-rise quantizer of a unit Gaussian with that step has that ratio (Max, 1960)."""
        x = np.random.default_rng(0).normal(size=400_000)
        half = 1 << bits - 1
        level = np.clip(np.floor(x / STEPS[bits]), -half, half - 1) + 0.5
        noise = np.square(x - STEPS[bits] * level).mean()
        assert abs(-10 * np.log10(noise) - DECIBELS[bits]) < 0.1

    def test_larger_layers_get_fewer_bits(self):
        sizes = [1000, 32_000, 500]
        bits = allocate(sizes, 4)
        assert bits[1] < bits[0] <= bits[2]
        assert np.average(bits, weights=sizes) <= 4.5


class TestSqnr8(SchemeLaws):
    scheme = Sqnr(8)

import numpy as np
import pytest

from qhw.schemes.admm import Admm
from qhw.testing.schemes import SchemeLaws

V = np.array([[.9, -.1, .45, -.5, .05, .22]])


class TestAdmm(SchemeLaws):
    scheme = Admm()

    @pytest.mark.parametrize(("powers", "alpha", "levels", "bits"), [
        (0, .37, [1, -1, 1, -1, 1, 1], 1), (1, .616667, [1, 0, 1, -1, 0, 0], 2),
        (2, .458333, [2, 0, 1, -1, 0, 0], 3), (3, .2288, [4, 0, 2, -2, 0, 1], 3)])
    def test_by_hand(self, powers, alpha, levels, bits):
        """Leng et al., the projection for each set."""
        found = Admm(powers).quantize(V)
        assert Admm(powers).decode(found.codes).tolist() == [levels]
        assert np.allclose(found.scale, alpha, atol=1e-6) and Admm(powers).code_bits == bits


class TestAdmmOfSigns(SchemeLaws):
    scheme = Admm(0)


class TestAdmmToFour(SchemeLaws):
    scheme = Admm(3)

import numpy as np

from qhw.pe import BitPlanes
from qhw.schemes.balanced import Balanced, odd
from qhw.testing.schemes import SchemeLaws

W = np.array([[.9, .1, -.05, .02, -.3, .2, -.01, .05]])


class TestBalanced(SchemeLaws):
    scheme = Balanced()

    def test_by_hand(self):
        """Zhou et al.: two of the eight on each level."""
        found = self.scheme.quantize(W)
        assert found.codes.tolist() == [[3, 2, 0, 1, 0, 3, 1, 2]]
        assert self.scheme.decode(found.codes).tolist() == [[3, 1, -3, -1, -3, 3, -1, 1]]
        assert self.scheme.decode(found.codes) @ [1, 2, 3, 0, 1, 2, 3, 1] == [-3]

    def test_as_many_on_each_level(self):
        found = Balanced(3).quantize(np.random.default_rng(0).normal(size=(4, 160)) ** 3)
        assert all(np.bincount(row).tolist() == [20] * 8 for row in found.codes)

    def test_means_for_medians(self):
        """Each half is split at its own mean: -.3 | .113.. and so on, by hand."""
        found = Balanced(2, "mean").quantize(np.array([[0., 1, 2, 9]]))
        assert found.codes.tolist() == [[0, 0, 1, 2]]

    def test_planes_make_the_odd_integers(self):
        codes = np.arange(8)[None]
        assert np.array_equal(BitPlanes(3).weights(codes)[:, 0], odd(codes, 3))


class TestBalanced4(SchemeLaws):
    scheme = Balanced(4)

import numpy as np

from qhw.schemes.alternating import Alternating, alternated
from qhw.schemes.sketch import sketched
from qhw.testing.schemes import SchemeLaws

W = np.array([[1, -.6, .2, -.1, .7, -1.2]])
H = np.array([[.3, -.8, .5, .1, -.4, .9]])


class TestAlternating(SchemeLaws):
    scheme = Alternating()

    def formula(self, outputs, inputs):
        width = int(np.log2(np.abs(self.table).max()) + 1) + (self.table.min() < 0)
        return 2 * outputs * inputs + 2 * outputs * width

    def test_by_hand(self):
        """Xu et al.: planes of a row, and of a state, and the product of both."""
        a, w_signs = alternated(W, 2, 2)
        g, h_signs = alternated(H, 2, 2)
        assert np.allclose(a, [[.633333, .333333]], atol=1e-6)
        assert w_signs[0].tolist() == [[1, -1, 1, -1, 1, -1], [1, 1, -1, 1, 1, -1]]
        assert np.allclose(g, [[.5875, .2625]])
        assert h_signs[0].tolist() == [[1, -1, 1, 1, -1, 1], [-1, -1, -1, -1, 1, 1]]
        d = w_signs[0] @ h_signs[0].T
        assert d.tolist() == [[0, 0], [-2, -2]]
        assert np.isclose(a[0] @ d @ g[0], -.566667, atol=1e-6)

    def test_no_worse_than_where_it_began(self):
        w = np.random.default_rng(0).normal(size=(20, 50))
        for planes in (2, 3):
            error = [np.square(w - np.einsum("rp,rpi->ri", *found)).sum()
                     for found in (alternated(w, planes, 2), sketched(w, planes, "direct"))]
            assert error[0] < error[1]

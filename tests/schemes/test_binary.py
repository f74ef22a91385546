import numpy as np

from qhw.exact.num import Int
from qhw.schemes.binary import Binary, most_probable, posterior_means
from qhw.testing.schemes import SchemeLaws


class TestBinary(SchemeLaws):
    scheme = Binary()

    def test_decode_table(self):
        assert self.scheme.decode(np.array([[0, 1]])).tolist() == [[-1, 1]]

    def test_bwn_by_hand(self):
        """XNOR-Net section 3.1: W = [.4, -.2, .1, -.5] has the scale .3 and the signs + - + -."""
        found = self.scheme.quantize(np.array([[.4, -.2, .1, -.5]]))
        assert found.codes.tolist() == [[1, 0, 1, 0]] and np.isclose(found.scale, .3)
        assert self.scheme.decode(found.codes) @ [3, -1, 2, 5] == [1]

    def test_sign_of_zero_is_plus(self):
        assert self.scheme.quantize(np.array([[0., -0., -1.]])).codes.tolist() == [[1, 1, 0]]

    def test_xnor_popcount_by_hand(self):
        """Courbariaux et al.: five of eight agree, so the dot product of the signs is 2."""
        w = np.array([[1, 0, 1, 1, 0, 0, 1, 0]])
        x = np.array([1, 1, 0, 1, 0, 1, 1, 0])
        popcount = self.element.weights(w) @ x - self.element.rest(w, Int(0, 1))
        assert popcount == [[5]]
        assert self.scheme.decode(w) @ (2 * x - 1) == [2 * 5 - 8]

    def test_first_layer_by_hand(self):
        """Whole activations under the weights' signs: 200 - 13 - 255 + 0."""
        assert self.scheme.decode(np.array([[1, 0, 0, 1]])) @ [200, 13, 255, 0] == [-68]

    def test_binary_connect_by_hand(self):
        """Courbariaux et al.: twice what is under +1, less all: 2 (3 + 2) - 9."""
        w, x = Binary(scale="one").quantize(np.array([[.3, -.2, .9, -1.]])), np.array([3, -1, 2, 5])
        assert w.scale == 1 and w.codes.tolist() == [[1, 0, 1, 0]]
        assert self.scheme.decode(w.codes) @ x == [2 * (3 + 2) - 9]

    def test_expectation_backpropagation_by_hand(self):
        h = np.array([[.7, -.2, 0]])
        assert np.allclose(posterior_means(h), [.604368, -.197375, 0], atol=5e-7)
        assert most_probable(h).codes.tolist() == [[1, 0, 1]]

    def test_products_are_one_bit_where_activations_are(self):
        assert self.element.term(Int(0, 1)) == Int(0, 1)

import numpy as np

from qhw.num import Int
from qhw.schemes.binary import Binary

from .laws import SchemeLaws


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

    def test_products_are_one_bit_where_activations_are(self):
        assert self.element.term(Int(0, 1)) == Int(0, 1)

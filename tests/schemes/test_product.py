import numpy as np
import pytest

from qhw.num import Int
from qhw.pe import Multiply, Tables, Tile
from qhw.schemes.product import Product
from tests.drive import run

from .laws import SchemeLaws, item

WORDS = np.array([[[1, 0], [0, 1], [1, 1], [-1, 2]], [[2, 1], [-1, 0], [0, -1], [1, -1]]])
INDEX = np.array([[2, 0], [3, 1], [0, 3]])
X = np.array([3, -2, 5, 4])


class TestProduct(SchemeLaws):
    scheme = Product(words=4)
    repeats = "values"
    near = 0.9

    def formula(self, outputs, inputs):
        return outputs * inputs // 2 * 2 + inputs // 2 * 4 * 2 * 6

    @property
    def lanes(self):
        return self.inputs      # the words of every piece

    def test_by_hand(self):
        """Wu et al.: the table of inner products, and what three outputs read of it."""
        lut = (WORDS @ X.reshape(2, 2, 1))[:, :, 0]
        assert lut.tolist() == [[3, -2, 1, -7], [14, -5, -4, 1]]
        element = Tables(WORDS)
        assert (element.weights(INDEX) @ X).tolist() == [[15], [-12], [4]]
        got = run(Tile(element, Int(-8, 7), 4, 3), [item(element, X, INDEX)])
        assert got == [[15, -12, 4]]

    def test_it_is_the_decoded_multiply(self):
        """The table's sums are those of a multiplier with the decoded weights, in gates."""
        rng = np.random.default_rng(0)
        decoded = Tables(WORDS).weights(INDEX)[:, 0]
        other = Multiply((np.arange(8) ^ 4) - 4)
        xs = rng.integers(-8, 8, (50, 4))
        got = [run(Tile(e, Int(-8, 7), 4, 3), [item(e, v, codes) for v in xs])
               for e, codes in ((Tables(WORDS), INDEX), (other, decoded & 7))]
        assert got[0] == got[1]

    def test_pieces_must_fit(self):
        with pytest.raises(ValueError, match="Pieces of 2 inputs do not divide the 5 there are"):
            Product().quantize(np.zeros((2, 5)))


class TestProductShared(SchemeLaws):
    scheme = Product(length=4, words=8, shared=True)
    repeats = "values"
    near = 0.9

    def formula(self, outputs, inputs):
        return outputs * inputs // 4 * 3 + 8 * 4 * 6

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.hw.units.matvec import MatVecUnit
from qhw.pe import Multiply, Tables, Tile
from qhw.schemes.product import Product
from qhw.testing.schemes import SchemeLaws, item
from qhw.testing.stream import run

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

    def test_the_table_is_wide_enough(self):
        """5 x 7 where every word has both signs, and 2 x 8 of a word without a positive weight."""
        for words, x, at, most in (([[5, -1], [4, -1]], Int(0, 7), [7, 0], 35),
                                   ([[-1, -1], [1, -1]], Int(-8, 7), [-8, -8], 16)):
            element, code = Tables(np.array([words])), np.array([[0]])
            assert run(Tile(element, x, 2, 1), [item(element, at, code)]) == [[most]]

    def test_without_a_table(self):
        """With few outputs at a time, each multiplies the words that its codes choose."""
        few = Tables(WORDS).suited(1)
        assert (few.table, Tables(WORDS).suited(2).table) == (False, True)
        rng = np.random.default_rng(1)
        for x in (Int(-8, 7), Int(0, 3), Int(0, 1)):
            xs = [*rng.integers(x.lo, x.hi + 1, (40, 4)), np.full(4, x.lo), np.full(4, x.hi)]
            codes = rng.integers(0, 4, (1, 2))
            want = [(Tables(WORDS).weights(codes) @ v)[:, 0].tolist() for v in xs]
            assert run(Tile(few, x, 4, 1), [item(few, v, codes) for v in xs]) == want

    @pytest.mark.parametrize(("pe", "simd", "table"), [(1, 4, False), (4, 4, True), (1, 2, False),
                                                       (6, 4, True)])
    def test_the_unit_chooses(self, pe, simd, table):
        """Folded, with words that change from beat to beat; unfolded, constants are best left to
        synthesis."""
        codes = np.random.default_rng(2).integers(0, 4, (12, 2))
        unit = MatVecUnit(Tables(WORDS), codes, np.arange(12), x=Int(0, 7), y=Int(-200, 200),
                          pe=pe, simd=simd)
        assert unit.element.table == table
        xs = np.random.default_rng(3).integers(0, 8, (6, 4))
        want = xs @ Tables(WORDS).weights(codes)[:, 0].T + np.arange(12)
        beats = xs.reshape(-1, simd).tolist()
        got = run(unit, beats, outputs=len(xs) * 12 // pe, stalls=4)
        assert np.array_equal(np.reshape(got, (len(xs), 12)), want)

    def test_pieces_must_fit(self):
        with pytest.raises(ValueError, match="Pieces of 2 inputs do not divide the 5 there are"):
            Product().quantize(np.zeros((2, 5)))


class TestProductShared(SchemeLaws):
    scheme = Product(length=4, words=8, shared=True)
    repeats = "values"
    near = 0.9

    def formula(self, outputs, inputs):
        return outputs * inputs // 4 * 3 + 8 * 4 * 6

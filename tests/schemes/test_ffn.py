import numpy as np

from qhw.schemes.ffn import Ffn, decomposed
from qhw.testing.schemes import SchemeLaws


class TestFfn(SchemeLaws):
    scheme = Ffn()
    repeats = "values"
    tolerance = 0.6     # a greedy decomposition does not find its own factors again
    fold = None

    def formula(self, outputs, inputs):
        rank = round(4 * outputs * inputs / (2 * (outputs + inputs)))
        return 2 * rank * (outputs + inputs) + rank * 7

    def test_by_hand(self):
        """Wang and Cheng: two products of trits make the matrix exactly."""
        m, x = np.array([[2., -2, 0], [2, -2, 1]]), np.array([3, 1, -2])
        a, d, b = decomposed(m, 2)
        assert d.tolist() == [2, 1] and np.array_equal(a * d @ b, m)
        assert (b @ x).tolist() == [2, -2] and (a * d @ (b @ x)).tolist() == [4, 2]

    def test_rank(self):
        """m n / (m + n) makes two bits for each weight."""
        assert Ffn(weight_bits=2).rank(64, 64) == 32

    def test_the_parts_make_the_integers(self):
        found = self.scheme.quantize(self.weights())
        first, last = self.scheme.stages(found.codes, found.table)
        inner = first.gains[:, None] * first.scheme.decode(first.codes)
        assert np.array_equal(last.scheme.decode(last.codes) @ inner,
                              self.scheme.decode(found.codes, found.table))

    def test_more_rank_less_error(self):
        w = np.random.default_rng(0).normal(size=(16, 24))
        errors = [np.square(w - a * d @ b).sum() for a, d, b in (
            decomposed(w, k) for k in (2, 6, 12))]
        assert errors == sorted(errors, reverse=True) and errors[2] < 0.5 * errors[0]

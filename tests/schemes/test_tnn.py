import numpy as np

from qhw.schemes.ternary import TRIT
from qhw.schemes.tnn import Tnn
from qhw.testing.schemes import SchemeLaws


class TestTnn(SchemeLaws):
    scheme = Tnn()

    def test_by_hand(self):
        """Alemdar et al.: trits by a cut of .25, and one popcount less another."""
        w, x = np.array([[1, 0, 1, -1, 0]]), np.array([1, 0, -1, -1, 1])
        codes = TRIT.encode(np.zeros((1, 5)), w < 0, w != 0)
        on = (w[0] != 0) & (x != 0)
        same = on & ((w[0] < 0) == (x < 0))
        assert (on.sum(), same.sum()) == (3, 2)
        assert self.scheme.decode(codes) @ x == [2 * 2 - 3]
        assert (self.scheme.decode(codes) @ x)[0] > 0     # th = 0, tl = -1: it fires +1

    def test_counts_are_those_of_the_least_error(self):
        """Against every subset of the signs."""
        w = np.array([[.8, -.05, .3, -.9, .1]])
        found = self.scheme.quantize(w)
        error = np.square(w - found.scale[:, None] * self.scheme.decode(found.codes)).sum()
        for mask in range(1, 32):
            t = np.sign(w[0]) * [mask >> k & 1 for k in range(5)]
            assert error <= np.square(w[0] - t * (w[0] @ t) / (t @ t)).sum() + 1e-12

    def test_a_student_that_can_agree_does(self):
        rng = np.random.default_rng(0)
        w = np.array([.8, -.05, .3, -.9, .1])
        x = rng.integers(-1, 2, (200, 5))
        sums = x @ [1, 0, 1, -1, 0]
        fired = np.where(sums > 0, 1, np.where(sums < -1, -1, 0))
        student = self.scheme.distil(w, x, fired)
        assert student.agreement == 1.0
        got = x @ student.trits
        assert np.array_equal(np.where(got > student.high, 1, np.where(got < student.low, -1, 0)),
                              fired)

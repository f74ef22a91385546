import numpy as np

from qhw.schemes.affine import Affine8
from qhw.testing.schemes import SchemeLaws


class TestAffine8(SchemeLaws):
    scheme = Affine8()

    def formula(self, outputs, inputs):
        return 8 * outputs * inputs + 8

    def test_by_hand(self):
        """Jacob et al., eq. 4: sums of (q1 - Z1) (q2 - Z2)."""
        q1, q2 = np.array([150, 100, 200, 128]), np.array([[130, 100, 121, 255]])
        weights = self.scheme.decode(q2, np.array([121]))
        assert weights.tolist() == [[9, -21, 0, 134]]
        assert weights @ (q1 - 128) == [786]
        assert q2 @ q1 - 128 * q2.sum() - 121 * q1.sum() + 4 * 128 * 121 == [786]

    def test_zero_is_exact_and_code_zero_unused(self):
        for w in ([[-1.0, 0, 3.0]], [[0.5, 0, 2.0]], [[-2.0, 0, -1.0]]):
            found = self.scheme.quantize(np.array(w))
            assert self.scheme.decode(found.codes, found.table)[0, 1] == 0
            assert found.codes.min() >= 1

import numpy as np
import pytest

from qhw.schemes.ternary import Ternary
from qhw.testing.schemes import SchemeLaws


class TestTernary(SchemeLaws):
    scheme = Ternary()

    def test_decode_table(self):
        assert self.scheme.decode(np.array([[0b00, 0b01, 0b11]])).tolist() == [[0, 1, -1]]

    def test_twn_by_hand(self):
        """Li et al., eq. 5 and 6: mean |w| = .4, so the threshold is .28 and the scale .6667."""
        found = self.scheme.quantize(np.array([[.9, -.1, .4, -.7, .05, .25]]))
        assert self.scheme.decode(found.codes).tolist() == [[1, 0, 1, -1, 0, 0]]
        assert np.isclose(found.scale, 2 / 3)
        assert self.scheme.decode(found.codes) @ [2, 7, -3, 1, 4, 5] == [-2]

    def test_threshold_must_leave_something(self):
        with pytest.raises(ValueError, match=r"Threshold must be in 0\.\.2, not 2\.5"):
            Ternary(threshold=2.5)

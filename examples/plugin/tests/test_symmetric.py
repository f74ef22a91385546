"""The scheme symmetric: an example worked by hand, and qhw's laws of schemes."""

import numpy as np
from qhw.testing import SchemeLaws

from qhw_example.scheme import SymmetricScheme


class TestSymmetric(SchemeLaws):
    scheme = SymmetricScheme()
    repeats = "values"      # two codes stand for the lowest integer

    def test_by_hand(self):
        """The scale is 1.4 / 7."""
        found = self.scheme.quantize(np.array([[1.4, -0.61, 0.0, 0.09]]))
        assert self.scheme.decode(found.codes).tolist() == [[7, -3, 0, 0]]
        assert np.allclose(found.scale, [0.2])

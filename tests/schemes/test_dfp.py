import numpy as np

from qhw.schemes.dfp import DynamicFixed
from qhw.testing.schemes import SchemeLaws


class TestDynamicFixed(SchemeLaws):
    scheme = DynamicFixed()

    def test_by_hand(self):
        """Gysel: integer length 2, so six bits after the point."""
        found = self.scheme.quantize(np.array([[.61, -1.3, .02, .9]]))
        assert found.scale == 2.0**-6
        assert self.scheme.decode(found.codes).tolist() == [[39, -83, 1, 58]]
        assert self.scheme.decode(found.codes) @ [102, 18, -32, 127] == [9818]
        assert np.isclose(9818 / 2**11, 4.79394, atol=1e-5)

    def test_ties_go_away_from_zero(self):
        found = DynamicFixed(4).quantize(np.array([[1.0, .125, -.125, .375]]))
        assert found.scale == .125
        halves = DynamicFixed(4).quantize(np.array([[1.0, .0625, -.0625, .1875]]))
        assert DynamicFixed(4).decode(halves.codes).tolist() == [[7, 1, -1, 2]]


class TestDynamicFixed4(SchemeLaws):
    scheme = DynamicFixed(4)

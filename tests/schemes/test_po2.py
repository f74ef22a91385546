import numpy as np

from qhw.schemes.po2 import PowersOfTwo
from qhw.testing.schemes import SchemeLaws


class TestPowersOfTwo(SchemeLaws):
    scheme = PowersOfTwo()

    def test_by_hand(self):
        """Gysel: exponents -2, -1, -7, and -8 for a zero, which there is none of."""
        found = self.scheme.quantize(np.array([[.3, -.72, .01, 0]]))
        assert self.scheme.decode(found.codes).tolist() == [[64, -128, 2, 1]]
        assert self.scheme.decode(found.codes) @ [10, -4, 64, 32] == [1312]
        assert 1312 * found.scale == [5.125]
        assert self.scheme.code_bits == 4 and 0 not in self.scheme.decode(self.scheme.codes()[None])

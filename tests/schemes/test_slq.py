import numpy as np

from qhw.schemes.slq import Slq
from qhw.testing.schemes import SchemeLaws


class TestSlq(SchemeLaws):
    scheme = Slq()
    repeats = "values"

    def formula(self, outputs, inputs):
        return 4 * outputs * inputs + 9 * 8

    def test_by_hand(self):
        """Xu et al.: 0 and +-.5 .. +-.0625 to begin with."""
        w = np.array([[.95, -.31, .12, .04, -.6, .01]])
        found = Slq(entry_bits=16).quantize(w)
        assert found.codes[0].tolist() == [1, 4, 5, 7, 2, 0]
        real = Slq(entry_bits=16).decode(found.codes, found.table) * found.scale[:, None]
        assert np.allclose(real[0], [.95, -.31, .12, .04, -.6, 0], atol=1e-4)

    def test_as_many_kernels_as_said(self):
        """17 at five bits."""
        assert Slq(5).entries == 17 and Slq(3).entries == 5

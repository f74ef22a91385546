import numpy as np

from qhw.schemes.dorefa import DoReFa
from qhw.testing.schemes import SchemeLaws


class TestDoReFa(SchemeLaws):
    scheme = DoReFa()

    def test_by_hand(self):
        """Zhou et al., eq. 9."""
        found = DoReFa(2, "unit").quantize(np.array([[.9, -.2, .05, -1.4]]))
        assert self.scheme.decode(found.codes).tolist() == [[3, -1, 1, -3]]
        assert self.scheme.decode(found.codes) @ [3, 1, 2, 0] == [10]
        assert np.isclose(found.scale, 1 / 3)

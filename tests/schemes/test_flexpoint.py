import numpy as np

from qhw.schemes.flexpoint import Flexpoint
from qhw.testing.schemes import SchemeLaws


class TestFlexpoint(SchemeLaws):
    scheme = Flexpoint(8)

    def test_by_hand(self):
        """Koster et al., flex16+5: exponents -14 and -10, and the sum to the exponent -10."""
        found = Flexpoint(16).quantize(np.array([[.75, -.4, .1]]))
        assert found.scale == 2.0**-14
        assert Flexpoint(16).decode(found.codes).tolist() == [[12288, -6554, 1638]]
        x = Flexpoint(16).quantize(np.array([[10, -3.5, 7.25]]))
        assert x.scale == 2.0**-10
        assert Flexpoint(16).decode(x.codes).tolist() == [[10240, -3584, 7424]]
        acc = int(Flexpoint(16).decode(found.codes)[0] @ Flexpoint(16).decode(x.codes)[0])
        assert acc == 161479168 and np.isclose(acc * 2.0**-24, 9.62490845)
        assert (acc + 2**13) >> 14 == 9856

    def test_one_exponent_for_a_tensor(self):
        found = Flexpoint(16).quantize(np.array([[1.0], [.001]]), per_channel=False)
        assert found.scale == 2.0**-14 and found.codes.tolist() == [[16384], [16]]

import numpy as np
import pytest

from qhw.schemes.ttq import Ttq
from qhw.testing.schemes import SchemeLaws

W = np.array([[.9, -.1, .4, -.7, .05, .25]])
X = np.array([2, 7, -3, 1, 4, 5])


class TestTtq(SchemeLaws):
    scheme = Ttq()

    def formula(self, outputs, inputs):
        return 2 * outputs * inputs + 2 * outputs * 8

    def test_by_hand(self):
        """Zhu et al., eq. 6: the cut is .045; Wp = .75 and Wn = .5 make 2.0 of the sums 8 and 8."""
        found = self.scheme.quantize(W)
        assert self.element.weights(found.codes).tolist() == [[[1, 0, 1, 0, 1, 1],
                                                               [0, 1, 0, 1, 0, 0]]]
        assert (self.element.weights(found.codes) @ X).tolist() == [[8, 8]]
        learned = np.array([3, -2])     # quarters
        assert self.scheme.decode(found.codes, learned) @ X / 4 == [2.0]

    def test_before_training_the_scales_are_means(self):
        found = self.scheme.quantize(W)
        assert np.allclose(found.table * found.scale, [[.4, -.4]], atol=1 / 256)

    def test_threshold(self):
        with pytest.raises(ValueError, match=r"Threshold must be in 0\.\.1, not 1"):
            Ttq(threshold=1)

import numpy as np
import pytest

from qhw.schemes.inq import Inq
from qhw.testing.schemes import SchemeLaws

W = np.array([[.95, -.31, .12, .04, -.6, .01]])


class TestInq(SchemeLaws):
    scheme = Inq()

    @pytest.mark.parametrize(("bits", "levels"), [
        (5, [1, -.25, .125, .03125, -.5, .0078125]), (4, [1, -.25, .125, 0, -.5, 0]),
        (3, [1, -.5, 0, 0, -.5, 0]), (2, [1, 0, 0, 0, -1, 0])])
    def test_by_hand(self, bits, levels):
        """Zhou et al., eq. 4."""
        found = Inq(bits).quantize(W)
        assert (Inq(bits).decode(found.codes) * found.scale[:, None]).tolist() == [levels]
        assert Inq(bits).element().bits == bits

    def test_sum_by_hand(self):
        found = Inq(4).quantize(W)
        assert found.scale == 1 / 8
        assert Inq(4).decode(found.codes) @ [4, 3, -8, 5, 2, 9] == [10]

    @pytest.mark.parametrize(("ties", "want"), [
        ("up", [1, 1, .5, .125]), ("down", [1, .5, .25, 0])])
    def test_ties(self, ties, want):
        """Midway: .75, .375, and half of the least power."""
        scheme = Inq(4, ties)
        found = scheme.quantize(np.array([[1, .75, .375, .0625]]))
        got = scheme.decode(found.codes) * found.scale[:, None]
        assert got.tolist() == [want]

    @pytest.mark.parametrize(("peak", "largest"), [
        (.74, .5), (.76, 1), (1, 1), (1.49, 1), (1.51, 2), (.3, .25), (-.38, .5)])
    def test_the_largest_power_is_that_of_four_thirds_of_the_peak(self, peak, largest):
        """Zhou et al.: n1 = floor(log2(4 s / 3)), and n2 follows from the bits."""
        found = Inq(4).quantize(np.array([[peak, .001]]))
        assert found.scale == [largest / 8]
        assert np.abs(Inq(4).decode(found.codes) * found.scale[:, None]).max() == largest


class TestInq2(SchemeLaws):
    scheme = Inq(2)


class TestInq3(SchemeLaws):
    scheme = Inq(3)

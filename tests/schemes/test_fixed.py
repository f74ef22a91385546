import numpy as np
import pytest

from qhw.schemes.fixed import Fixed
from qhw.testing.schemes import SchemeLaws


class TestFixed4(SchemeLaws):
    scheme = Fixed(4)

    def test_decode_table(self):
        assert self.scheme.decode(np.arange(16)[None]).tolist() == [[
            0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1]]

    def test_by_hand(self):
        """The largest |w| is 7 steps."""
        found = self.scheme.quantize(np.array([[.7, -.7, .1, -.24, .26]]))
        assert np.isclose(found.scale, .1)
        assert self.scheme.decode(found.codes).tolist() == [[7, -7, 1, -2, 3]]

    @pytest.mark.parametrize("bits", [1, 17])
    def test_bits(self, bits):
        with pytest.raises(ValueError, match=f"Fixed point must have 2 to 16 bits, not {bits}"):
            Fixed(bits)

    def test_multiplier(self):
        with pytest.raises(ValueError, match="Multiplier must be auto, dsp or logic, not 'fast'"):
            Fixed(4, multiplier="fast")


class TestFixed2(SchemeLaws):
    scheme = Fixed(2)


class TestFixed3Wide(SchemeLaws):
    scheme = Fixed(3, narrow=False)


class TestFixed5InLogic(SchemeLaws):
    scheme = Fixed(5, multiplier="logic")


class TestFixed8InDsp(SchemeLaws):
    scheme = Fixed(8, narrow=False)


@pytest.mark.parametrize("bits", range(2, 9))
def test_a_narrow_range_has_no_code_for_its_least_integer(bits):
    most = (1 << bits - 1) - 1
    for narrow, least in ((True, -most), (False, -most - 1)):
        scheme = Fixed(bits, narrow=narrow)
        assert sorted(scheme.decode(scheme.codes()[None])[0]) == list(range(least, most + 1))

import numpy as np
import pytest

from qhw.exact.formats import MiniFloat
from qhw.exact.num import Int
from qhw.pe import Floats, Tile
from qhw.schemes.minifloat import MiniFloats
from qhw.testing.schemes import SchemeLaws, item
from qhw.testing.stream import run

W = np.array([[.3, -1.7, .011, 5.2]])
X = np.array([2.6, .9, 100, -.4])


class TestMinifloat(SchemeLaws):
    scheme = MiniFloats()

    def test_by_hand(self):
        """Gysel, four bits of exponent and three of mantissa."""
        found = self.scheme.quantize(W)
        real = self.scheme.decode(found.codes) * found.scale[:, None]
        assert real.tolist() == [[.3125, -1.75, .0107421875, 5.0]]
        form = MiniFloat(4, 3)
        x = form.decode(form.encode(X))
        assert (x * 2.0**form.lsb).tolist() == [2.5, .875, 104, -.40625]
        assert self.scheme.decode(found.codes) @ x == [-1744896]
        assert -1744896 * 2.0**(2 * form.lsb) == -1.6640625

    @pytest.mark.parametrize(("exponent", "mantissa"), [(4, 3), (5, 2), (2, 3), (3, 1)])
    def test_every_code(self, exponent, mantissa):
        """(-1)^s (1 + f / 2^m) 2^(E - bias), all normal, and 0 for E = f = 0."""
        form = MiniFloat(exponent, mantissa)
        bias = 2 ** (exponent - 1) - 1
        for code in form.codes:
            s, e, f = (code >> exponent + mantissa, code >> mantissa & 2**exponent - 1,
                       code & 2**mantissa - 1)
            want = (-1.0)**s * (1 + f / 2**mantissa) * 2.0**(e - bias) if e or f else 0
            assert form.decode(np.array(code)) * 2.0**form.lsb == want
            assert form.encode(np.array(want)) == code

    def test_rounding_and_ends(self):
        """Ties go away from zero, a carry bumps the exponent, what is too large is the largest."""
        form = MiniFloat(4, 3)
        def real(x):
            return (form.decode(form.encode(np.array(x))) * 2.0**form.lsb).tolist()
        assert real([1.0625, -1.0625, 1.9375, 1.99]) == [1.125, -1.125, 2.0, 2.0]
        assert real([1e9, -1e9, 480.0, 2.0**-8, -2.0**-9, 0.0]) == [480, -480, 480, 0, 0, 0]

    def test_floats_times_floats(self):
        """Both operands floats: the widest sums, and random ones, in gates."""
        form, rng = MiniFloat(3, 2), np.random.default_rng(0)
        element = Floats(form, form)
        xs, rows = rng.choice(form.codes, (80, 4)), rng.choice(form.codes, (80, 2, 4))
        ends = form.codes[[form.decode(form.codes).argmax(), form.decode(form.codes).argmin()]]
        xs[:2], rows[:2] = ends[:, None], ends[0]
        got = run(Tile(element, form, 4, 2), [item(element, v, w) for v, w in
                                              zip(xs, rows, strict=True)])
        assert got == [(form.decode(w) @ form.decode(v)).tolist()
                       for v, w in zip(xs, rows, strict=True)]

    @pytest.mark.parametrize(("exponent", "mantissa", "bits"), [
        (4, 3, 39), (5, 2, 69), (5, 10, 85)])
    def test_kulisch_width(self, exponent, mantissa, bits):
        """2 (2^e - 1) + 2 (m + 1) + 1 bits for a product: nothing overflows."""
        size = MiniFloat(exponent, mantissa).value.hi
        assert Int(-size * size, size * size).width == bits


class TestMinifloat52(SchemeLaws):
    scheme = MiniFloats(5, 2)

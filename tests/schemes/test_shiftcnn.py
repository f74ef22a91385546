import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Tile
from qhw.schemes.shiftcnn import ShiftCnn
from qhw.testing.schemes import SchemeLaws, item
from qhw.testing.stream import run

W = np.array([[.9, -.3, .05, .7]])


def script(w, terms, bits):
    """The authors' loop, a weight at a time: signed indices (terms, n)."""
    top = (1 << bits - 1) - 1
    rest, found = w / np.abs(w).max(), []
    for n in range(1, terms + 1):
        row = []
        for k, r in enumerate(rest):
            index = 0
            if r != 0:
                log = np.log2(abs(r))
                e = int(np.floor(log))
                if log > e + np.log2(1.5):
                    e += 1
                if 2 - n - e <= top:
                    index = int(np.sign(r)) * (2 - n - e)
                    rest[k] -= np.sign(r) * 2.0**e
            row.append(index)
        found.append(row)
    return np.array(found)


def indices(scheme, codes):
    size = (1 << scheme.bits - 1) - 1
    parts = [codes.astype(int) >> n * scheme.bits & 2 * size + 1
             for n in range(scheme.terms)]
    return np.array([np.where(p > size, -(p & size), p) for p in parts])


class TestShiftCnn(SchemeLaws):
    scheme = ShiftCnn()
    repeats = "values"

    def test_by_hand(self):
        """Gudovskiy and Rigazio: 128, -40, 7 and 96 of 128 parts of .9."""
        found = self.scheme.quantize(W)
        assert indices(self.scheme, found.codes)[:, 0].tolist() == [[1, -3, 5, 1], [0, -4, -7, -2]]
        assert self.scheme.decode(found.codes).tolist() == [[128, -40, 7, 96]]
        assert self.scheme.decode(found.codes) @ [3, -2, 16, 4] == [960]
        assert np.isclose(960 * found.scale[0], 6.75)

    def test_codebooks(self):
        """N = 2, B = 4: 0 and +-1 .. +-2**-6, then 0 and +-2**-1 .. +-2**-7; 103 sums, 89 used."""
        one, two = self.scheme.element().terms
        assert sorted(set(one.decode(one.codes) / 128)) == sorted(
            [0, *(s * 2.0**-k for k in range(7) for s in (1, -1))])
        assert sorted(set(two.decode(two.codes) / 128)) == sorted(
            [0, *(s * 2.0**-k for k in range(1, 8) for s in (1, -1))])
        assert len(set(self.scheme.decode(self.scheme.codes()[None])[0])) == 103
        fine = np.linspace(-1, 1, 20001)[None]
        assert len(set(self.scheme.decode(self.scheme.quantize(fine).codes)[0])) == 89

    @pytest.mark.parametrize(("terms", "bits"), [(1, 3), (1, 4), (2, 3), (2, 4), (3, 4), (4, 2)])
    def test_as_the_script_of_the_authors(self, terms, bits):
        scheme = ShiftCnn(terms, bits)
        w = np.random.default_rng(terms).normal(size=500)
        assert np.array_equal(indices(scheme, scheme.quantize(w[None]).codes)[:, 0],
                              script(w, terms, bits))

    def test_a_power_of_two_for_a_scale(self):
        found = ShiftCnn(po2_scale=True).quantize(W)
        assert found.scale == 1 / 128
        small = ShiftCnn(po2_scale=True).quantize(np.array([[.6, -.1]]))    # in parts of 1, not 1/2
        assert small.scale == 1 / 128
        assert self.scheme.decode(small.codes).tolist() == [[64 + 16, -16 + 4]]

    def test_the_shared_expansion_is_the_barrel_shift(self):
        rng = np.random.default_rng(3)
        x, codes = Int(-8, 7), self.scheme.codes()
        one, other = (ShiftCnn(expand=e).element() for e in (False, True))
        rows, xs = rng.choice(codes, (50, 2, 4)), rng.integers(-8, 8, (50, 4))
        sums = [np.array(run(Tile(e, x, 4, 2), [item(e, v, w) for v, w in zip(xs, rows,
                                                                              strict=True)]))
                + np.array([e.rest(w, x)[:, 0] for w in rows]) for e in (one, other)]
        assert np.array_equal(*sums)


class TestShiftCnnExpanded(SchemeLaws):
    scheme = ShiftCnn(expand=True)
    repeats = "values"


class TestShiftCnnThreeTerms(SchemeLaws):
    scheme = ShiftCnn(3, 3)
    repeats = "values"

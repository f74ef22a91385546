import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Tile
from qhw.schemes.codebook import Codebook
from qhw.testing.schemes import SchemeLaws, item
from qhw.testing.stream import run

W = np.array([[1.2, 1.3, 6.1, .9, .7, 6.9, -1, -.9, 1.0]])
X = np.array([1, 2, 1, 0, 3, 2, 1, 4, -1])


class TestCodebook(SchemeLaws):
    scheme = Codebook()
    repeats = "values"

    def formula(self, outputs, inputs):
        return 4 * outputs * inputs + 16 * 8

    def test_by_hand(self):
        """Han et al., fig. 3: linear start at -1, 2.95 and 6.9."""
        scheme = Codebook(3, entry_bits=10)
        assert np.allclose(scheme.centres(W), [-.95, 1.02, 6.5])
        found = scheme.quantize(W)
        assert found.codes.tolist() == [[1, 1, 2, 1, 1, 2, 0, 0, 1]]
        assert found.table.tolist() == [-61, 65, 416] and found.scale == 2.0**-6
        assert (scheme.element(found.table).weights(found.codes) @ X).tolist() == [[5, 5, 3]]
        assert scheme.decode(found.codes, found.table) @ X == [1268]
        assert np.isclose(scheme.centres(W) @ [5, 5, 3], 19.85)

    def test_rate(self):
        """r = n b / (n log2 K + K b), for nine weights of 32 bits and three centroids."""
        assert np.isclose(9 * 32 / (9 * Codebook(3).code_bits + 3 * 32), 2.526, atol=5e-4)

    @pytest.mark.parametrize("start", ["linear", "density", "random"])
    def test_starts(self, start):
        """Nearest entries, and each the mean of what is nearest to it."""
        w = np.random.default_rng(0).normal(size=(1, 400))
        centres = Codebook(8, start).centres(w)
        nearest = np.abs(w[0][:, None] - centres).argmin(1)
        assert np.allclose([w[0][nearest == k].mean() for k in range(8)], centres)

    def test_starts_by_hand(self):
        w = np.array([[0., 1, 2, 3, 4, 5, 6, 100]])
        assert np.isin([0., 100], Codebook(2).centres(w)).tolist() == [False, True]
        assert Codebook(2, "density").centres(w)[1] == 100

    def test_zero_entry(self):
        found = Codebook(4, zero=True).quantize(np.array([[0., 0, .5, -.5, 1, .9, .4]]))
        assert found.table[0] == 0 and (found.codes[0, :2] == 0).all()
        assert 0 not in Codebook(4, zero=True).element(found.table).bins

    def test_gather_is_the_decoded_multiply(self):
        """The same weights in both engines, in gates: the same integers."""
        rng = np.random.default_rng(2)
        w, x = rng.normal(size=(2, 16)), Int(-8, 7)
        found = Codebook().quantize(w)
        xs = rng.integers(-8, 8, (40, 16))
        sums = []
        for engine in ("gather", "multiply"):
            scheme = Codebook(engine=engine)
            e = scheme.element(found.table)
            got = np.array(run(Tile(e, x, 16, 2), [item(e, v, found.codes) for v in xs]))
            parts = got.reshape(40, 2, -1) + e.rest(found.codes, x)
            sums.append((parts * scheme.factors(2, found.table)).sum(2))
        assert np.array_equal(*sums)
        assert np.array_equal(sums[0], xs @ Codebook().decode(found.codes, found.table).T)


class TestCodebookMultiply(SchemeLaws):
    scheme = Codebook(5, zero=True, engine="multiply", start="density")
    repeats = "values"

    def formula(self, outputs, inputs):
        return 3 * outputs * inputs + 5 * 8

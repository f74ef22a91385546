import numpy as np

from qhw.schemes.sketch import Sketch, sketched
from qhw.testing.schemes import SchemeLaws

W = np.array([[1, -.7, .4, -.1, .55]])
X = np.array([3, 1, -2, 4, 5])
PLANES = [[1, -1, 1, -1, 1], [1, -1, -1, 1, 1]]


class TestSketch(SchemeLaws):
    scheme = Sketch()

    def formula(self, outputs, inputs):
        return 2 * outputs * inputs + 2 * outputs * int(np.log2(self.table.max()) + 1)

    def test_by_hand(self):
        """Guo et al.: both methods find the same planes, whose sums are 1 and 13."""
        for method, scale, error, y in (("direct", [.55, .24], .162, 3.67),
                                        ("refined", [.5, .25], .15, 3.75)):
            a, signs = sketched(W, 2, method)
            assert signs[0].tolist() == PLANES and np.allclose(a, scale)
            assert np.isclose(np.square(W[0] - a[0] @ signs[0]).sum(), error)
            assert (signs[0] @ X).tolist() == [1, 13] and np.isclose(a[0] @ signs[0] @ X, y)

    def test_planes_are_the_bits_of_a_code(self):
        found = self.scheme.quantize(W)
        assert found.codes.tolist() == [[3, 0, 1, 2, 3]]
        assert (found.table * found.scale).tolist() == [[.5, .25]]
        assert np.isclose(self.scheme.decode(found.codes, found.table) @ X * found.scale, 3.75)


class TestSketchOfThree(SchemeLaws):
    scheme = Sketch(3)
    repeats = "values"
    tolerance = 0.5

    def formula(self, outputs, inputs):
        width = int(np.log2(np.abs(self.table).max()) + 1) + (self.table.min() < 0)
        return 3 * outputs * inputs + 3 * outputs * width

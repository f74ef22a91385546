import numpy as np

from qhw.schemes.binary import Binary
from qhw.schemes.bwnh import Bwnh
from qhw.testing.schemes import SchemeLaws


class TestBwnh(SchemeLaws):
    scheme = Bwnh()

    def test_with_the_identity_it_is_bwn(self):
        """Hu et al.: X = identity gives the mean |w|."""
        w = np.array([[.4, -.2, .1, -.5]])
        found = self.scheme.fit(w, np.eye(4))
        assert found.codes.tolist() == [[1, 0, 1, 0]] and np.isclose(found.scale, .3)

    def test_outputs_come_nearer_than_without_samples(self):
        rng = np.random.default_rng(0)
        w = rng.normal(size=(8, 24))
        x = rng.normal(size=(300, 6)) @ rng.normal(size=(6, 24))
        error = []
        for found in (self.scheme.fit(w, x), Binary().quantize(w)):
            real = self.scheme.decode(found.codes) * found.scale[:, None]
            error.append(np.square(x @ (w - real).T).sum())
        assert error[0] < 0.7 * error[1]

    def test_no_single_sign_can_be_bettered(self):
        rng = np.random.default_rng(1)
        w, x = rng.normal(size=(1, 8)), rng.normal(size=(50, 8))
        found = Bwnh(rounds=50).fit(w, x)
        b, target = self.scheme.decode(found.codes)[0] * 1.0, x @ w[0]
        def error(b):
            return np.square(target - found.scale[0] * (x @ b)).sum()
        assert all(error(b) <= error(np.where(np.arange(8) == i, -b, b)) + 1e-9 for i in range(8))

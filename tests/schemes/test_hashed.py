import numpy as np

from qhw.schemes.hashed import Hashed
from qhw.testing.schemes import SchemeLaws


class TestHashed(SchemeLaws):
    scheme = Hashed(64)
    near = 0.9

    def formula(self, outputs, inputs):
        return 6 * outputs * inputs + 64 * 8

    def test_a_bucket_is_the_mean_of_its_weights(self):
        w = np.random.default_rng(0).normal(size=(20, 30))
        found = Hashed(16, entry_bits=16).quantize(w)
        for k in range(16):
            assert np.isclose(found.table[k] * found.scale[0], w[found.codes == k].mean(),
                              atol=1e-4)

    def test_the_hash_depends_on_the_place_alone_and_fills_all_buckets(self):
        places = Hashed(16).places(64, 64)
        assert np.array_equal(places, Hashed(16).quantize(np.ones((64, 64))).codes)
        count = np.bincount(places.ravel())
        assert len(count) == 16 and count.min() > 0.7 * 256 and count.max() < 1.3 * 256
        assert not np.array_equal(places, Hashed(16, seed=1).places(64, 64))

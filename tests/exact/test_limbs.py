"""Products of more than 64 bits, against Python's integers."""

import numpy as np
import pytest

from qhw.exact.limbs import LIMB, MOST, NARROW, WIDEST, shifted


@pytest.mark.parametrize(("bits", "factors", "shift"), [
    (37, 47, 60), (37, 47, LIMB), (26, 44, 50), (8, 47, 31), (20, 20, 5), (30, 30, 0)])
def test_is_the_product(bits, factors, shift):
    rng = np.random.default_rng(bits + shift)
    x = rng.integers(-(1 << bits) + 1, 1 << bits, (50, 4))
    m = rng.integers(-(1 << factors) + 1, 1 << factors, 4)
    x[0], x[1], m[0] = (1 << bits) - 1, 1 - (1 << bits), (1 << factors) - 1
    bound = (MOST if shift >= LIMB else NARROW) - (1 << bits + factors)
    o = np.array([bound - 1, 1 - bound, -1, 0], object)
    want = [[(int(n) * int(a) + b) >> shift for n, a, b in zip(row, m, o, strict=True)]
            for row in x]
    assert shifted(x, m, o, shift).tolist() == want
    assert 1 << bits <= WIDEST

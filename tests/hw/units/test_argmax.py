import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Largest
from tests.drive import run


@pytest.mark.parametrize("stalls", [None, 6])
@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize(("size", "pe"), [
    (2, 1), (2, 2), (10, 1), (10, 5), (10, 2), (9, 9), (12, 3)])
def test_largest(size, pe, ranked, stalls):
    """Small values, so that ties are the rule."""
    rng = np.random.default_rng(0)
    rank = rng.integers(0, 3, size) if ranked else np.zeros(size, int)
    layer, values = Largest(rank, pe), rng.integers(-2, 2, (40, size))
    want = [max(range(size), key=lambda k, row=row: (row[k], rank[k], -k)) for row in values]
    assert layer.evaluate(values)[:, 0].tolist() == want
    got = run(layer.unit(Tensor((size,), Int(-2, 1))), values.reshape(-1, pe).tolist(),
              outputs=40, stalls=stalls)
    assert [index for index, in got] == want

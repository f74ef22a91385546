"""Products with any number of registers give the same sums, with pauses and without, and take no
cycle more between two vectors."""

import numpy as np
import pytest

from qhw.engines import FoldedEngine
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import MatVec
from qhw.schemes import schemes
from qhw.testing.stream import run


def layer(scheme, pe, simd, **engine):
    rng = np.random.default_rng(0)
    found = scheme.quantize(rng.normal(size=(6, 12)))
    return MatVec(scheme, found.codes, rng.integers(-50, 50, (len(found.codes), 1)), found.table,
                  engine=FoldedEngine(pe, simd, **engine))


@pytest.mark.parametrize("name", [n for n, s in schemes.items() if not s().factorized])
@pytest.mark.parametrize("stages", range(6))
def test_every_scheme(name, stages):
    scheme, x = schemes[name](), Int(-2, 5)
    folds = [(2, 3), (3, 4), (6, 1), (6, 12), (1, 12), (2, 6)]
    pe, simd = folds[(stages + sorted(schemes).index(name)) % len(folds)]
    if simd % scheme.group:
        pe, simd = 3, 4
    op = layer(scheme, pe, simd, stages=stages)
    vectors = np.random.default_rng(1).integers(x.lo, x.hi + 1, (5, 12))
    want = op.evaluate(vectors)
    for stalls in (None, 4):
        got, (_, o_times) = run(op.unit(Tensor((12,), x)), vectors.reshape(-1, simd).tolist(),
                                outputs=5 * 6 // pe, stalls=stalls, times=True)
        assert np.array_equal(np.reshape(got, want.shape), want)
        if stalls is None:
            assert set(np.diff(o_times)) <= {12 // simd}, "a bubble"

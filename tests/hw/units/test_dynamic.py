"""A product with run-time scales in gates: small ones, at every fold, against numpy."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import PeSimd, Tensor
from qhw.layers import BlockFloat, Residual
from qhw.ops import MatVec
from qhw.ops.dynamic import DynamicMatVec
from qhw.schemes import schemes
from qhw.testing.stream import run

X = Tensor((6,), Int(-20, 19))


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize(("pe", "simd"), [(1, 1), (2, 3), (4, 6), (1, 6)])
@pytest.mark.parametrize(("coding", "scheme"), [
    (Residual(1), "binary"), (Residual(2), "binary"), (BlockFloat(4), "fixed")])
def test_every_fold(coding, scheme, pe, simd, stalls):
    scheme = schemes[scheme]()
    found = scheme.quantize(np.random.default_rng(1).normal(size=(4, 6)))
    op = DynamicMatVec(coding, MatVec(scheme, found.codes, np.zeros(4, int), found.table), 3
                       ).folded(PeSimd(pe, simd))
    x = np.random.default_rng(0).integers(-20, 20, (5, 6))
    x[0], x[1] = -20, 3
    want = op.evaluate(x)
    got = run(op.unit(X), x.reshape(-1, simd).tolist(), outputs=20 // pe, stalls=stalls)
    assert np.array_equal(np.reshape(got, want.shape), want)

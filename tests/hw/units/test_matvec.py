import numpy as np
import pytest

from qhw.engines import FoldedEngine
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.hw.units.matvec import MatVecUnit
from qhw.ops import MatVec
from qhw.pe import BitPlanes
from qhw.schemes import schemes
from tests.drive import run


def layer(scheme, outputs, inputs, pe, simd, seed=0):
    rng = np.random.default_rng(seed)
    found = scheme.quantize(rng.normal(size=(outputs, inputs)))
    start = rng.integers(-50, 50, (len(found.codes), 1))
    return MatVec(scheme, found.codes, start, found.table, engine=FoldedEngine(pe, simd))


@pytest.mark.parametrize("name", [n for n, s in schemes.items() if not s().factorized])
@pytest.mark.parametrize(("pe", "simd"), [(1, 1), (2, 3), (6, 1), (1, 12), (3, 4), (6, 12)])
@pytest.mark.parametrize("stalls", [None, 4])
def test_every_fold(name, pe, simd, stalls):
    scheme, x = schemes[name](), Int(-2, 5)
    if simd % scheme.group:
        pytest.skip(f"{scheme.group} inputs have one code")
    op = layer(scheme, 6, 12, pe, simd)
    vectors = np.random.default_rng(1).integers(x.lo, x.hi + 1, (5, 12))
    unit = op.unit(Tensor((12,), x))
    got, (_, o_times) = run(unit, vectors.reshape(-1, simd).tolist(), outputs=5 * 6 // pe,
                            stalls=stalls, times=True)
    want = op.evaluate(vectors)
    assert np.array_equal(np.reshape(got, want.shape), want)
    if stalls is None:
        assert set(np.diff(o_times)) <= {12 // simd}, "a bubble"


@pytest.mark.parametrize("name", ["binary", "ternary", "fixed", "shiftcnn", "inq"])
def test_accumulators_at_their_bounds(name):
    """Weights and inputs that reach the interval's ends exactly, which is then one bit short."""
    scheme, x = schemes[name](), Int(0, 15)
    every = scheme.codes()
    values = scheme.decode(every[:, None])[:, 0]
    codes = np.stack([np.full(8, every[values.argmax()]), np.full(8, every[values.argmin()])])
    op = MatVec(scheme, codes, np.array([7, -7]), engine=FoldedEngine(2, 4))
    y = op.infer(Tensor((8,), x)).integer
    assert y == Int(8 * 15 * int(values.min()) - 7, 8 * 15 * int(values.max()) + 7)
    got = run(op.unit(Tensor((8,), x)), np.full((2, 4), 15).tolist(), outputs=1)
    assert got == [[y.hi, y.lo]]


@pytest.mark.parametrize(("pe", "simd", "message"), [
    (4, 1, "PE must divide the 6 outputs, and 4 does not"),
    (1, 5, "SIMD must divide the 12 inputs, and 5 does not")])
def test_folds_must_divide(pe, simd, message):
    codes = np.zeros((6, 12), int)
    with pytest.raises(ValueError, match=message):
        MatVecUnit(BitPlanes(), codes, np.zeros(6, int), x=Int(0, 1), y=Int(-12, 12),
                   pe=pe, simd=simd)

import numpy as np
import pytest

from qhw.engines import FoldedEngine
from qhw.engines.ways import ways
from qhw.estimator.chip import Chip
from qhw.exact.formats import Power
from qhw.exact.num import Int
from qhw.graph import PeSimd, Tensor
from qhw.hw.units.matvec import MatVecUnit
from qhw.ops import MatVec
from qhw.pe import BitPlanes
from qhw.schemes import parse, schemes
from qhw.targets import target
from qhw.testing.stream import run
from tests.seeds import rotating


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


@pytest.mark.parametrize("x", [Int(-2, 5), Int(0, 15)], ids=str)
@pytest.mark.parametrize(("scheme", "multiply"), [
    (scheme, way) for scheme in ("binary", "balanced:bits=2", "ternary", "shiftcnn", "fixed:bits=2",
                                 "fixed:bits=4", "fixed:bits=5", "fixed:bits=8")
    for way in ways(parse(scheme).element(), Int(0, 1))])
def test_every_way_to_multiply(scheme, multiply, x):
    op = layer(parse(scheme), 6, 12, 3, 4)
    op = op.folded(PeSimd(3, 4, multiply=multiply))
    vectors = np.random.default_rng(1).integers(x.lo, x.hi + 1, (5, 12))
    vectors[0], vectors[1] = x.lo, x.hi
    got = run(op.unit(Tensor((12,), x)), vectors.reshape(-1, 4).tolist(), outputs=10)
    want = op.evaluate(vectors)
    assert np.array_equal(np.reshape(got, want.shape), want)


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


UNEVEN = [(outputs, inputs, pe, simd, seed) for outputs, inputs, pe, simd, seed in zip(
    (7, 13, 17, 31, 5, 7), (13, 7, 31, 17, 12, 12), (3, 5, 17, 7, 2, 5), (4, 3, 8, 17, 8, 8),
    rotating(6), strict=True)]


@pytest.mark.parametrize("name", [n for n, s in schemes.items() if not s().factorized])
@pytest.mark.parametrize(("outputs", "inputs", "pe", "simd", "seed"), UNEVEN)
def test_folds_that_do_not_divide(name, outputs, inputs, pe, simd, seed):
    """Whatever lies in the lanes beyond a vector, and where 0 is no activation either."""
    scheme, rng = schemes[name](), np.random.default_rng(seed)
    if simd % scheme.group or inputs % scheme.group:
        pytest.skip(f"{scheme.group} inputs have one code")
    x = (Int(-2, 5), Int(3, 6), Int(-6, -3), Int(0, 1))[seed % 4]
    op = layer(scheme, outputs, inputs, pe, simd, seed)
    vectors = rng.integers(x.lo, x.hi + 1, (3, inputs))
    beats = rng.integers(0, 1 << x.width, (3, -(-inputs // simd) * simd)) + min(
        -(x.lo < 0) << x.width - 1, 0)
    beats[:, :inputs] = vectors
    times = -(-op.outputs // pe)
    got, (_, o_times) = run(op.unit(Tensor((inputs,), x)), beats.reshape(-1, simd).tolist(),
                            outputs=3 * times, times=True)
    want = op.evaluate(vectors).reshape(3, -1)
    assert np.array_equal(np.reshape(got, (3, -1))[:, :want.shape[1]], want)
    assert set(np.diff(o_times)) <= {-(-inputs // simd)}, "a bubble"


@pytest.mark.parametrize(("outputs", "inputs", "pe", "simd", "seed"), [*UNEVEN, (5, 23, 2, 20, 2)])
def test_parities_of_folds_that_do_not_divide(outputs, inputs, pe, simd, seed):
    """A lane without an input continues the parities of those before it."""
    x = (Int(0, 1), Int(3, 6), Int(-6, -3), Int(-2, 5))[seed % 4]
    op = layer(schemes["binary"](), outputs, inputs, pe, simd, seed)
    op = op.folded(PeSimd(pe, simd, multiply="parities"))
    rng = np.random.default_rng(seed)
    vectors = rng.integers(x.lo, x.hi + 1, (3, inputs))
    beats = np.pad(vectors, ((0, 0), (0, -inputs % simd)), constant_values=x.hi)
    got = run(op.unit(Tensor((inputs,), x)), beats.reshape(-1, simd).tolist(),
              outputs=3 * -(-outputs // pe))
    want = op.evaluate(vectors).reshape(3, -1)
    assert np.array_equal(np.reshape(got, (3, -1))[:, :outputs], want)


@pytest.mark.parametrize("zero", [True, False])
def test_powers_of_two_as_activations_of_folds_that_do_not_divide(zero):
    x, rng = Power(3, zero=zero), np.random.default_rng(0)
    op = layer(schemes["binary"](), 5, 7, 2, 3)
    codes = x.codes[rng.integers(len(x.codes), size=(4, 9))]
    unit = op.unit(Tensor((7,), Int(0, (1 << x.bits) - 1), coded=x))
    got = run(unit, codes.reshape(-1, 3).tolist(), outputs=12)
    want = op.evaluate(x.decode(codes[:, :7]))
    assert np.array_equal(np.reshape(got, (4, 6))[:, :5], want)


def test_pads_cost_activations_only_without_a_weight_of_0():
    """Of 4 lanes of a binary product 2 have no input in the last beat."""
    made = {name: layer(schemes[name](), 4, 6, 2, 4).unit(Tensor((6,), Int(0, 3)))
            for name in ("binary", "ternary")}
    assert [made[name].idle for name in made] == [True, False]
    chip, unit = Chip(target("ice40hx8k")), made["binary"]
    idle = unit.made_of(chip)
    unit.idle = False
    assert idle["lut"] - unit.made_of(chip)["lut"] == 2 * 2     # lanes of two bits
    assert idle["counter"] - unit.made_of(chip)["counter"] == 1


def test_pairs_take_half_of_the_dsp_blocks():
    op, chip = layer(parse("fixed:bits=4"), 6, 12, 2, 4), Chip(target("ecp5-25k"))
    blocks = [op.folded(PeSimd(2, 4, multiply=way)).unit(Tensor((12,), Int(0, 15))).made_of(chip)
              ["dsp"] for way in ("dsp", "pairs")]
    assert blocks == [2 * 4, 2 * 4 / 2]


@pytest.mark.parametrize(("pe", "simd", "message"), [
    (7, 1, "PE must be 1 to 6, and 7 is not"), (1, 13, "SIMD must be 1 to 12, and 13 is not")])
def test_folds_must_fit(pe, simd, message):
    codes = np.zeros((6, 12), int)
    with pytest.raises(ValueError, match=message):
        MatVecUnit(BitPlanes(), codes, np.zeros(6, int), x=Int(0, 1), y=Int(-12, 12),
                   pe=pe, simd=simd)

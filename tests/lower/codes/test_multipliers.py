"""What takes the place of thresholds has their codes of every sum, and is cheaper."""

import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Affine, BatchNorm, Dense, Input, LeakyRelu, Quantize, Relu, Rescale
from qhw.layers.rescale import reduced
from qhw.lower import lower
from qhw.lower.products import products
from qhw.ops import Requantize, Threshold
from qhw.ops.requantize import direct
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from qhw.testing.stream import run

from ...seeds import rotating
from ..chains import chain

F = Fraction
MULTIPLIERS = sys.modules["qhw.lower.codes.multipliers"]
activations = sys.modules["qhw.lower.activations"].activations


def eight(slopes, *behind, inputs=3, seed=0, codes=(-128, 127)):
    """A network of 8-bit weights, and the layers behind its sums."""
    rng = np.random.default_rng(seed)
    weights = Codes(rng.integers(-127, 128, (len(slopes), inputs)), np.array(slopes))
    bias = np.round(rng.uniform(-9000, 9000, len(slopes))) * slopes
    return chain(Input((inputs,), Int(*codes)), Dense(Fixed(8), weights, bias), *behind)


def both(graph, monkeypatch):
    """What the last layer becomes, what it becomes of thresholds alone, and for each channel
    integers from the least to the largest sum."""
    graph = products(graph)
    product, name = graph.by_name["l1"].op, graph.output.name
    low, high = product.extremes(graph.tensors["l0"].value)
    made = activations(graph).by_name[name].op
    monkeypatch.setattr(MULTIPLIERS, "FEW", 1 << 20)
    plain = activations(graph).by_name[name].op
    assert isinstance(plain, Threshold)
    return made, plain, np.linspace(low[:, 0], high[:, 0], 20001).astype(np.int64)


def same(op, plain, x):
    """Equal codes of the integers, and of those around all thresholds."""
    ends = x.min(axis=0), x.max(axis=0)
    around = [np.clip(plain.thresholds.T + d, *ends) for d in (-1, 0, 1)]
    x = np.concatenate([x, *around])
    return np.array_equal(op.evaluate(x), plain.evaluate(x))


REAL = [float(np.float32(s)) for s in np.linspace(.0011, .0024, 20)]


@pytest.mark.parametrize("way", [
    (), (Relu(),), (Affine((F(-1, 3),) * 20, (F(5, 7),) * 20),),
    (BatchNorm(*(np.linspace(a, b, 20) for a, b in ((-2, 2), (-.5, .5), (3, 4), (.3, 2))), 1e-5),)],
    ids=["plain", "relu", "falling", "norm"])
@pytest.mark.parametrize(("codes", "zero"), [(Int(-128, 127), -3), (Int(0, 255), 7)], ids=str)
def test_a_multiplier_with_the_codes_of_thresholds(way, codes, zero, monkeypatch):
    quantizer = Quantize(codes, F(float(np.float32(.0371))), zero, zero_last=True)
    op, plain, x = both(eight(REAL, *way, quantizer), monkeypatch)
    assert isinstance(op, Requantize) and same(op, plain, x)
    assert np.abs(op.multiplier).max() < 1 << 26
    assert not same(replace(op, offset=op.offset + (1 << op.shift - 5)), plain, x)


def test_sixteen_bits():
    """Which are too many for thresholds."""
    quantizer = Quantize(Int(-32768, 32767), F(float(np.float32(.00071))))
    graph = products(eight(REAL[:3], quantizer))
    bias, product = graph.by_name["l1.real"].op, graph.by_name["l1"].op
    op = activations(graph).output.op
    assert isinstance(op, Requantize)
    low, high = product.extremes(Int(-128, 127))
    for c in range(3):
        x = np.linspace(low[c, 0], high[c, 0], 3001).astype(np.int64)
        slope, offset = bias.line(c)
        want = [quantizer.codes.nearest(round((slope * int(n) + offset) / quantizer.scale))
                for n in x]
        assert op.evaluate(np.repeat(x[:, None], 3, axis=1))[:, c].tolist() == want


def test_sixteen_bits_of_two_slopes_have_none():
    leaky = LeakyRelu((F(1, 3),))
    with pytest.raises(ModelError, match="65536 levels need too many thresholds"):
        activations(products(eight(REAL[:3], leaky, Quantize(Int(-32768, 32767), F(1, 999)))))


@pytest.mark.parametrize(("count", "codes", "kind"), [
    (1, Int(0, 63), Threshold), (20, Int(0, 255), Requantize), (20, Int(0, 15), Threshold)])
def test_what_is_cheaper(count, codes, kind):
    """A channel's thresholds are few, and so are those of few bits."""
    graph = products(eight(REAL[:count], Quantize(codes, F(float(np.float32(.0371))))))
    assert isinstance(activations(graph).output.op, kind)


def rescale(rng, count, codes, zero, *, single=False, right=(-2, 12)):
    multiplier = rng.integers(1 << 30, 1 << 31, count)
    multiplier = np.array([reduced(int(m)) for m in multiplier]) if single else multiplier
    return Rescale(multiplier, -rng.integers(*right, count), codes, zero, single)


@pytest.mark.parametrize("seed", rotating(1))
@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("zero", [-128, 5])
def test_tensorflow_lites(seed, single, zero, monkeypatch):
    """Shifts that differ by channel become one; what is chosen and the file's own numbers give its
    codes, and so do gates."""
    rng = np.random.default_rng(seed)
    op = rescale(rng, 24, Int(-128, 127), zero, single=single, right=(5, 12))
    graph = eight(np.ones(24), op, seed=seed)
    made, plain, x = both(graph, monkeypatch)
    assert isinstance(made, Requantize) and same(made, plain, x)
    biased = x + graph.by_name["l1"].op.added.astype(np.int64)
    assert np.array_equal(plain.evaluate(x), op.evaluate(biased))
    own = direct(op, [(F(1), F(int(b))) for b in graph.by_name["l1"].op.added],
                 Tensor((24,), Int.of(x)))
    assert own is not None and same(own, plain, x)
    few = x[:: len(x) // 60]
    for found in (made, own):
        unit = replace(found, pe=8).unit(Tensor((24,), Int.of(x)))
        got = np.reshape(run(unit, few.reshape(-1, 8).tolist()), few.shape)
        assert np.array_equal(got, op.evaluate(few + biased[0] - x[0]))


def test_the_files_own_numbers_by_hand():
    """m / 2**31 = 3 / 4, once to the right: 3 (x + 1) / 8, with a first rounding to 1 / 2; without
    shift it is 6 (x + 1) / 8."""
    op = Rescale(np.array([3 << 29]), np.array([-1, 0]), Int(-9, 9))
    own = direct(op, [(F(1), F(1))] * 2, Tensor((2,), Int(-20, 20)))
    assert (own.multiplier.tolist(), own.offset.tolist(), own.shift) == ([3, 6], [5, 6], 3)
    assert own.away.tolist() == [4, 0]
    x = np.repeat(np.arange(-20, 21)[:, None], 2, axis=1)
    assert np.array_equal(own.evaluate(x), op.evaluate(x + 1))


@pytest.mark.parametrize(("line", "x"), [
    ((F(1, 2), F(0)), Int(0, 9)), ((F(1), F(1, 2)), Int(0, 9)), ((F(1), F(0)), Int(0, 1 << 30))],
    ids=["slope", "offset", "saturates"])
def test_what_has_none_of_its_own(line, x):
    op = Rescale(np.array([1 << 30]), np.array([1]), Int(-128, 127))
    assert direct(op, [line], Tensor((1,), x)) is None


def test_wide_codes_of_few_integers():
    """As before the sum of two tensors: x << 20, scaled to 28 bits."""
    op = Rescale(np.array([1518500250]), np.array([-1]), Int(-(1 << 31), (1 << 31) - 1))
    codes, count = Int(-128, 127), 4
    graph = chain(Input((count,), codes), Affine((F(1 << 20),) * count, (F(5 << 20),) * count), op)
    made = lower(graph)
    own = made.by_name["l2"].op
    x = np.repeat(np.arange(-128, 128)[:, None], count, axis=1)
    assert isinstance(own, Requantize)
    assert np.array_equal(own.evaluate(x), op.evaluate((x + 5) << 20))
    assert own.codes == Int.of(own.evaluate(x))

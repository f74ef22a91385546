"""Long short-term memory: number by number as TensorFlow Lite Micro's kernel has it; in gates."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.product import Product
from qhw.exact.sigmoid import sigmoid, tanh
from qhw.graph import PeSimd, Spatial, Tensor
from qhw.ops.lstm import PRODUCTS
from qhw.ops.op import FOREVER
from qhw.schedule import Net

from .gates import agree
from .recurrent import WORD, inputs, lstm

FOLDS = {"one": (3, 1, 1), "lanes": (4, 4, 2), "whole": (4, 16, 4), "a cell": (1, 1, 1),
         "a cell at once": (1, 4, 1), "narrow": (2, 8, 1), "all inputs": (5, 2, 5)}
KINDS = {"plain": {}, "small steps": {"power": -14}, "smallest": {"power": -15, "scale": 1 / 128},
         "large steps": {"power": -8}, "limited": {"power": -11, "end": 300},
         "wide": {"wide": True, "scale": 1 / 120}}


def high_mul(a, b):
    """gemmlowp's SaturatingRoundingDoublingHighMul, of which a shift rounds half up."""
    return a * b + (1 << 30) >> 31


def divided(a, bits):
    """gemmlowp's RoundingDivideByPOT."""
    mask = (1 << bits) - 1
    return (a >> bits) + ((a & mask) > (mask >> 1) + (a < 0))


def limited(a, codes=WORD):
    return min(max(a, codes.lo), codes.hi)


def times(a, op, k=0):
    """MultiplyByQuantizedMultiplier and the output's limits."""
    m, shift = int(op.multiplier[k % len(op.multiplier)]), int(op.shift[k % len(op.shift)])
    if op.single:
        total = 15 - shift
        made = (a * (m >> 16) + (1 << total - 1)) >> total
    else:
        made = divided(high_mul(a << max(shift, 0), m), max(-shift, 0))
    return limited(made + op.zero, op.codes)


def of(function, x, shift):
    x = 3 * x << shift if shift >= 0 else 3 * x + (1 << -shift - 1) >> -shift
    return int(function(np.array(x)))


def kernel(op, x):
    """A sequence (steps, gates), number by number, with the states that a kernel keeps."""
    weights = op.weights.weights[:, 0].tolist()
    hidden, cell, found = [op.hidden.zero] * op.units, [0] * op.units, []
    for row in x.tolist():
        sums = [sum(w * (h - op.hidden.zero) for w, h in zip(line, hidden, strict=True))
                for line in weights]
        gates = [limited(a + times(s, op.gates, k))
                 for k, (a, s) in enumerate(zip(row, sums, strict=True))]
        for k in range(op.units):
            forget, new_in, new, out = gates[4 * k:4 * k + 4]
            kept = times(of(sigmoid, forget, 0) * cell[k], op.cell, 0)
            more = times(of(sigmoid, new_in, 0) * of(tanh, new, 0), op.cell, 1)
            cell[k] = limited(limited(kept + more), op.cells)
            hidden[k] = times(of(sigmoid, out, 0) * of(tanh, cell[k], op.shift), op.hidden)
        found.append(list(hidden))
    return np.array(found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_a_sequence_as_the_kernel_has_it(kind):
    op = lstm(5, **KINDS[kind])
    _, x = inputs(op, 6, 9)
    found = op.evaluate(x)
    assert np.array_equal(found.reshape(-1, 5), kernel(op, x.reshape(-1, 20)))
    assert len(np.unique(found)) > 20


def test_the_product_is_prepared_once(monkeypatch):
    """For all steps of all inferences."""
    within, made = Product.within, []
    monkeypatch.setattr(Product, "within",
                        lambda self, most: made.append(most) or within(self, most))
    op = lstm(3)
    op.evaluate(inputs(op, 5, 4)[1])
    assert made == [128]


def test_the_state_is_not_that_of_reset_in_later_inferences():
    op = lstm(4)
    _, x = inputs(op, 3)
    again = np.concatenate([x[:1], x[:1]])
    one, two = op.evaluate(again)
    assert (one != two).any() and op.remembers() == FOREVER


@pytest.mark.parametrize(("units", "pe", "simd"), FOLDS.values(), ids=FOLDS)
def test_in_gates(units, pe, simd):
    op = lstm(units, pe, simd)
    x, values = inputs(op, 4)
    agree(op, x, values)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_in_gates(kind):
    op = lstm(3, 2, 3, seed=7, **KINDS[kind])
    x, values = inputs(op, 3, 6)
    agree(op, x, values)


def test_codes_that_the_fewest_bits_make_are_the_files():
    """Of products that occur; the scale of a hidden state is often 2 / 255."""
    op = lstm(2, scale=2 / 255)
    gates, cell, hidden = op._ways
    x = np.random.default_rng(3).integers(PRODUCTS.lo, PRODUCTS.hi, (50_000, 1), endpoint=True)
    x[0], x[1] = PRODUCTS.lo, PRODUCTS.hi
    assert hidden.multiplier.tolist() == [255]
    assert np.array_equal(hidden.evaluate(x), op.hidden.evaluate(x))
    assert np.array_equal(cell.evaluate(x.reshape(-1, 2)), op.cell.evaluate(x.reshape(-1, 2)))
    sums = x.reshape(-1, 4) >> 12
    assert np.array_equal(gates.evaluate(sums), op.gates.evaluate(sums))


@pytest.mark.parametrize("stages", [0, 2])
@pytest.mark.parametrize("units", [1, 2, 3, 6, 12])
def test_an_inference_comes_after_the_other_in_its_interval(units, stages):
    x, _ = inputs(lstm(units), 5)
    for fold in lstm(units).folds(x):
        op, net = lstm(units).folded(PeSimd(fold.pe, fold.simd, stages)), Net()
        net.sink(op.stream(net, (net.source(x.size),), x))
        steps = np.diff(net.play(6).ends)
        assert (steps == op.interval(x)).all(), fold


@pytest.mark.parametrize("first", [0, 1, 50])
def test_hidden_states_leave_when_the_streams_say(first):
    op = lstm(4, 4, 2)
    x, _ = inputs(op, 3)
    net, arrivals = Net(), first + np.arange(x.size)
    net.sink(op.stream(net, (net.source(x.size),), x))
    wanted = net.play(1, gaps=np.array([first]), each=True).ends
    assert op.schedule(arrivals, x).tolist() == wanted.tolist()


def test_folds_are_those_of_its_product():
    op = lstm(6)
    x, _ = inputs(op, 5)
    assert {(f.pe, f.simd) for f in op.folds(x)} == {
        (pe, simd) for pe in (1, 2, 3, 4, 6, 8, 12, 24) for simd in (1, 2, 3, 6)}
    assert "SIMD its 6 inputs, and" in op.wrong(PeSimd(1, 4), x)
    assert op.wrong(Spatial(), x) and not op.wrong(PeSimd(8, 3), x)
    assert (op.i_lanes, op.o_lanes, op.vectors(x)) == (1, 1, 5)
    assert op.operations(x).read == 8 * 24 * 6 * 5


@pytest.mark.parametrize(("x", "reason"), [
    (Tensor((5, 23), WORD), r"steps of 24 gates, and its input has shape \(5, 23\)"),
    (Tensor((24,), WORD), r"steps of 24 gates, and its input has shape \(24,\)"),
    (Tensor((5, 24), Int(0, 65535)), "numbers of 16 bits without a zero point"),
    (Tensor((5, 24), WORD, zero=Fraction(1)), "numbers of 16 bits without a zero point"),
    (Tensor((5, 24)), "numbers of 16 bits without a zero point")])
def test_other_inputs_are_refused(x, reason):
    with pytest.raises(ModelError, match=reason):
        lstm(6).infer(x)


def test_ways_that_its_weights_have_not_are_refused():
    op = lstm(2)
    engine = replace(op.weights.engine, multiply="dsp")
    with pytest.raises(ModelError, match="cannot be multiplied as dsp"):
        replace(op, weights=replace(op.weights, engine=engine)).infer(Tensor((3, 8), WORD))


def test_multipliers_that_are_too_large_are_refused():
    op = lstm(2)
    large = replace(op, gates=replace(op.gates, shift=op.gates.shift + 20))
    with pytest.raises(ModelError, match="multipliers need more than 62 bits"):
        large.infer(Tensor((3, 8), WORD))

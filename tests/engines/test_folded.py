"""The folded engine by hand: cycles, bits in memory, and folds that do not fit. Its gates are in
hw/units/test_matvec, its beats in schedule/test_units."""

import numpy as np
import pytest

from qhw.engines import FoldedEngine, Matrix
from qhw.exact.formats import Power
from qhw.exact.num import Int
from qhw.graph import PeSimd, Tensor
from qhw.schemes import parse

ROW = [1, 3, 0, 1, 0, 0]
M = Matrix(parse("ternary"), np.array([ROW] * 4), np.zeros(4, int))
X = Tensor((6,), Int(0, 3))


@pytest.mark.parametrize(("engine", "cycles", "about"), [
    (FoldedEngine(), 24, "PE 1, SIMD 1, fold 6 x 4"),
    (FoldedEngine(2, 3), 4, "PE 2, SIMD 3, fold 2 x 2"),
    (FoldedEngine(2, 3, multiply="chains"), 4, "PE 2, SIMD 3, fold 2 x 2, chains"),
    (FoldedEngine(2, 3, memory="luts"), 4, "PE 2, SIMD 3, fold 2 x 2, weights in luts"),
    (FoldedEngine(4, 6), 1, "PE 4, SIMD 6, fold 1 x 1"),
    (FoldedEngine(3, 4), 4, "PE 3, SIMD 4, fold 2 x 2"),
    (FoldedEngine(3, 6), 2, "PE 3, SIMD 6, fold 1 x 2"),
    (FoldedEngine(2, 3, "huffman"), 24, "PE 2, SIMD 3, fold 2 x 2")])   # a code a cycle
def test_cycles(engine, cycles, about):
    assert engine.interval(M, X) == cycles and engine.about(M) == about
    assert engine.interval(M, Tensor((5, 6), Int(0, 3))) == 5 * cycles
    assert engine.at(M) == PeSimd(engine.pe, engine.simd, engine.stages, engine.multiply,
                                  engine.memory)
    assert engine.regular == (engine.storage != "huffman")


def test_a_beat_leaves_three_cycles_after_its_last_input_is_read():
    """Beats offered in cycles 0 and 1 are read in 1 and 2; two turns of two cycles."""
    assert FoldedEngine(2, 3).schedule(M, np.array([0, 1]), X).tolist() == [5, 7]
    assert FoldedEngine(2, 3).latest(M, np.array([5, 7]), X).tolist() == [0, 1]
    assert FoldedEngine(4, 3).schedule(M, np.array([0, 4]), X).tolist() == [7]


def test_each_stage_is_a_cycle_more_and_no_cycle_between():
    engine = FoldedEngine(2, 3, stages=2)
    assert engine.schedule(M, np.array([0, 1]), X).tolist() == [7, 9]
    assert engine.latest(M, np.array([7, 9]), X).tolist() == [0, 1]
    assert engine.interval(M, X) == 4 and engine.at(M) == PeSimd(2, 3, 2)
    assert engine.about(M) == "PE 2, SIMD 3, fold 2 x 2, stages 2"


@pytest.mark.parametrize(("engine", "bits"), [
    (FoldedEngine(2, 3), 48),               # 24 codes of two bits
    (FoldedEngine(2, 3, "trits"), 4 * 16)])  # four words of six trits: two bytes each
def test_bits_in_memory(engine, bits):
    assert engine.stored_bits(M) == bits


@pytest.mark.parametrize(("fold", "says"), [
    (PeSimd(2, 3), ""), (PeSimd(4, 6), ""),
    (PeSimd(3, 4), ""), (PeSimd(1, 1, 8), ""),
    (PeSimd(1, 1, 9), "stages must be 0 to 8, and 9 is not"),
    (PeSimd(1, 1, -1), "stages must be 0 to 8, and -1 is not"),
    (PeSimd(1, 1, multiply="x"),
     "multiply must be chains or planes or parities or digits or dsp or pairs, and x is not"),
    (PeSimd(4, 3, memory="block"), ""), (PeSimd(3, 6, memory="luts"), ""),
    (PeSimd(1, 1, memory="x"), "memory must be block or luts, and x is not"),
    (PeSimd(4, 6, memory="luts"),
     "it reads all weights in every cycle, so they are in no memory"),
    (PeSimd(5, 1), "PE must be 1 to 4, the number of its outputs, and 5 is not"),
    (PeSimd(0, 1), "PE must be 1 to 4, the number of its outputs, and 0 is not"),
    (PeSimd(1, 7), "SIMD must be 1 to 6, the number of its inputs, and 7 is not"),
    (PeSimd(1, -1), "SIMD must be 1 to 6, the number of its inputs, and -1 is not")])
def test_folds_that_fit(fold, says):
    assert FoldedEngine.wrong(fold, M) == says


def test_groups_share_the_outputs():
    m = Matrix(M.scheme, M.codes, M.start, groups=2)
    assert FoldedEngine.wrong(PeSimd(4, 1), m) == (
        "PE must be 1 to 2, the number of its outputs, and 4 is not")
    assert FoldedEngine(2, 6).interval(m, Tensor((2, 6), Int(0, 3))) == 2


def test_codes_that_stand_for_several_inputs():
    scheme = parse("product:length=2")
    found = scheme.quantize(np.random.default_rng(0).normal(size=(4, 6)))
    m = Matrix(scheme, found.codes, np.zeros(len(found.codes), int), found.table)
    assert FoldedEngine.wrong(PeSimd(1, 3), m) == (
        "SIMD must be a multiple of the 2 inputs that a code stands for, and 3 is not")
    assert not FoldedEngine.wrong(PeSimd(1, 2), m)


def test_trits_are_for_weights_of_at_most_one():
    wide = Matrix(parse("fixed"), np.full((4, 6), 2), np.zeros(4, int))
    trits = FoldedEngine(storage="trits")
    assert trits.fault(wide, X.wire) == "trits are for ternary weights, not fixed"
    assert not trits.fault(M, X.wire)
    assert not FoldedEngine().fault(wide, X.wire)


def test_only_codes_as_they_are_lie_where_a_fold_says():
    said = "trits weights are where the chip's rule puts them"
    assert FoldedEngine(storage="trits", memory="luts").fault(M, X.wire) == said
    assert not FoldedEngine(memory="luts").fault(M, X.wire)


@pytest.mark.parametrize(("scheme", "multiply", "x", "gates", "fault"), [
    ("ternary", "", X, "ShiftAdd", ""), ("ternary", "chains", X, "ShiftAdd", ""),
    ("ternary", "digits", X, "", "ternary weights and these inputs cannot be multiplied as digits"),
    ("fixed:bits=4", "", X, "BitPlanes", ""), ("fixed:bits=4", "digits", X, "Digits", ""),
    ("fixed:bits=4", "dsp", X, "Multiply", ""), ("fixed:bits=8", "planes", X, "BitPlanes", ""),
    ("fixed:bits=4", "pairs", X, "Pairs", ""), ("binary", "parities", X, "Parities", ""),
    ("fixed:bits=8", "pairs", X, "", "cannot be multiplied as pairs (but as chains or planes or"),
    ("fixed:bits=4", "digits", Tensor((6,), Int(0, 7), coded=Power(3)), "", "these inputs cannot")])
def test_gates_by_the_way_to_multiply(scheme, multiply, x, gates, fault):
    m = Matrix(parse(scheme), np.array([ROW] * 4), np.zeros(4, int))
    engine = FoldedEngine(2, 3, multiply=multiply)
    assert fault in engine.fault(m, x.wire) and bool(fault) == bool(engine.fault(m, x.wire))
    if gates:
        assert engine.kind(m, x.wire) == type(engine.unit(m, x).element).__name__ == gates
        assert engine.unit(m, x).element.chained == (multiply not in ("", "dsp", "parities"))
        assert engine.takes(m, x)
    else:
        assert not engine.takes(m, x) or x.coded is None

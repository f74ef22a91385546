"""Products of integers by hand: sums, their intervals, cycles, and what has no gates. The gates are
in hw/units/test_matvec."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.engines import FoldedEngine
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Groups, PeSimd, Spatial, Tensor
from qhw.ops import MatVec
from qhw.schemes import schemes

OP = MatVec(schemes["ternary"](), np.array([[1, 3, 0], [1, 1, 1]]), np.array([4, -2]))
"""Rows 1, -1, 0 and 1, 1, 1."""
X = Tensor((3,), Int(0, 3))


def test_by_hand():
    """2 - 5 + 4 and 2 + 5 + 9 - 2; from -3 + 4 to 3 + 4, and from -2 to 9 - 2."""
    assert OP.evaluate(np.array([[2, 5, 9]])).tolist() == [[1, 14]]
    assert OP.infer(X) == Tensor((2,), Int(-2, 7))


def test_each_vector_of_a_tensor():
    x = np.arange(12).reshape(1, 2, 2, 3)
    want = x @ np.array([[1, -1, 0], [1, 1, 1]]).T + [4, -2]
    assert np.array_equal(OP.evaluate(x), want)
    assert OP.infer(Tensor((2, 2, 3), Int(0, 3))).shape == (2, 2, 2)


def test_each_group_has_its_outputs():
    op = replace(OP, groups=2)
    assert op.evaluate(np.array([[[2, 5, 9], [1, 1, 1]]])).tolist() == [[1, 1]]
    assert op.infer(Tensor((2, 3), Int(0, 3))).shape == (2,)


@pytest.mark.parametrize(("pe", "simd", "cycles"), [(1, 1, 6), (2, 1, 3), (1, 3, 2), (2, 3, 1)])
def test_cycles_are_outputs_and_inputs_in_turns(pe, simd, cycles):
    assert OP.folded(PeSimd(pe, simd)).interval(X) == cycles
    assert OP.folded(PeSimd(pe, simd)).interval(Tensor((5, 3), Int(0, 3))) == 5 * cycles


def test_folds_between_divisors_save_an_eighth():
    """Of 10 x 8 products, beside the divisors: 30 in 3 cycles, where 40 take 2; 6 in 15, where 8
    take 10; 3 in 30, where 4 take 20. 24 in 4 cycles, at (3, 8), are more than 20 at (5, 4)."""
    op = MatVec(schemes["ternary"](), np.ones((10, 8), int), np.zeros(10, int))
    even = [PeSimd(pe, simd) for pe in (1, 2, 5, 10) for simd in (1, 2, 4, 8)]
    assert op.even_folds() == even
    assert op.folds() == [*even, PeSimd(10, 3), PeSimd(2, 3), PeSimd(1, 3)]
    *each, parallel = replace(op, groups=2).folds()
    assert {one.pe for one in each} <= {1, 2, 3, 5} and PeSimd(5, 3) in each
    assert parallel == Groups(2)


def test_sums_beyond_floats_are_exact():
    """An odd sum above 2**53, where float64 has even numbers only."""
    op = replace(OP, start=np.array([0, 0]))
    assert op.evaluate(np.array([[1 << 54, 0, 1]]))[0, 1] == (1 << 54) + 1


def test_stored_weights_are_read_by_folds():
    """A layer whose weights are compressed becomes no logic, and no groups in parallel."""
    op = replace(OP, scheme=schemes["ternary"](), codes=np.array([[0, 1, 3, 1]] * 4), groups=2,
                 start=np.zeros(4, int), table=None, engine=FoldedEngine(storage="huffman"))
    says = "its weights are stored as huffman, which only a fold (PE, SIMD) reads"
    assert op.wrong(Groups(2), X) == says == replace(op, groups=1).wrong(Spatial(), X)
    assert not op.wrong(PeSimd(1, 1), X)
    assert not replace(op, engine=FoldedEngine()).wrong(Groups(2), X)


@pytest.mark.parametrize(("op", "x", "says"), [
    (OP, Tensor((4,), Int(0, 1)), "its weights are 2 x 3"),
    (OP, Tensor((3,), Int(0, 1 << 61)), "more than 62 bits"),
    (MatVec(schemes["fixed"](), np.ones((2, 3), int), np.zeros(2, int),
            engine=FoldedEngine(storage="trits")), X,
     "trits are for ternary weights, not fixed")])
def test_what_cannot_be(op, x, says):
    with pytest.raises(ModelError, match=says):
        op.infer(x)

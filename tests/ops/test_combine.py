"""Partial sums times their factors, by hand and in gates."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.graph.fold import PeSimd
from qhw.ops import Combine

from .gates import agree, drawn

FACTORS, START = np.array([[1, 2], [3, -1]]), np.array([5, -7])
X = Tensor((2, 2), Int(-1, 2))


def test_by_hand():
    """1 * 2 + 2 * -1 + 5, and 3 * 1 - 2 - 7; from 1 * -1 + 2 * -1 + 5 to 1 * 2 + 2 * 2 + 5, and
    from 3 * -1 - 2 - 7 to 3 * 2 + 1 - 7."""
    op = Combine(FACTORS, START)
    assert op.evaluate(np.array([[[2, -1], [1, 2]]])).tolist() == [[5, -6]]
    assert op.infer(X) == Tensor((2,), Int(-12, 11))


def test_sums_beyond_64_bits_are_seen():
    """A network with them is refused, because its format says so."""
    op, x = Combine(FACTORS << 31, START), Int(-(1 << 40), 1 << 40)
    assert op.infer(Tensor((2, 2), x)).integer == Int(-(1 << 73) - 7, (1 << 73) - 7)


@pytest.mark.parametrize(("pe", "each", "cycles"), [(1, 1, 4), (2, 1, 2), (1, 2, 2), (2, 2, 1)])
def test_in_gates(pe, each, cycles):
    op = Combine(FACTORS, START, pe, each)
    assert op.interval(X) == cycles
    agree(op, X, drawn(X))


def test_as_few_multipliers_as_keep_up():
    assert [Combine(FACTORS, START).widened(4, cycles, X).each for cycles in (1, 2)] == [2, 1]


def test_folds():
    """Of six outputs, each a sum of five parts: in 5, 3, 2 or 1 cycles; 4 parts a cycle take as
    many cycles as 3."""
    op = Combine(np.ones((6, 5), np.int64), np.zeros(6, np.int64))
    assert op.folds(Tensor((6, 5), Int(0, 1))) == [
        PeSimd(pe, each) for pe in (1, 2, 3, 6) for each in (1, 2, 3, 5)]


def test_other_parts_are_refused():
    with pytest.raises(ModelError, match=r"its factors are \(2, 2\), and its input is \(2, 3\)"):
        Combine(FACTORS, START).infer(Tensor((2, 3), Int(0, 1)))

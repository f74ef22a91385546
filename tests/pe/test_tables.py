"""Products of pieces of inputs with codewords, by hand and in gates, with and without a table."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Tables

from .sums import agree

WORDS = np.array([[[1, -2], [0, 3], [2, 2]]])
"""Three words of two inputs each, for all pieces."""
APART = np.concatenate([WORDS, -WORDS, WORDS + 1])


def test_by_hand():
    """Codes 2 and 0 are the weights 2, 2, 1, -2, and with words of their own 2, 2, -1, 2."""
    codes = np.array([[2, 0]])
    assert Tables(WORDS).weights(codes).tolist() == [[[2, 2, 1, -2]]]
    assert Tables(APART).weights(codes).tolist() == [[[2, 2, -1, 2]]]
    assert Tables(WORDS).term(Int(0, 3)) == Int(-6, 12)


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("x", [Int(0, 5), Int(-8, 7)], ids=str)
@pytest.mark.parametrize("words", [WORDS, APART], ids=["one", "apart"])
def test_in_gates(words, x, table):
    agree(Tables(words, table), x, 6)


def test_few_outputs_have_no_table():
    assert [Tables(WORDS).suited(n).table for n in (1, 2)] == [False, True]

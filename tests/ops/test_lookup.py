"""Codes by a table, by hand and in gates."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.formats import Power
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Lookup

from .gates import agree, drawn

CODED = Tensor((2,), Int(0, 7), Fraction(1, 4), coded=Power(3))
FORMAT = Tensor((), Int(0, 9), Fraction(1, 2))
OP, X = Lookup(np.array([9, 4, 4, 0]), FORMAT, -2), Tensor((2, 3), Int(-2, 1))


def test_by_hand():
    assert OP.evaluate(np.array([[-2, -1, 0, 1]])).tolist() == [[9, 4, 4, 0]]
    assert OP.infer(X) == Tensor((2, 3), Int(0, 9), Fraction(1, 2))


@pytest.mark.parametrize("pe", [1, 3])
def test_in_gates(pe):
    agree(OP.at(pe), X, drawn(X))


def test_a_table_of_another_length_is_refused():
    with pytest.raises(ModelError, match="its table has 4 entries, and its input is"):
        OP.infer(Tensor((3,), Int(-2, 2)))


def test_a_table_loses_the_entries_of_codes_that_do_not_come():
    assert OP.within(Int(-1, 0)).table.tolist() == [4, 4]
    assert OP.within(Int(-1, 0)).lo == -1
    assert OP.within(Int(-2, 1)) is OP
    assert OP.within(Int(-3, 0)) is OP     # its ``infer`` refuses it

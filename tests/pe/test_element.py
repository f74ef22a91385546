"""What every family of processing elements inherits: intervals, layouts, and no constants."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Multiply, Tables

OP = Multiply(np.array([-3, 1, 2, 0]))


@pytest.mark.parametrize(("x", "want"), [(Int(0, 3), Int(-9, 6)), (Int(-2, 5), Int(-15, 10)),
                                         (Int(-1, -1), Int(-2, 3))])
def test_a_product_reaches_from_here_to_there(x, want):
    """-3 to 2 times the ends of x."""
    assert OP.term(x) == want


def test_layouts():
    assert (OP.row(5).size, OP.common_layout(Int(-8, 7), 5).size) == (10, 20)
    assert OP.codes.tolist() == [0, 1, 2, 3] and OP.shared(4) is None
    words = Tables(np.arange(8).reshape(1, 4, 2))
    assert words.row(6).size == 3 * 2


def test_most_families_have_no_constants():
    assert OP.suited(8) is OP
    assert OP.rest(np.zeros((3, 4), int), Int(0, 3)).tolist() == [[0]] * 3

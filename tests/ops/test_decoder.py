"""A table of what codes stand for: only where hardware cannot read the codes themselves."""

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.lower.decode import decoder, ranked
from qhw.ops import Decoder, Gain, Take

from .gates import agree, drawn
from .test_lookup import CODED


def test_it_has_what_each_code_stands_for():
    """1, 2, 4 and their negatives by index 1 for the largest; 0 for 0, and -0 is none."""
    op = decoder(CODED)
    assert isinstance(op, Decoder) and op.table.tolist() == [0, 4, 2, 1, 0, -4, -2, -1]
    made = op.infer(CODED)
    assert (made.codes, made.coded, made.scale) == (Int(-4, 4), None, CODED.scale)
    agree(op, CODED, drawn(CODED))


def test_ranks_are_in_the_order_of_the_values():
    forth, back = ranked(CODED)
    ranks = forth.evaluate(np.array([[5, 6, 7, 0, 3, 2, 1]]))
    assert ranks.tolist() == [[0, 1, 2, 3, 4, 5, 6]]
    assert back.evaluate(ranks).tolist() == [[5, 6, 7, 0, 3, 2, 1]]


def test_who_moves_codes_takes_them_as_they_are():
    assert Take(0, 1).takes(CODED) and not Gain(np.ones(2, int)).takes(CODED)
    assert Gain(np.ones(2, int)).takes(Tensor((2,), Int(0, 3)))

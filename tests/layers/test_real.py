"""What functions of one element share: shapes, and straight lines one behind another."""

from fractions import Fraction

from qhw.exact.cut import Cut
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Affine

F = Fraction
OP = Affine((F(2), F(-3), F(0)), (F(1), F(5), F(7)))


def test_the_shape_stays_and_the_codes_go():
    assert OP.infer(Tensor((4, 3), Int(0, 1), F(2))) == Tensor((4, 3))


def test_lines_one_behind_another():
    """5 x + 7, and then 2 x + 1 or -3 x + 5."""
    assert OP.after((F(5), F(7)), 0) == (10, 15)
    assert OP.after((F(5), F(7)), 1) == (-15, -16)


def test_cuts_are_pulled_through_the_channels_line():
    """2 x + 1 >= 7 from 3 on, -3 x + 5 >= 7 up to -2/3, and 7 always."""
    assert [OP.pull(Cut(F(7)), 0).holds(F(v)) for v in (2, 3)] == [False, True]
    assert [OP.pull(Cut(F(7)), 1).holds(v) for v in (F(-1), F(-2, 3), F(-1, 2))] == [
        True, True, False]
    assert OP.pull(Cut(F(7)), 2).holds(F(-99)) and not OP.pull(Cut(F(8)), 2).holds(F(99))

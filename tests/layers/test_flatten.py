"""Images in a row."""

from fractions import Fraction

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Flatten
from tests.layers.stored import made


def test_the_order_and_the_format_stay():
    x = np.arange(2 * 12).reshape(2, 2, 3, 2)
    assert Flatten().evaluate(x).tolist() == [list(range(12)), list(range(12, 24))]
    image = Tensor((2, 3, 2), Int(-3, 4), Fraction(1, 3), Fraction(2))
    assert Flatten().infer(image) == Tensor((12,), Int(-3, 4), Fraction(1, 3), Fraction(2))


def test_codes_pass_undecoded():
    assert Flatten.integer and Flatten.raw and made("flatten") == Flatten()

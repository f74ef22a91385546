"""Maxima, minima and sums of windows, by hand and in gates."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.ops.pooling import Pooling

from .gates import agree, drawn
from .test_lookup import CODED

TWO, PADDED = Window((2, 2), (2, 2)), Window((2, 2), (2, 2), pads=(1, 1, 1, 1))
X = Tensor((2, 4, 2), Int(-3, 3))
IMAGE = np.array([[[[1, -3], [2, 0], [3, 1], [0, 0]], [[-1, 2], [0, -2], [3, 3], [1, -1]]]])


def test_by_hand():
    assert Pooling(TWO, "max").evaluate(IMAGE).tolist() == [[[[2, 2], [3, 3]]]]
    assert Pooling(TWO, "sum").evaluate(IMAGE).tolist() == [[[[2, -3], [7, 3]]]]
    flip = np.array([True, False])
    assert Pooling(TWO, "max", flip).evaluate(IMAGE).tolist() == [[[[-1, 2], [0, 3]]]]


def test_intervals():
    assert Pooling(TWO, "max").infer(X) == Tensor((1, 2, 2), Int(-3, 3))
    assert Pooling(TWO, "sum").infer(X) == Tensor((1, 2, 2), Int(-12, 12))
    assert Pooling(PADDED, "sum", fill=5).infer(X).integer == Int(-12, 20)


def test_pads_are_filled_in_sums_and_never_win():
    """The corner windows see one element."""
    first = Pooling(PADDED, "sum", fill=5).evaluate(IMAGE)[0, 0, 0]
    assert first.tolist() == [1 + 15, -3 + 15]
    low = np.full_like(IMAGE, -3)
    assert (Pooling(PADDED, "max").evaluate(low) == -3).all()
    assert (Pooling(PADDED, "max", np.array([True, True])).evaluate(-low) == 3).all()


@pytest.mark.parametrize("pe", [1, 2])
@pytest.mark.parametrize(("window", "how", "flip"), [
    (TWO, "max", None), (PADDED, "max", [True, False]), (PADDED, "sum", None)])
def test_in_gates(window, how, flip, pe):
    agree(Pooling(window, how, None if flip is None else np.array(flip), pe=pe), X, drawn(X))


def test_codes_of_integers_are_refused():
    with pytest.raises(ModelError, match="it pools integers, and its input's codes"):
        Pooling(TWO, "max").infer(Tensor((2, 2, 2), CODED.codes, coded=CODED.coded))

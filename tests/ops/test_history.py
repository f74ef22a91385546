"""Rows of earlier inferences and new ones: by hand, as a program keeps them, and in gates."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import History

from .gates import agree, drawn

RNG = np.random.default_rng(0)
ROWS = {"one kept": (1, 3), "one new": (4, 1), "several": (5, 2), "as many": (3, 3)}


def history(kept, *, pe=1, alike=False, **more):
    initial = np.full((kept, 4), 5) if alike else RNG.integers(-8, 8, (kept, 4))
    return History(initial, pe=pe, **more)


def rows(op, x):
    """What is kept and what comes, one inference after the other, as a program would do it."""
    kept, made = op.initial, []
    for new in x:
        if op.newest_first:
            made.append(np.concatenate([new, kept]))
            kept = made[-1][:len(kept)]
        else:
            made.append(np.concatenate([kept, new]))
            kept = made[-1][-len(kept):]
    return np.array(made)


def test_by_hand():
    x = np.array([[[1], [2]], [[3], [4]], [[5], [6]]])
    initial = np.array([[7], [8], [9]])
    assert History(initial).evaluate(x)[..., 0].tolist() == [
        [7, 8, 9, 1, 2], [9, 1, 2, 3, 4], [2, 3, 4, 5, 6]]
    assert History(initial, newest_first=True).evaluate(x)[..., 0].tolist() == [
        [1, 2, 7, 8, 9], [3, 4, 1, 2, 7], [5, 6, 3, 4, 1]]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("kept", "new"), ROWS.values(), ids=ROWS)
def test_a_batch_is_a_sequence(kept, new, newest_first):
    op = history(kept, newest_first=newest_first)
    x = RNG.integers(-8, 8, (9, new, 4))
    assert np.array_equal(op.evaluate(x), rows(op, x))
    assert op.infer(Tensor((new, 4), Int(0, 7))) == Tensor((kept + new, 4), Int(0, 7) | Int.of(
        op.initial))


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("pe", [1, 2])
@pytest.mark.parametrize(("kept", "new"), ROWS.values(), ids=ROWS)
def test_in_gates(kept, new, pe, alike, newest_first):
    x = Tensor((new, 4), Int(-8, 7))
    agree(history(kept, pe=pe, alike=alike, newest_first=newest_first), x, drawn(x, 8))


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_type_that_the_initial_rows_widen(newest_first):
    x = Tensor((2, 1), Int(0, 3))
    agree(History(np.array([[-5], [9]]), newest_first=newest_first), x, drawn(x))


def test_other_rows_are_refused():
    with pytest.raises(ModelError, match=r"rows of shape \(4,\), and its input has shape \(2, 3\)"):
        history(2).infer(Tensor((2, 3), Int(0, 1)))
    with pytest.raises(ModelError, match="scale 1 and zero point 3, and its input has other"):
        history(2, zero=Fraction(3)).infer(Tensor((2, 4), Int(0, 1)))

"""The class of the largest real score is that of the largest integer."""


import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.layers import ArgMax, Dense, Input
from qhw.lower import lower
from qhw.ops import Largest
from qhw.schemes import Codes
from qhw.schemes.binary import Binary
from qhw.simulators.golden import golden

from .chains import chain, two


def test_equal_sums_are_told_apart_by_their_biases():
    """Scores 0 + 0.25, 0 + 0.75, 0 + 0.5: the sums tie, the second class wins."""
    graph = chain(Input((1,), Int(0, 1)),
                  Dense(Binary(), Codes(np.ones((3, 1), int), np.array(1.)),
                        np.array([.25, .75, .5])),
                  ArgMax())
    lowered = lower(graph)
    largest = lowered.by_name["l2"].op
    assert isinstance(largest, Largest) and largest.rank.tolist() == [0, 2, 1]
    assert golden(lowered, np.array([[0], [1]]))["l2"].tolist() == [[1], [1]]


def test_the_last_of_several_largest():
    lowered = lower(chain(Input((2,), Int(0, 1)), two(np.array([[1, 0], [0, 1], [1, 1]]),
                                                      np.array(1.)), ArgMax(last=True)))
    x = np.array([[0, 0], [1, 0], [1, 1]])
    assert golden(lowered, x)["l2"].tolist() == [[2], [2], [2]]


@pytest.mark.parametrize(("scale", "says"), [
    (np.array([1., 2.]), "argmax needs scores with one scale"),
    (np.array(-1.), "argmax needs a positive scale, and 'l1.real' has -1")])
def test_scores_that_cannot_be_compared(scale, says):
    with pytest.raises(ModelError, match=says):
        lower(chain(Input((2,), Int(0, 1)), two(np.ones((2, 2), int), scale), ArgMax()))

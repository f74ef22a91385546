"""Folds: the default ones, those for a rate, and those that do not fit."""


import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.layers import Input, Sign
from qhw.lower import lower
from qhw.ops import MatVec

from .chains import chain, two


@pytest.mark.parametrize(("folds", "message"), [
    ({"fc": (1, 1)}, "Fold of 'fc': there is no layer of this name in hardware"),
    ({"l1": (4, 1)}, "Fold of 'l1': PE must be 1 to 3, the number of its outputs, and 4 is not"),
    ({"l1": (1, 4)}, "Fold of 'l1': SIMD must be 1 to 2, the number of its inputs, and 4 is not"),
    ({"l1": (0, 1)}, "Fold of 'l1': PE must be 1 to 3, the number of its outputs, and 0 is not")])
def test_folds_that_do_not_fit(folds, message):
    graph = chain(Input((2,), Int(0, 3)), two(np.ones((3, 2), int), np.array(1.)))
    with pytest.raises(ModelError, match=message):
        lower(graph, folds)


def test_default_folds_are_balanced():
    assert intervals(lower(balanced())) == {"l1": 64, "l3": 64}


@pytest.mark.parametrize(("cycles", "found"), [(1, (1, 1)), (100, (64, 64)), (5000, (4096, 1024))])
def test_folds_for_a_rate(cycles, found):
    """No layer slower than asked for, and none faster than it must be."""
    assert tuple(intervals(lower(balanced(), cycles=cycles)).values()) == found


def balanced():
    return chain(Input((64,), Int(0, 3)), two(np.ones((64, 64), int), np.array(1.)), Sign(),
                 two(np.ones((16, 64), int), np.array(1.)))


def intervals(graph):
    return {n.name: n.op.interval(graph.tensors[n.inputs[0]]) for n in graph.nodes
            if isinstance(n.op, MatVec)}

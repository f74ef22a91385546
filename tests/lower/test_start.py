"""Sums begin at minus the middle threshold, where a threshold alone reads them."""

from fractions import Fraction

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input, Quantize
from qhw.lower import lower
from qhw.ops import Concat, MatVec, Threshold

from .chains import chain, two


def test_accumulators_start_at_minus_the_middle_threshold():
    lowered = lower(chain(Input((2,), Int(0, 3)),
                          two(np.array([[1, 1]]), np.array(1.)),
                          Quantize(Int(0, 3), Fraction(2))))
    matvec, threshold = (lowered.by_name[n].op for n in ("l1", "l2"))
    assert isinstance(matvec, MatVec) and isinstance(threshold, Threshold)
    assert (matvec.start.tolist(), threshold.thresholds.tolist()) == ([-3], [[-1, 0, 3]])


def test_sums_that_are_read_elsewhere_too_stay():
    graph = Graph("two", (
        Node("x", Input((2,), Int(0, 3))),
        Node("fc", two(np.array([[1, 1]]), np.array(1.)), ("x",)),
        Node("a", Quantize(Int(0, 3), Fraction(2)), ("fc",)),
        Node("b", Quantize(Int(0, 3), Fraction(2)), ("fc",)),
        Node("c", Concat(), ("a", "b")))).check()
    op = lower(graph).by_name["fc"].op
    assert op.start.tolist() == [0]

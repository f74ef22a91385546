"""A real input takes in the layers up to its quantizer."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Affine, Input, Quantize
from qhw.lower.head import head

from .chains import chain, two

STEPS = Quantize(Int(-8, 7), Fraction(1, 2))
HALF = Affine((Fraction(1, 2),), (Fraction(1),))


def test_scales_and_the_quantizer_are_the_inputs():
    """x / 2 + 1 in halves: 3 is 5, and 100 is clipped."""
    graph = head(chain(Input((1,), None), HALF, STEPS, two(np.array([[1]]), np.array(1.))))
    first = graph.nodes[0]
    assert [n.name for n in graph.nodes] == ["l2", "l3"]
    assert (first.op.codes, first.op.scale, first.op.steps) == (Int(-8, 7), Fraction(1, 2),
                                                                (HALF, STEPS))
    assert first.op.evaluate(np.array([[3.], [100.], [-2.]])).ravel().tolist() == [5, 7, 0]


def test_codes_stay_as_they_are():
    graph = chain(Input((1,), Int(0, 3)), HALF, STEPS)
    assert head(graph) is graph


def test_several_readers_before_a_quantizer_are_refused():
    graph = Graph("two", (Node("x", Input((1,), None)), Node("a", STEPS, ("x",)),
                          Node("b", HALF, ("x",))))
    with pytest.raises(ModelError, match="is real-valued and read by 'a', 'b', with no quantizer "
                       "before; name its format, such as --input-format u8"):
        head(graph)

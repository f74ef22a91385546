"""The real layers between integers and what makes integers again."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.layers import Affine, Flatten, Input, Relu, Sign
from qhw.lower.chain import chain_before

from .chains import chain, two

SCALE = Affine((Fraction(1, 2),), (Fraction(0),))


def test_all_up_to_the_integers():
    graph = chain(Input((1,), Int(0, 3)), SCALE, Relu(), Sign())
    source, way = chain_before(graph, graph.by_name["l3"])
    assert (source, [n.name for n in way]) == ("l0", ["l1", "l2"])


def test_nothing_between():
    graph = chain(Input((1,), Int(0, 3)), Flatten(), Sign())
    assert chain_before(graph, graph.by_name["l2"]) == ("l1", [])


def test_a_product_of_real_numbers_is_refused():
    graph = chain(Input((1,), Int(0, 3)), SCALE, two(np.array([[1]]), np.array(1.)), Sign())
    with pytest.raises(ModelError, match="Layer 'l3': dense layer 'l2' is real-valued here; put a"):
        chain_before(graph, graph.by_name["l3"])

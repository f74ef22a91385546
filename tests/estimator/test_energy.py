"""Energy by hand, from Horowitz's figures of 45 nm: pJ of a bit read, multiplied and added."""

import numpy as np
import pytest

from qhw.estimator.energy import energy_nj
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.schemes import parse


def net(scheme, codes):
    return lower(Graph("net", (Node("in", Input((8,), codes)),
                               Node("fc", Dense(scheme, scheme.quantize(
                                   np.random.default_rng(0).normal(size=(2, 8)))), ("in",)))))


def test_ternary_weights_multiply_nothing():
    """16 weights of 2 bits are read, 16 products added."""
    graph = net(parse("ternary"), Int(0, 3))
    width = graph.tensors["fc"].integer.width
    assert energy_nj(graph) * 1000 == pytest.approx(32 * 10 / 64 + 16 * width * 0.1 / 32)


def test_fixed_point_weights_multiply():
    """A multiplication of 32 by 32 bits takes 3.1 pJ, so 5 by 3 bits take 15/1024 of that."""
    graph = net(parse("fixed:bits=5"), Int(0, 7))
    width = graph.tensors["fc"].integer.width
    assert energy_nj(graph) * 1000 == pytest.approx(
        16 * 5 * 10 / 64 + 16 * 15 / 1024 * 3.1 + 16 * width / 32 * 0.1)

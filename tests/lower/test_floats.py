"""Float weights are no hardware, whatever else is wrong with a network."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import FloatConv, Input, Linear
from qhw.lower import lower
from qhw.lower.floats import floats

OPS = {"dense": Linear(np.ones((2, 3))), "conv": FloatConv(np.ones((2, 3)), Window((1, 1)))}


@pytest.mark.parametrize("codes", [None, Int(0, 3)])
@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_the_layer_is_named(op, codes):
    graph = Graph("net", (Node("x", Input((1, 1, 3) if op is OPS["conv"] else (3,), codes)),
                          Node("first", op, ("x",))))
    for step in (floats, lower):
        with pytest.raises(ModelError, match="Layer 'first': its weights are floats; choose a "
                                             "scheme with qhw quantize"):
            step(graph)


def test_other_networks_stay():
    graph = Graph("net", (Node("x", Input((3,), None)),))
    assert floats(graph) is graph

"""Every parameter of every scheme at its ends: a network that can be computed, or one line."""

from dataclasses import fields

import numpy as np
import pytest

from qhw.errors import ModelError, QhwError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node
from qhw.layers import Conv, Dense, Input
from qhw.lower import lower
from qhw.schemes import make, schemes
from qhw.simulators.golden import evaluate, golden, host

VALUES = (0, -1, 1, 5, 17, 256, 4096, 1 << 20, 1 << 62, 1 << 64, float("nan"), float("inf"), -1.5,
          1e308, 5e-324, "", "1", True, None, [], {})
WEIGHTS = np.random.default_rng(0).normal(size=(4, 8))


@pytest.mark.parametrize("name", schemes)
def test_a_parameter_at_its_ends(name):
    refused = 0
    for parameter in fields(schemes[name]):
        for value in VALUES:
            try:
                scheme = make(name, {parameter.name: value})
                dense = Dense(scheme, scheme.quantize(WEIGHTS))
                graph = Graph("n", (Node("input", Input((8,), Int(0, 15))),
                                    Node("fc", dense, ("input",))))
                evaluate(lower(graph.check()), np.zeros((1, 8), np.int64))
            except (QhwError, ValueError):
                refused += 1
    assert refused or not fields(schemes[name])


@pytest.mark.parametrize("name", schemes)
@pytest.mark.parametrize("groups", [2, 3])
def test_every_scheme_in_groups(name, groups):
    """Each group's sums are those of its own channels and weights, or the scheme is refused."""
    scheme = schemes[name]()
    conv = Conv(scheme, scheme.quantize(np.random.default_rng(groups).normal(
        size=(2 * groups, 8))), Window((2, 2)), groups)
    graph = Graph("n", (Node("input", Input((3, 3, 2 * groups), Int(-8, 7))),
                        Node("c", conv, ("input",))))
    x = np.random.default_rng(1).integers(-8, 8, (2, 3, 3, 2 * groups))
    if scheme.factorized:
        with pytest.raises(ModelError, match="groups"):
            lower(graph.check())
        return
    lowered = lower(graph.check())
    got = host(lowered, golden(lowered, x)[lowered.hardware.output.name])
    patches = np.stack([x[:, i:i + 2, j:j + 2] for i in (0, 1) for j in (0, 1)], 1)
    for g in range(groups):
        mine = slice(2 * g, 2 * g + 2)
        want = patches[..., mine].reshape(2, 4, -1) @ conv.real[mine].T
        assert np.allclose(got.reshape(2, 4, -1)[..., mine], want)

"""The state that handlers share: names, channels, and the order of elements."""

import numpy as np
import pytest
from onnx import helper

import qhw
from qhw.errors import ModelError
from qhw.loaders import load
from tests.loaders.onnx.small import quant, saved, small


def test_an_order_that_is_not_the_inputs(tmp_path):
    """A transposed tensor behind a layer that keeps its shape is reordered there."""
    model = small([quant("qx", "x", "a"), quant("qw", "k", "wq"),
                   helper.make_node("Conv", ["a", "wq"], ["c"], pads=[1, 1, 1, 1]),
                   quant("qc", "c", "cq"), helper.make_node(
                       "Transpose", ["cq"], ["t"], perm=[0, 1, 3, 2]),
                   helper.make_node("Conv", ["t", "wq"], ["y"])],
                  shape=(1, 2, 4, 4), constants={"k": np.tile(np.array(
                      [[.5, 0, -.5], [1, .5, 0], [0, 0, 1]], np.float32), (2, 2, 1, 1))})
    x = np.random.default_rng(0).integers(-4, 4, (2, 2, 4, 4)) / 2
    found = qhw.simulate(saved(tmp_path, model), x, engine="amaranth", trace=True)
    assert found.matches == 2
    k = np.array([[.5, 0, -.5], [1, .5, 0], [0, 0, 1]])
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))).sum(1)
    c = sum(k[i, j] * padded[:, i:i + 4, j:j + 4] for i in range(3) for j in range(3))
    t = np.clip(np.rint(c * 2), -8, 7).transpose(0, 2, 1)       # in halves; both channels alike
    y = sum(k[i, j] * t[:, i:i + 2, j:j + 2] for i in range(3) for j in range(3))
    assert found.y.tolist() == np.stack([y, y], 1).tolist()


def test_a_number_for_each_of_millions_of_elements(tmp_path):
    """Refused before each becomes a fraction."""
    nodes = [quant("qx", "x", "a"), helper.make_node("Div", ["a", "many"], ["y"], name="div")]
    many = np.linspace(1, 2, 3 << 20, dtype=np.float32).reshape(1, 3, 1024, 1024)
    path = saved(tmp_path, small(nodes, shape=(1, 3, 1024, 1024), constants={"many": many}))
    with pytest.raises(ModelError, match=r"'div' \(Div\): its output would have 3145728 channels"):
        load(path)

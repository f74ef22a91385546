"""Bias correction: a case by hand, and the mean of the outputs."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.layers import Linear
from qhw.quantization import places
from qhw.quantization.bias import corrected
from qhw.quantization.prepare import Plan, prepare
from qhw.quantization.quantize import quantized, weighted
from qhw.schemes import parse
from qhw.schemes.binary import Binary
from qhw.simulators.golden import evaluate
from tests.quantization.nets import Net, residual, samples


def test_a_dense_layer_by_hand():
    """Weights 1 and 3 become 2 and 2; the means of x are 1 and 4, so 13 becomes 10: 3 are lost."""
    net = Net(2, codes=Int(0, 15)).add("a", Linear(np.array([[1.0, 3.0]]), np.array([5.0])))
    made, _ = quantized(net.graph, {"a": Binary()})
    assert made.by_name["a"].op.real.tolist() == [[2, 2]]
    x = np.array([[0, 1], [2, 7], [1, 4]])
    assert corrected(net.graph, made, x).by_name["a"].op.bias.tolist() == [8]


@pytest.mark.parametrize("scheme", ["binary", "fixed:bits=3", "ttq"])
@pytest.mark.parametrize("at_once", [1, 1 << 24])
def test_means_of_a_first_layers_outputs_are_those_before(monkeypatch, scheme, at_once):
    """Convolutions with pads too, in any batches."""
    monkeypatch.setattr(places, "AT_ONCE", at_once)
    x = samples()
    real, _ = prepare(residual(), Plan("u8"), x)
    made, _ = quantized(real, {n.name: parse(scheme) for n in weighted(real)})

    def mean(graph):
        return evaluate(graph, x)["c1"].mean((0, 1, 2))
    assert np.abs(mean(made) - mean(real)).max() > 1e-3
    assert mean(corrected(real, made, x)) == pytest.approx(mean(real), abs=1e-9)


def test_layers_that_did_not_change_keep_their_bias():
    real, _ = prepare(residual(), Plan("u8"), samples())
    made, _ = quantized(real, {"c1": Binary()})
    found = corrected(real, made, samples())
    assert found.by_name["fc"].op is real.by_name["fc"].op

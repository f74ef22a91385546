"""Random networks: QONNX's executor, the golden and gates give the same numbers."""

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, seed, settings
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes

import qhw
from qhw.flow.cycles import predict
from qhw.flow.plan import stages
from qhw.lower import lower

from .random_onnx import networks

PARTS, EACH = 8, 25


def reference(model, xs):
    """QONNX's own answers, sample by sample."""
    wrapped = ModelWrapper(model).transform(InferShapes())
    name = wrapped.graph.output[0].name
    return np.concatenate([execute_onnx(wrapped, {"x": x[None]})[name] for x in xs])


def check(model, shape, folder):
    """All three agree on samples with many ties, in the cycles predicted."""
    path = folder / "net.onnx"
    onnx.save(model, path)
    rng = np.random.default_rng(0)
    x = (rng.integers(-40, 41, (3, *shape)) / 8).astype(np.float32)
    network = qhw.load(path)
    run = qhw.simulate(network, x, engine="verilator", trace=True)
    assert run.matches == len(x), "gates differ from the golden"
    assert np.array_equal(run.y, reference(model, x).astype(np.float64)), "QONNX differs"
    lowered = lower(network)
    if not any(unit.ways > 1 for unit in stages(lowered)):
        cycles = predict(lowered)
        assert run.cycles == cycles.latency + (len(x) - 1) * cycles.interval


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_all_three_agree(part, tmp_path):
    @seed(part)
    @settings(max_examples=EACH, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))
    @given(networks())
    def agree(made):
        check(*made, tmp_path)

    agree()

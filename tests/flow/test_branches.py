"""Branches: queues are as deep as they must be, and no deeper."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import qhw
from qhw.errors import ToolError
from qhw.flow import plan
from qhw.flow.cycles import predict
from qhw.lower import lower

DOMAIN = "qonnx.custom_op.general"


def residual(path, kernel, *, channels=4, size=(6, 8), skip="x"):
    """x -> Quant -> (conv -> Quant) + x -> Quant."""
    rng = np.random.default_rng(0)
    pad = kernel // 2
    known = {"s": np.float32(1), "z": np.float32(0), "b": np.float32(4),
             "w": rng.integers(-2, 3, (channels, channels, kernel, kernel)).astype(np.float32)}
    nodes = [helper.make_node("Quant", [x, "s", "z", "b"], [y], domain=DOMAIN, signed=1, narrow=0)
             for x, y in (("x", "a"), ("w", "wq"), ("c", "cq"), ("sum", "y"))]
    nodes[2:2] = [helper.make_node("Conv", ["a", "wq"], ["c"], pads=[pad] * 4)]
    nodes[4:4] = [helper.make_node("Add", ["cq", "a"], ["sum"])]
    graph = helper.make_graph(
        nodes, "residual", [helper.make_tensor_value_info("x", TensorProto.FLOAT,
                                                          [1, channels, *size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializer=[numpy_helper.from_array(np.asarray(v), k) for k, v in known.items()])
    onnx.save(helper.make_model(graph, opset_imports=[
        helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, 1)], ir_version=9), path)
    return qhw.load(path)


def cycles(network, folds, x):
    run = qhw.simulate(network, x, engine="verilator", trace=True, folds=folds)
    assert run.matches == len(x)
    return run.cycles


@pytest.fixture
def deepest(monkeypatch):
    """Makes the deeper queue shallower than computed; returns what it was."""
    real = plan.waiting
    seen = []

    def computed(*known):
        seen.append(real(*known))
        return seen[-1]

    def change(depth_of):
        monkeypatch.setattr(plan, "waiting", lambda *known: depth_of(d) if (
            d := real(*known)) == max(seen) else d)
        plan.stages.cache_clear()

    monkeypatch.setattr(plan, "waiting", computed)
    plan.stages.cache_clear()
    yield change
    plan.stages.cache_clear()


def free(network, folds, count):
    expected = predict(lower(network, folds))
    return expected.latency + (count - 1) * expected.interval


def samples():
    return np.random.default_rng(1).integers(-8, 8, (4, 4, 6, 8)).astype(np.float32)


@pytest.mark.parametrize("fold", [(4, 4), (2, 4)])
def test_one_entry_less_stalls(tmp_path, deepest, fold):
    """Beside a layer of one pixel a beat, and of one in two."""
    network, x, folds = residual(tmp_path / "net.onnx", 1), samples(), {"c": fold}
    want = free(network, folds, len(x))
    assert cycles(network, folds, x) == want
    deepest(lambda depth: depth - 1)
    assert cycles(network, folds, x) > want


@pytest.mark.parametrize("fold", [(4, 36), (4, 12)])
def test_rows_beside_a_sliding_window(tmp_path, deepest, fold):
    """The branch holds a row and what comes while the next one is awaited; the units' own registers
    make up for one entry, and no more. Without room for the rows the branches lock each other."""
    network, x, folds = residual(tmp_path / "net.onnx", 3), samples(), {"c": fold}
    want = free(network, folds, len(x))
    assert cycles(network, folds, x) == want
    deepest(lambda depth: depth - 2)
    assert cycles(network, folds, x) > want
    deepest(lambda depth: 8)
    with pytest.raises(ToolError, match="nothing moved for"):
        cycles(network, folds, x)

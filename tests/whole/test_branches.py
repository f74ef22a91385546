"""Branches: queues are as deep as they must be, and no deeper."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import qhw
from qhw.design import cycles, plan
from qhw.design.cycles import predict, total
from qhw.design.queues import model
from qhw.design.top import layout
from qhw.errors import ToolError
from qhw.layers import Input
from qhw.lower import lower
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden

from ..branching import branched, lowered
from ..seeds import rotating

DOMAIN = "qonnx.custom_op.general"
FAULTS = Path(__file__).parents[3] / "shared" / "faults2" / "deadlock"


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


@pytest.fixture
def deepest(monkeypatch):
    """Makes the deepest queue as deep as a function of its depth says."""
    real = plan.sized

    def change(depth_of):
        def changed(units):
            units = real(units)
            most = max(u.depth for u in units)
            return tuple(replace(u, depth=depth_of(most)) if u.depth == most else u for u in units)

        monkeypatch.setattr(plan, "sized", changed)
        plan.stages.cache_clear()

    yield change
    plan.stages.cache_clear()


def gates(graph, count, **more):
    """Cycles of the compiled Verilog, whose integers are the golden's at every layer."""
    first, *others = graph.nodes
    made = graph.tensors[first.name]
    plain = replace(first, op=Input(made.shape, made.codes, made.scale, made.zero))
    graph = replace(graph, nodes=(plain, *others))      # codes in the order of the hardware
    x = np.random.default_rng(0).integers(made.integer.lo, made.integer.hi + 1,
                                          (count, *made.shape))
    exact, run = golden(graph, x), verilator_sim.simulate(graph, x, trace=True, **more)
    assert run.trace
    for name, codes in run.trace.items():
        assert np.array_equal(codes, exact[name]), name
    return run.cycles


@pytest.mark.parametrize("fold", [(4, 4), (2, 4)])
def test_one_entry_less_stalls(tmp_path, deepest, fold):
    """Beside a layer of one pixel a beat, and of one in two."""
    graph = lower(residual(tmp_path / "net.onnx", 1), {"c": fold})
    want = 4 * predict(graph).interval
    assert total(graph, 5) - total(graph, 1) == want
    deepest(lambda depth: depth - 1)
    assert model(plan.stages(graph)).play(5).cycles[-1] > total(graph, 5)


@pytest.mark.parametrize("seed", [61, 167, 181])
def test_no_queue_that_was_searched_for_can_do_with_an_entry_less(seed):
    """Each beside the others: with one less inferences leave later, though they come no faster than
    the slowest unit can do them."""
    units = plan.stages(lowered(branched(seed, 1), seed)[0])
    period = max(u.interval for u in units)

    def ends(units):
        return model(units).play(20, period=period).ends.tolist()

    deep = [u for u in units if u.depth > 1]
    for less in deep:
        changed = tuple(replace(u, depth=u.depth - (u is less)) for u in units)
        assert ends(changed) > ends(units), less.name
    assert deep


@pytest.mark.parametrize("fold", [(4, 36), (4, 12)])
def test_rows_beside_a_sliding_window(tmp_path, deepest, fold):
    """The branch holds a row and what comes while the next one is awaited; the units' own registers
    make up for one entry, and no more. Without room for the rows the branches lock each other."""
    graph = lower(residual(tmp_path / "net.onnx", 3), {"c": fold})
    want = total(graph, 4)
    deepest(lambda depth: depth - 2)
    assert model(plan.stages(graph)).play(4).cycles[-1] > want
    deepest(lambda depth: 8)
    assert not len(model(plan.stages(graph)).play(4).ends)


def test_gates_stop_and_stall_where_the_model_does(tmp_path, deepest, monkeypatch):
    graph = lower(residual(tmp_path / "net.onnx", 3), {"c": (4, 12)})
    assert gates(graph, 4) == total(graph, 4)
    deepest(lambda depth: depth - 2)
    assert gates(graph, 4) == model(plan.stages(graph)).play(4).cycles[-1]
    deepest(lambda depth: 8)
    monkeypatch.setattr(cycles, "_played", lambda graph, count: 466 + 432 * np.arange(count))
    with pytest.raises(ToolError, match="nothing moved for"):
        gates(graph, 4)


@pytest.mark.slow(but=2)
@pytest.mark.parametrize("name", ["dead", "r_12_6_12_1_1", "r_16_3_16_1_0", "r_8_8_8_1_1"])
def test_projection_shortcuts_run(name):
    """At full rate: a 3 x 3 beside a 1 x 1 convolution, added, at default folds."""
    folder = FAULTS / name
    if not folder.is_dir():
        pytest.skip("the networks that stopped are not beside the project")
    graph = lower(qhw.load(folder))
    units = plan.stages(graph)
    assert predict(graph).interval == max(unit.interval for unit in units)
    assert len(model(units, worst=True).play(2).ends) == 2
    if name in ("dead", "r_8_8_8_1_1"):
        assert gates(graph, 3) == total(graph, 3)


@pytest.mark.parametrize("seed", rotating(4))
def test_random_branches_in_gates(seed):
    graph, _ = lowered(branched(seed, 1), seed)
    assert gates(graph, 3) == total(graph, 3)


@pytest.mark.parametrize("seed", rotating(20))
def test_random_branches_never_stop(seed):
    """With any pauses, and at full rate without."""
    graph, _ = lowered(branched(seed, 1), seed)
    units = plan.stages(graph)
    assert predict(graph).interval == max(unit.interval for unit in units)
    assert len(model(units, worst=True).play(2).ends) == 2
    rng, beats = np.random.default_rng(seed), layout(graph)[0].beats
    for often in (0.1, 0.5, 0.9):
        gaps = np.where(rng.random(2 * beats) < often, rng.integers(0, 60, 2 * beats), 0)
        played = model(units).play(2, gaps=gaps, ready=rng.random(20_000) > often)
        assert len(played.ends) == 2

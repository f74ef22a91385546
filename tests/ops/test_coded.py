"""Activations whose codes stand for other integers, before everything that reads them."""

from itertools import chain

import numpy as np
import pytest

from qhw import layers, ops
from qhw.engines import FoldedEngine
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input, Quantize
from qhw.lower import lower
from qhw.ops import Decoder, HardwareOp, Requantize, Threshold
from qhw.simulators.golden import evaluate, golden
from sim.proof import small
from sim.proof.pairs import KINDS, exact, meant, several
from tests.seeds import rotating

REFUSED = {"dynamic": "its inputs are whole numbers", "combine": "its input is a product's sums",
           "history": "its rows are of uniform codes"}
"""Layers with hardware that never read an activation's codes."""
MOVES = {"windows", "concat", "take", "reorder", "lookup"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_meant(kind):
    """Every network that lowers has its real meaning; only run-time scales are refused at all."""
    x, lowers = small.samples(40), 0
    for case in KINDS[kind]():
        why = small.legal(case)
        assert not why or "residual planes need" in why or "does not go with" in why, case.name
        assert why or not case.real or meant(case, x), case.name
        lowers += not why
    assert lowers > 50


def test_sums_are_what_levels_add_up_to():
    """In rationals: each level its scale times what the code stands for."""
    for case in small.add_pairs():
        assert exact(case, small.samples(20)), case.name


def _takes(op, x):
    """Integers themselves, codes that only move, and codes that a product has gates for."""
    if x.coded is None or op.kind in MOVES:
        return True
    return op.kind == "matvec" and isinstance(op.engine, FoldedEngine) and type(
        op.scheme.gates(x.wire, op.table)).__name__ in ("Logs", "Floats")


def test_hardware_reads_what_it_takes():
    """Every kind of layer with hardware meets coded activations, and each either takes them or has
    a table in front."""
    met = set()
    for case in chain(small.readers(), small.concat_pairs(), small.add_pairs()):
        if "log" not in case.name and "minifloat" not in case.name or small.legal(case):
            continue
        graph = lower(case.graph, case.folds)
        for node in graph.nodes:
            if not isinstance(node.op, HardwareOp):
                continue
            for name in node.inputs:
                assert _takes(node.op, graph.tensors[name]), (case.name, node.name)
                if graph.tensors[name].coded or isinstance(graph.by_name[name].op, Decoder) or (
                        name.endswith("act") and "act_level" in graph.by_name):
                    met.add(node.op.kind)
    hardware = {op.kind for name in ops.__all__ if isinstance(op := getattr(ops, name), type)
                and issubclass(op, HardwareOp) and hasattr(op, "kind")}
    assert hardware - met - set(REFUSED) == set()


@pytest.mark.parametrize("seed", rotating(1))
def test_a_share_in_compiled_rtl(seed):
    """Of all pairs and readers, side by side, at every layer with and without stalls; the bench
    ``sim.proof.pairs`` compiles all of them."""
    rng, every = np.random.default_rng(seed), list(chain(*(made() for made in KINDS.values())))
    coded = [case for case in every if "log" in case.name or "minifloat" in case.name]
    some = [case for case in (*rng.choice(coded, 8), *rng.choice(every, 4))
            if not small.legal(case)]
    assert several(some, 100, 30) == []


@pytest.mark.parametrize("act", ["log", "signed log", "minifloat", "residual", "levels"])
def test_a_real_input_that_is_coded(act):
    """The host makes the codes; what they stand for goes on, also where the network is over."""
    last = small.ACTIVATIONS[act]
    nodes = [Node("input", Input((3, 3, 2), None)), Node("act", last, ("input",)),
             Node("line", small.Affine((small.F(2), small.F(-3)), (small.F(1), small.F(0))),
                  ("act",)), Node("end", last, ("line",))]
    graph, x = Graph("real", tuple(nodes)).check(), np.random.default_rng(0).normal(
        size=(50, 3, 3, 2)) * 2
    lowered = lower(graph)
    found = lowered.tensors["end"].integers(golden(lowered, x)["end"])
    assert np.array_equal(found, last.format.integers(evaluate(graph, x)["end"]))


@pytest.mark.parametrize("zero", [0, 3, -40])
def test_a_quantizer_with_one_code(zero):
    """Nothing is compared; the only code is its answer."""
    act = Quantize(Int(3, 3), small.F(1, 2), zero)
    graph = Graph("one", (Node("input", small.INPUT), Node("act", act, ("input",)))).check()
    lowered = lower(graph)
    assert isinstance(lowered.by_name["act"].op, Requantize)
    assert (golden(lowered, small.samples(5))["act"] == 3).all()


def test_thresholds_that_are_infinite():
    """Never reached above, always below: those of a rising channel, and of a falling one."""
    row = small.Row().add("line", small.Affine((small.F(1), small.F(-1)), (small.F(0),) * 2))
    row.add("act", layers.MultiThreshold(np.array([[-np.inf, -.5, .5, np.inf]])))
    graph = Graph("inf", (Node("input", small.INPUT), *row.nodes)).check()
    lowered, x = lower(graph), small.samples(50)
    assert isinstance(lowered.by_name["act"].op, Threshold)
    assert np.array_equal(golden(lowered, x)["act"], evaluate(graph, x)["act"])
    assert set(np.unique(golden(lowered, x)["act"])) == {1, 2, 3}

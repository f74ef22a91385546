"""Layers whose weights are stored compressed: the same integers, and fewer bits."""

from dataclasses import replace

import numpy as np
import pytest

import qhw
from qhw.design.cycles import predict, total
from qhw.engines import FoldedEngine
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.schemes import parse


def network(scheme, storage, fold=(2, 4)):
    scheme = parse(scheme)
    rng = np.random.default_rng(0)
    w = rng.normal(size=(8, 48)) * (rng.random((8, 48)) < .15)
    return Graph("stored", (Node("input", Input((48,), Int(-8, 7))), Node("fc", Dense(
        scheme, scheme.quantize(w), None, PeSimd(*fold), storage), ("input",)))).check()


CASES = [("ternary", "trits"), ("ternary", "huffman"), ("inq", "huffman"), ("binary", "huffman"),
         ("codebook:entries=8,zero=true", "huffman"), ("shiftcnn", "huffman")]


@pytest.mark.slow(but=4)
@pytest.mark.parametrize("fold", [(2, 4), (1, 1), (8, 6)])
@pytest.mark.parametrize(("scheme", "storage"), CASES)
def test_the_same_integers(scheme, storage, fold):
    graph = network(scheme, storage, fold)
    packed = graph.replaced(replace(n, op=replace(n.op, storage="packed")) if n.name == "fc" else n
                            for n in graph.nodes)
    x = np.random.default_rng(1).integers(-8, 8, (60, 48))
    want = qhw.simulate(packed, x)
    for stalls in (None, 5):
        found = qhw.simulate(graph, x, engine="verilator", stalls=stalls, trace=True)
        assert found.matches == 60 and np.array_equal(found.codes, want.codes)
    slow = storage == "huffman"
    assert predict(lower(graph)).interval >= (8 * 48 if slow else 8 * 48 // np.prod(fold))
    found = qhw.simulate(graph, x, engine="verilator")
    assert found.cycles == total(lower(graph), 60)


@pytest.mark.parametrize(("scheme", "storage", "most"), [
    ("ternary", "trits", 1.67), ("ternary", "huffman", 1.2), ("inq", "huffman", 2.0)])
def test_bits(scheme, storage, most):
    """Five trits take eight bits; 85 % zeros take much less than their codes."""
    op = lower(network(scheme, storage, (1, 48))).by_name["fc"].op
    assert op.stored_bits / (8 * 48) < most
    assert op.stored_bits < replace(op, engine=FoldedEngine()).stored_bits


def test_trits_are_for_ternary_weights():
    with pytest.raises(ModelError, match="trits are for ternary weights, not inq"):
        lower(network("inq", "trits"))

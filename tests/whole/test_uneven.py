"""Networks at folds that divide neither outputs nor inputs: gates are the golden at every layer, in
the cycles predicted, and with stalls."""


import numpy as np
import pytest

from qhw.design.cycles import predict, total
from qhw.exact.num import Int
from qhw.graph import Graph
from qhw.layers import ArgMax, Input, Quantize
from qhw.lower import lower
from qhw.ops import MatVec
from qhw.schemes import schemes
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from tests.branching import branched
from tests.networks import Builder, random_input
from tests.seeds import rotating

PRIMES = (7, 13, 17, 31)
MOST_LANES = 64
PLAIN = [scheme() for scheme in schemes.values() if not scheme().factorized]


def dense(seed):
    """Two layers of primes, of any scheme: product quantization has inputs by fours."""
    b = Builder(seed)
    sizes = [b.pick(PRIMES) for _ in range(3)]
    kinds = [b.pick(PLAIN) for _ in range(2)]
    sizes[:2] = [size * kind.group for size, kind in zip(sizes, kinds, strict=False)]
    b.add("input", Input((sizes[0],), b.pick((Int(0, 1), Int(0, 15), Int(-8, 7), Int(3, 9)))))
    for k, scheme in enumerate(kinds):
        b.dense(f"fc{k}", scheme, sizes[k], sizes[k + 1], one_scale=bool(k))
        if not k:
            b.add("act", Quantize(b.pick((Int(0, 1), Int(0, 3), Int(-4, 3))), 2))
    if b.rng.integers(2):
        b.add("class", ArgMax())
    return Graph(f"uneven{seed}", tuple(b.nodes)).check()


def unevenly(graph, seed):
    """The lowered graph at folds of any numbers, most of which do not divide."""
    rng = np.random.default_rng(seed)
    folds = {}
    for node in lower(graph).nodes:
        op = node.op
        if isinstance(op, MatVec):
            group, outputs = op.scheme.group, op.outputs // op.groups
            simd = group * int(rng.integers(1, min(op.inputs // group, MOST_LANES // group) + 1))
            folds[node.name] = int(rng.integers(1, min(outputs, MOST_LANES // simd) + 1)), simd
    return lower(graph, folds)


def judged(graph, x):
    """That the gates are right, with a trace of every layer, and with stalls at both ends."""
    exact = golden(graph, x)
    first, last = graph.hardware.nodes[0].name, graph.hardware.output.name
    run = verilator_sim.simulate(graph, exact[first], trace=True)
    assert np.array_equal(run.codes, exact[last])
    for name, codes in run.trace.items():
        assert np.array_equal(codes, exact[name]), name
    assert run.cycles == total(graph, len(x))
    run = verilator_sim.simulate(graph, exact[first], stalls=1, trace=True)
    assert np.array_equal(run.codes, exact[last])


def test_a_product_waits_for_its_wide_beat_to_leave_in_narrow_ones():
    """17 outputs of 7 inputs at PE 12: a beat of 12 after 7 cycles and one of 5 after 7 more. One
    lane takes 12 cycles for the first, so the product stands still for 5, and 5 for the second,
    2 before the next beat of 12: 12 + 7 cycles, though the longest unit alone takes 17."""
    b = Builder(0)
    b.add("input", Input((7,), Int(-8, 7)))
    b.dense("fc", schemes["ternary"](), 7, 17)
    b.add("act", Quantize(Int(-4, 3), 2))
    graph = lower(Graph("waits", tuple(b.nodes)).check(), {"fc": (12, 1), "act": (1,)})
    assert predict(graph).interval == 19
    judged(graph, random_input(graph, 6, 0))


@pytest.mark.slow(but=4)
@pytest.mark.parametrize("seed", rotating(16))
def test_dense_layers_of_primes(seed):
    graph = unevenly(dense(seed), seed)
    judged(graph, random_input(graph, 6, seed))


@pytest.mark.slow(but=4)
@pytest.mark.parametrize("seed", rotating(16))
def test_branches(seed):
    """Convolutions, some of them by groups, whose streams part and meet."""
    graph = unevenly(branched(seed, 2), seed)
    judged(graph, random_input(graph, 4, seed))


def test_most_folds_of_these_do_not_divide():
    uneven = 0
    for seed in rotating(12):
        graph = unevenly(dense(seed), seed)
        uneven += any(node.op.outputs % node.op.pe or node.op.inputs % node.op.simd
                      for node in graph.nodes if isinstance(node.op, MatVec))
    assert uneven > 6

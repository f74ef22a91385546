"""Every fold of small networks, and what the search finds among them."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np

from qhw.design.cycles import predict
from qhw.errors import ModelError
from qhw.estimator import estimate
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.fold.goal import MARGIN, Goal, reach
from qhw.fold.trellis import KINDS
from qhw.graph import Graph, PeSimd, Spatial, Whole
from qhw.layers import ArgMax, Conv, Flatten, Input, Quantize
from qhw.lower import lower
from qhw.lower.fold import fold
from qhw.ops import HardwareOp, MatVec, Windows
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary
from qhw.targets import target
from tests.networks import Builder

NETWORKS = {
    "dense": (0, (4, 2, 2), (Fixed(4), Ternary())),
    "wide": (1, (24, 2), (Fixed(3),)),
    "deep": (2, (1, 4, 1, 2), (Ternary(), Fixed(8), Fixed(2))),
    "odd": (4, (2, 6, 1), (Ternary(), Fixed(4))),
    "image": (3, (8, 1), (Ternary(),)),
}
TARGETS = ["ice40hx8k", "ice40up5k", "ecp5-25k"]


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def fewest(n):
    """For each number of turns that ``n`` elements can take, the fewest a turn."""
    return sorted({-(-n // turns) for turns in range(1, n + 1)})


def network(name):
    """A small one that asks for no folds."""
    seed, sizes, schemes = NETWORKS[name]
    b = Builder(seed)
    if name == "image":
        b.add("input", Input((3, 3, 2), Int(0, 15)))
        found = Ternary().quantize(b.rng.normal(size=(2, 8)), per_channel=True)
        b.add("conv", Conv(Ternary(), found, window=Window((2, 2))))
        b.add("act", Quantize(Int(0, 7), 4))
        b.add("flat", Flatten())
    else:
        b.add("input", Input((sizes[0],), Int(0, 15)))
    for k, scheme in enumerate(schemes):
        b.dense(f"fc{k}", scheme, sizes[k], sizes[k + 1], one_scale=k == len(schemes) - 1)
        b.nodes[-1] = replace(b.nodes[-1], op=replace(b.nodes[-1].op, fold=None))
        if k < len(schemes) - 1:
            b.add(f"act{k}", Quantize(Int(0, 7), 4))
    if sizes[-1] > 1:
        b.add("class", ArgMax())
    return lower(Graph(name, tuple(b.nodes)).check())


def every_fold(graph, spatial=False):
    """By layer, all there are; with ``spatial`` weights as logic too."""
    for node in graph.hardware.nodes:
        if not isinstance(node.op, HardwareOp):
            continue
        x = graph.tensors[node.inputs[0]]
        if node.op.product:
            pairs = product(fewest(node.op.product.outputs), fewest(node.op.product.inputs))
            yield node.name, [*pairs, *[Spatial()] * spatial]
        else:
            whole = Whole(x.channels) if isinstance(node.op, Windows) else None
            yield node.name, [*((lanes,) for lanes in divisors(x.channels)), *[whole] * bool(whole)]


def costs_of(graph, chip, folds):
    """(LUTs, block RAMs, DSP blocks) of each unit of a network folded so, by name."""
    folded = fold(graph, folds, family=chip.family.name)
    return {name: np.array([getattr(cost, kind) for kind in KINDS])
            for name, cost in estimate(folded, chip).items()}


def multiplied(graph, name, one, chip):
    """What a product costs in each way to multiply, more than in its scheme's own."""
    op, x = graph.by_name[name].op, graph.tensors[graph.by_name[name].inputs[0]]
    if not isinstance(op, MatVec) or not isinstance(one, tuple) or one == (op.outputs, op.inputs):
        return [np.zeros(len(KINDS), int)]
    found = [costs_of(graph, chip, {name: PeSimd(*one, multiply=way)})[name]
             for way in ["", *op.engine.ways(op, x.wire)]]
    return [cost - found[0] for cost in found]


@cache
def every(name, chip, spatial=False):
    """(cycles, LUTs, block RAMs, DSP blocks) of every way to fold a network, one by one, and in
    every way to multiply."""
    graph = network(name)
    names, folds = zip(*every_fold(graph, spatial), strict=True)
    more = {(at, one): multiplied(graph, at, one, target(chip))
            for at, ones in zip(names, folds, strict=True) for one in ones}
    rows = []
    for chosen in product(*folds):
        folded = fold(graph, dict(zip(names, chosen, strict=True)),
                      family=target(chip).family.name)
        costs = estimate(folded, target(chip)).values()
        own = [sum(getattr(c, kind) for c in costs) for kind in KINDS]
        rows += [(predict(folded).interval, *(own + sum(ways))) for ways in product(
            *(more[key] for key in zip(names, chosen, strict=True)))]
    return np.array(rows)


def reached(name, chip, **asked):
    """Cycles and cost of what the search finds; None if it finds nothing."""
    try:
        graph, known = reach(network(name), Goal(spatial=False, **asked), target(chip))
    except ModelError:
        return None
    assert known["exact"] and known["cycles"] == predict(graph).interval
    costs = estimate(graph, target(chip)).values()
    return known["cycles"], *(sum(getattr(c, kind) for c in costs) for kind in KINDS)


def limits(name, chip, seed):
    """Limits near what folds take; of a kind that all folds need alike, none."""
    rng, rows = np.random.default_rng(seed), every(name, chip)
    kinds = [k for k in range(1, 4) if len(np.unique(rows[:, k])) > 1 or rows[0, k]]
    chosen = [k for k in kinds if rng.integers(3)] or kinds
    return {KINDS[k - 1]: int(np.quantile(rows[:, k], rng.uniform(0, .7))) for k in chosen}


def within(rows, asked):
    """The ways to fold that the limits leave."""
    for k, kind in enumerate(KINDS, 1):
        if kind in asked:
            most = int(asked[kind] / (1 + MARGIN)) if kind == "luts" else asked[kind]
            rows = rows[rows[:, k] <= most]
    return rows

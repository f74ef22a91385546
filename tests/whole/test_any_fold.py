"""Networks whose layers have folds of all kinds beside each other: PE and SIMD that divide or not,
registers for a clock, every way to multiply, groups in parallel, weights as logic, whole windows.
Gates are the golden at every layer, in the cycles predicted, and with stalls."""

from contextlib import suppress
from functools import partial

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.graph import Groups, PeSimd, Spatial
from qhw.link.link import identity
from qhw.lower import lower
from qhw.ops import HardwareOp, MatVec
from tests.branching import branched
from tests.networks import random_input
from tests.seeds import rotating

from .test_uneven import MOST_LANES, dense, judged

WAYS = ("", "", "chains", "planes", "digits", "dsp")


def product(op, xs, rng):
    """A fold of any kind that a product can have, and that is not too large."""
    outputs, group = op.outputs // op.groups, op.scheme.group
    simd = group * int(rng.integers(1, min(op.inputs // group, MOST_LANES // group) + 1))
    pe = int(rng.integers(1, min(outputs, max(1, MOST_LANES // simd)) + 1))
    kinds = [[PeSimd(pe, simd, int(rng.integers(4)), way) for way in WAYS]] * 3
    if op.groups > 1:
        kinds += [[Groups(n, int(rng.integers(3))) for n in range(1, op.groups + 1)]] * 3
    elif op.outputs * op.inputs <= 1024:
        kinds += [[Spatial(int(rng.integers(1, 5)))]]
    return [one for one in kinds[int(rng.integers(len(kinds)))] if fits(op, one, xs)]


def fits(op, one, xs):
    if op.wrong(one, *xs):
        return False
    with suppress(ModelError):
        return bool(op.folded(one).infer(*xs))
    return False


def mixed(graph, seed):
    """The lowered graph, and folds of any kind."""
    rng = np.random.default_rng(seed)
    default, folds = lower(graph), {}
    for node in default.nodes:
        op, xs = node.op, [default.tensors[i] for i in node.inputs]
        if isinstance(op, MatVec):
            choices = product(op, xs, rng)
        elif isinstance(op, HardwareOp) and rng.integers(3):
            lanes = [one for one in op.folds(*xs) if fits(op, one, xs)]
            one = lanes[int(rng.integers(len(lanes)))]
            choices = [one, *op.folded(one).staged()]
        else:
            continue
        if choices:
            folds[node.name] = choices[int(rng.integers(len(choices)))]
    return lower(graph, folds), folds


@pytest.mark.parametrize("make", [dense, partial(branched, most=2)])
def test_a_board_knows_the_network_however_it_is_folded(make):
    """The identification on the line is that of the function alone."""
    for seed in rotating(12):
        graph = make(seed)
        folded, folds = mixed(graph, seed)
        assert identity(folded) == identity(lower(graph)), (seed, folds)


@pytest.mark.slow(but=3)
@pytest.mark.parametrize("seed", rotating(16))
def test_dense_layers(seed):
    graph, _ = mixed(dense(seed), seed)
    judged(graph, random_input(graph, 6, seed))


@pytest.mark.slow(but=5)
@pytest.mark.parametrize("seed", rotating(24))
def test_branches(seed):
    graph, _ = mixed(branched(seed, 2), seed)
    judged(graph, random_input(graph, 4, seed))

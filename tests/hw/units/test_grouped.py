"""Groups in parallel against numpy, for elements of every kind, with and without stalls."""

import numpy as np
import pytest

from qhw.engines import GroupedEngine
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import MatVec
from qhw.schemes import parse
from qhw.testing.stream import run
from tests.seeds import rotating


def product(rng, scheme, outputs, inputs, groups, parallel):
    """Random weights of a scheme, and starts."""
    scheme = parse(scheme)
    found = scheme.quantize(rng.normal(size=(outputs, inputs)))
    parts = MatVec(scheme, found.codes, np.zeros(outputs, int), found.table).parts
    return MatVec(scheme, found.codes, rng.integers(-9, 9, (outputs, parts)), found.table, groups,
                  engine=GroupedEngine(parallel))


def check(op, x, rng, stalls):
    codes = rng.integers(x.value.lo, x.value.hi + 1, (3, *x.shape))
    want = op.evaluate(codes)
    got = run(op.unit(x), codes.reshape(-1, op.i_lanes).tolist(),
              outputs=want.size // op.o_lanes, stalls=stalls)
    assert np.array_equal(np.ravel(got), want.ravel())


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("parallel", [1, 2, 4])
@pytest.mark.parametrize("scheme", ["ternary", "fixed:bits=4", "binary", "po2",
                                    "balanced", "codebook", "fixed:bits=8"])
def test_groups(scheme, parallel, stalls):
    rng = np.random.default_rng(0)
    check(product(rng, scheme, 8, 6, 4, parallel), Tensor((4, 6), Int(-8, 7)), rng, stalls)


@pytest.mark.parametrize("seed", rotating(6))
def test_any_groups(seed):
    rng = np.random.default_rng(seed)
    groups, each = int(rng.integers(2, 7)), int(rng.integers(1, 4))
    parallel = int(rng.choice([n for n in range(1, groups + 1) if groups % n == 0]))
    lo = int(rng.integers(-9, 3))
    x = Tensor((2, groups, int(rng.integers(1, 10))), Int(lo, lo + int(rng.integers(1, 20))))
    op = product(rng, rng.choice(["ternary", "fixed:bits=5", "binary"]), groups * each, x.shape[-1],
                 groups, parallel)
    check(op, x, rng, seed)

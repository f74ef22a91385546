"""The matrix of a product by enumeration, which engine a fold asks for, and a third engine."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

import qhw
from qhw import engines
from qhw.engines import ENGINES, Engine, FoldedEngine, Matrix, SpatialEngine, engine
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Fold, Graph, Lanes, Node, PeSimd, Spatial, Tensor
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.lower.fold import EVERY
from qhw.ops import MatVec
from qhw.schemes import schemes
from qhw.schemes.fixed import Fixed

M = Matrix(schemes["ternary"](), np.array([[1, 3, 0], [1, 1, 1]]), np.array([4, -2]))
"""Rows 1, -1, 0 and 1, 1, 1."""


def test_a_matrix():
    assert M.weights[:, 0].tolist() == [[1, -1, 0], [1, 1, 1]]
    assert (M.outputs, M.inputs, M.parts) == (2, 3, 1)
    assert M.starts.tolist() == [[4], [-2]]
    assert M.vectors(Tensor((5, 3), Int(0, 1))) == 5


@pytest.mark.parametrize("x", [Int(0, 1), Int(-2, 1), Int(1, 3), Int(-3, -1)])
def test_sums_reach_both_ends(x):
    sums = np.array(list(product(range(x.lo, x.hi + 1), repeat=3))) @ M.weights[:, 0].T + M.start
    assert M.sums(x) == Int(int(sums.min()), int(sums.max()))


def test_each_kind_of_fold_has_its_engine():
    before = FoldedEngine(2, 3, "huffman")
    assert engine(PeSimd(1, 6), before) == FoldedEngine(1, 6, "huffman")
    assert engine(Spatial(2), before, "ice40") == SpatialEngine(2, "ice40")
    assert engine(PeSimd(1, 6), SpatialEngine(2)) == FoldedEngine(1, 6)
    assert {kind for kind in vars(engines).values() if isinstance(kind, type)
            and issubclass(kind, Engine) and kind is not Engine} == {*ENGINES.values()}


@dataclass(frozen=True)
class Thin(Fold):
    """An output a cycle."""

    words = "inputs"
    keys = (("inputs",),)

    inputs: int


@dataclass(frozen=True)
class ThinEngine(FoldedEngine):
    """A third engine."""

    @classmethod
    def of(cls, fold, before, family):
        return cls(1, fold.inputs)

    @classmethod
    def wrong(cls, fold, m):
        return "" if m.inputs % fold.inputs == 0 else f"{fold.inputs} is thin"


def network():
    weights = Fixed(4).quantize(np.random.default_rng(0).normal(size=(4, 6)))
    return Graph("net", (Node("input", Input((6,), Int(-4, 3))),
                         Node("fc", Dense(Fixed(4), weights, storage="huffman"), ("input",))))


def test_a_third_engine_is_a_class_and_a_kind_of_fold(monkeypatch):
    monkeypatch.setitem(ENGINES, Thin, ThinEngine)
    for folds in ({"fc": Thin(2)}, {EVERY: Thin(2)}):
        op = lower(network(), folds).by_name["fc"].op
        assert isinstance(op, MatVec) and op.engine == ThinEngine(1, 2)
        assert (op.pe, op.simd, op.i_lanes, op.interval(Tensor((6,), Int(-4, 3)))) == (1, 2, 2, 12)
    x = np.random.default_rng(1).integers(-4, 4, (9, 6))
    assert qhw.simulate(network(), x, engine="amaranth", folds=folds, trace=True).matches == 9
    with pytest.raises(ModelError, match="Fold of 'fc': 4 is thin"):
        lower(network(), {"fc": Thin(4)})


def test_a_kind_of_fold_without_an_engine_is_refused():
    for fold, says in ((Lanes(2), "it has PE and SIMD, not lanes"),
                       (Thin(2), "it has PE and SIMD, not inputs")):
        with pytest.raises(ModelError, match=f"Fold of 'fc': {says}"):
            lower(network(), {"fc": fold})

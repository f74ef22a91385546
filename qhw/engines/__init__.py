"""Engines: the ways in which hardware computes a matrix-vector product, one file each; the kind of
fold selects one."""

from ..graph import Fold, Groups, PeSimd, Spatial
from .engine import Engine, Matrix
from .folded import FoldedEngine
from .grouped import GroupedEngine
from .spatial import SpatialEngine

__all__ = ["ENGINES", "Engine", "FoldedEngine", "GroupedEngine", "Matrix", "SpatialEngine",
           "engine"]

ENGINES: dict[type[Fold], type[Engine]] = {PeSimd: FoldedEngine, Groups: GroupedEngine,
                                          Spatial: SpatialEngine}
"""By the kind of fold that asks for it."""


def engine(fold: Fold, before: Engine, family: str = "") -> Engine:
    """Makes the engine of the kind that ``fold`` selects.

    Parameters
    ----------
    fold : a fold of a kind in ``ENGINES``
    before : the product's present engine, whose other settings stay
    family : chip family whose cells may be used; empty for none"""
    return ENGINES[type(fold)].of(fold, before, family)

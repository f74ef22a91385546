"""How the hardware computes a matrix-vector product: one file an engine, each chosen by its kind of
fold."""

from ..graph import Fold, PeSimd, Spatial
from .engine import Engine, Matrix
from .folded import FoldedEngine
from .spatial import SpatialEngine

__all__ = ["ENGINES", "Engine", "FoldedEngine", "Matrix", "SpatialEngine", "engine"]

ENGINES: dict[type[Fold], type[Engine]] = {PeSimd: FoldedEngine, Spatial: SpatialEngine}
"""By the kind of fold that asks for it."""


def engine(fold: Fold, before: Engine, family: str = "") -> Engine:
    """Makes the engine that a fold of a product asks for.

    Parameters
    ----------
    fold : a fold of a kind in ``ENGINES``
    before : the product's engine until now, whose other settings stay
    family : chip family whose cells may be used; empty for none
    """
    return ENGINES[type(fold)].of(fold, before, family)

"""Steps that all verbs take before hardware: loading, lowering and folding a network."""

from pathlib import Path

from ..design.cycles import predict
from ..design.plan import drafted
from ..errors import ModelError
from ..fold.goal import Goal, Reached
from ..fold.kept import kept
from ..graph import AnyFolds, Graph
from ..loaders import load, locate
from ..lower import EVERY, lower
from ..targets import Target
from ..targets.boards import Place

__all__ = ["Model", "buildable", "described", "folded", "lowered"]

Model = str | Path | Graph


def folded(model: Model, where: Place, goal: Goal | None, folds: AnyFolds | None,
           cycles: int | None) -> tuple[Graph, Reached | None]:
    """Folds a network to a goal; returns the graph and the goal's part of the record.

    On a board without a goal, the fastest fold that fits is taken. ModelError if no fold fits.

    Parameters
    ----------
    model : path or name of the network, or a graph
    where : target and board
    goal : rate and limits of the folds
    folds : folds by layer
    cycles : cycles of an inference"""
    graph = lowered(model, folds, cycles, where.chip)
    if cycles and where.chip is None:
        _reached(graph, cycles)
    if EVERY in (folds or {}) or goal is None and (where.board is None or folds or cycles):
        return graph, None
    if where.chip is None:
        raise ModelError("A goal needs a chip: give a target or a board")
    return kept(graph, goal or Goal(), where.chip, where.board, folds)


def _reached(graph: Graph, cycles: int) -> None:
    """Checks that folds without a chip are as fast as is asked; they have the narrowest windows."""
    if (interval := predict(graph).interval) > cycles:
        raise ModelError(f"{graph.name}: its folds take {interval} cycles an inference, and "
                         f"{cycles} are asked for; add a target, for which wider windows are "
                         f"searched too")


def lowered(model: Model, folds: AnyFolds | None, cycles: int | None, chip: Target | None) -> Graph:
    """Lowers a model to hardware; ModelError if it is lowered already, or cannot be.

    Parameters
    ----------
    model : path or name of the network, or a graph
    folds : folds by layer
    cycles : cycles of an inference
    chip : the target, or None
    """
    family = chip.family.name if chip else ""
    graph = described(model)
    try:
        return lower(graph, folds, cycles=cycles, family=family)
    except ModelError as e:
        if graph.source is None:
            raise
        raise ModelError(f"{graph.source}: {e}") from None


def described(model: Model) -> Graph:
    """Loads a network before lowering; errors name its file."""
    if isinstance(model, Graph):
        return model
    try:
        return load(model)
    except ModelError as e:
        where = str(locate(model))
        raise e if str(e).startswith(where) else ModelError(f"{where}: {e}") from None


def buildable(graph: Graph, model: Model) -> None:
    """Checks that a graph can become hardware for any target; otherwise ModelError names
    ``model``.

    The depths of queues are left out, because no depth is refused and finding them takes long."""
    try:
        for unit in drafted(lower(graph)):
            unit.unit()
    except ModelError as e:
        raise e if str(e).startswith(str(model)) else ModelError(f"{model}: {e}") from None

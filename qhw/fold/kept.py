"""Searches that are kept: a network's folds for a goal are found once, and read afterwards."""

from dataclasses import fields, replace
from typing import Any

from ..design.cycles import predict
from ..errors import QhwError
from ..graph import AnyFolds, Graph, as_folds
from ..lower.fold import fold
from ..targets import Target
from ..targets.boards import Board
from ..tools.cache import folder
from ..tools.store import Store, fingerprint, source
from ..tools.typed import JsonObject, read
from .files import fold_of
from .goal import Goal, Reached, reach

__all__ = ["kept"]

PROGRAMS = ("family", "pll", "chip")


def kept(graph: Graph, goal: Goal, target: Target, board: Board | None = None,
         folds: AnyFolds | None = None, store: Store | None = None) -> tuple[Graph, Reached]:
    """Folds a lowered graph to a goal as ``reach`` does, or as it did before.

    A result is kept for one network, goal, chip and qhw's own source; a refusal is not kept. One
    that is damaged, or whose folds take other cycles, is searched for again.

    Parameters
    ----------
    graph, goal, target, board, folds : as in ``reach``
    store : where results are kept; by default in the cache folder
    """
    store = store or Store(folder() / "folds")
    fixed = as_folds(folds)
    key = fingerprint(source(), graph.nodes, graph.worth, goal, _said(target), target.family.name,
                      board and _said(board), fixed)
    if (found := store.get(key)) is not None and (
            sound := _sound(found, graph, goal, target)) is not None:
        return sound
    folded, known = reach(graph, goal, target, board, fixed)
    store.put(key, known.json())
    return folded, known


def _sound(found: JsonObject, graph: Graph, goal: Goal, target: Target
           ) -> tuple[Graph, Reached] | None:
    """Folds a graph as a kept result says; None if that is impossible, or the result is another.
    """
    try:
        known = read(Reached, found)
        chosen = {name: fold_of(name, one) for name, one in known.folds.items()}
        folded = fold(replace(graph, worth=known.worth), chosen, family=target.family.name)
        same = dict(known.asked) == goal.asked and predict(folded).interval == known.cycles
    except (ValueError, TypeError, QhwError):
        return None
    return (folded, known) if same else None


def _said(thing: Target | Board) -> list[Any]:
    """The fields of a chip or a board, but those with functions, which are in the source."""
    return [getattr(thing, f.name) for f in fields(thing) if f.name not in PROGRAMS]

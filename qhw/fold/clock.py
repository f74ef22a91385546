"""Registers for a clock: each layer gets the fewest stages with which it keeps up, by the estimate.
"""

from collections.abc import Iterator
from dataclasses import replace

from .. import estimator as estimate
from ..design.plan import drafted
from ..design.stage import Stage
from ..graph import Fold, Folds, Graph, Groups, Lanes, PeSimd
from ..targets import Target

__all__ = ["staged"]


def staged(graph: Graph, target: Target, mhz: float | None, kept: Folds) -> Iterator[Folds]:
    """Yields folds with stages for the layers of a folded graph: first those for the clock, then
    those for slower clocks, with ever fewer registers.

    Parameters
    ----------
    graph : the folded graph
    target : the chip
    mhz : the clock in MHz; None for the fastest that stages help to reach
    kept : folds by layer whose stages, if they have any, stay
    """
    units = drafted(graph)
    ways: dict[str, list[tuple[float, Fold]]] = {}
    least = max(estimate.glue(units[-1].y.size // units[-1].o_lanes, target).ns,
                1000 / mhz / target.delays.placed if mhz else 0.0,
                *(estimate.price(u, target).ns for u in units if not _varied(u, kept)))
    for unit in units:
        if _varied(unit, kept):
            ways[unit.name] = _ways(unit, target, least)
            least = max(least, ways[unit.name][-1][0])
    slower = {ns for found in ways.values() for ns, _ in found if ns > least}
    for period in sorted({least, *slower}):
        yield {name: next(one for ns, one in found if ns <= period)
               for name, found in ways.items() if found[0][0] > period}


def _varied(unit: Stage, kept: Folds) -> bool:
    """Whether a unit can have stages, and none are asked for."""
    if not unit.op or not unit.node or not list(unit.op.staged()):
        return False
    asked = kept.get(unit.name) or (unit.op.product.asked if unit.op.product else None)
    return not (isinstance(asked, PeSimd | Groups | Lanes) and asked.stages)


def _ways(unit: Stage, target: Target, least: float) -> list[tuple[float, Fold]]:
    """Lists a layer's folds with ever more stages and their longest paths, ever shorter, until one
    is no longer than ``least``."""
    assert unit.op and unit.node
    found: list[tuple[float, Fold]] = []
    for one in unit.op.staged():
        node = replace(unit.node, op=unit.op.folded(one, target.family.name))
        ns = estimate.longest(replace(unit, node=node), target)
        if not found or ns < found[-1][0]:
            found.append((ns, one))
        if ns <= least:
            break
    return found

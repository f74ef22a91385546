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
    others = [estimate.glue(units[-1].y.size // units[-1].o_lanes, target).ns]
    for unit in units:
        if found := _ways(unit, target, kept):
            ways[unit.name] = found
        else:
            others.append(estimate.price(unit, target).ns)
    least = max(*others, *(min(ns for ns, _ in found) for found in ways.values()),
                1000 / mhz / target.delays.placed if mhz else 0.0)
    slower = {ns for found in ways.values() for ns, _ in found if ns > least}
    for period in sorted({least, *slower}):
        yield {name: next(one for ns, one in found if ns <= period)
               for name, found in ways.items() if found[0][0] > period}


def _ways(unit: Stage, target: Target, kept: Folds) -> list[tuple[float, Fold]]:
    """Lists a layer's folds with ever more stages and their longest paths, ever shorter; none for a
    unit that has no stages, or whose stages are asked for."""
    if not (op := unit.op) or not unit.node:
        return []
    asked = kept.get(unit.name) or (op.product.asked if op.product else None)
    if isinstance(asked, PeSimd | Groups | Lanes) and asked.stages:
        return []
    found: list[tuple[float, Fold]] = []
    for one in op.staged():
        node = replace(unit.node, op=op.folded(one, target.family.name))
        ns = estimate.longest(replace(unit, node=node), target)
        if not found or ns < found[-1][0]:
            found.append((ns, one))
    return found

"""Registers for a clock: each product gets the fewest stages with which it keeps up, by the
estimate."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from .. import estimator as estimate
from ..design.plan import drafted
from ..design.stage import Stage
from ..graph import Folds, Graph, Groups, PeSimd
from ..targets import Target
from ..targets.timing import stopping

__all__ = ["staged"]


def staged(graph: Graph, target: Target, mhz: float | None, kept: Folds) -> Iterator[Folds]:
    """Yields folds with stages for the products of a folded graph: first those for the clock, then
    those for slower clocks, with ever fewer registers.

    Parameters
    ----------
    graph : the folded graph
    target : the chip
    mhz : the clock in MHz; None for the fastest that stages help to reach
    kept : folds by layer whose stages, if they have any, stay
    """
    units = drafted(graph)
    ways: dict[str, list[tuple[float, PeSimd | Groups]]] = {}
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


def _ways(unit: Stage, target: Target, kept: Folds
          ) -> list[tuple[float, PeSimd | Groups]]:
    """Lists a product's folds with 0, 1 ... stages and their longest paths, as long as each stage
    makes it shorter; none for other units."""
    product = unit.op.product if unit.op else None
    asked, fold = kept.get(unit.name), product.engine.fold() if product else None
    if (not unit.op or not isinstance(fold, PeSimd | Groups)
            or isinstance(asked, PeSimd | Groups) and asked.stages):
        return []
    found: list[tuple[float, PeSimd | Groups]] = []
    for stages in count():
        one = replace(fold, stages=stages)
        if unit.op.wrong(one, *unit.xs):
            break
        assert unit.node
        op = unit.op.folded(one, target.family.name)
        ns = estimate.price(replace(unit, node=replace(unit.node, op=op)), target).ns
        ns = ns if stages else max(ns, stopping(target.delays))
        if stages > 2 and ns >= found[-1][0]:
            break
        found.append((ns, one))
    return found

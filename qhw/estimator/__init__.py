"""Cost of a network, predicted from the structure of its units, without any tool.

Block RAMs and DSP blocks are counted exactly. Logic is mapped approximately (``mapper.py``) from
the same expressions that become gates. A family's prices (``prices.json``) turn the mapped parts
into LUTs and flip-flops."""

from dataclasses import replace
from functools import lru_cache

from ..design.plan import stages
from ..design.stage import Stage
from ..graph import Graph
from ..hw.fabric import LONGEST, PATH, READS, STAGED, Parts
from ..targets import Target
from ..targets.cost import Cost
from ..targets.timing import behind, stopping
from .chip import Chip
from .prices import ERRORS, prices

__all__ = ["ERRORS", "TOP", "deviation", "estimate", "glue", "kind", "longest", "price"]

TOP = "top"


def estimate(graph: Graph, target: Target) -> dict[str, Cost]:
    """Predicts the cost of every unit of a lowered graph, by name in stream order.

    The key ``""`` has the cost of the logic between the units."""
    units, target = stages(graph), target.giving(graph.worth)
    costs = {unit.name: price(unit, target) for unit in units}
    return {**costs, "": glue(units[-1].y.size // units[-1].o_lanes, target)}


def price(unit: Stage, target: Target) -> Cost:
    """Predicts the cost of one unit on ``target``."""
    return _priced(unit, target)[0]


def longest(unit: Stage, target: Target) -> float:
    """Predicts the longest path of a unit in nanoseconds, with the paths that registers for a clock
    make shorter; in a unit without them, ``price`` leaves these out."""
    (cost, parts), delays = _priced(unit, target), target.delays
    if parts.get(STAGED):
        return cost.ns
    if unit.op and unit.op.product:
        return max(cost.ns, stopping(delays))
    return max(cost.ns, round(delays.clock + parts.get(PATH, 0.0), 2))


def _priced(unit: Stage, target: Target) -> tuple[Cost, Parts]:
    """The cost of a unit, and its parts."""
    parts = _chip(target).made_of(unit.unit())
    cost = prices(target.family.name).cost(kind(unit), parts)
    if not (parts.get(STAGED) or parts.get(READS)):
        return cost, parts
    ns = target.delays.clock + parts[PATH] if PATH in parts else behind(
        parts[LONGEST], target.delays, kept=bool(parts.get(STAGED)))
    return replace(cost, ns=round(ns, 2)), parts


def glue(beats: int, target: Target) -> Cost:
    """Predicts the cost of the logic that connects the units, for an answer of ``beats`` beats."""
    return prices(target.family.name).cost(TOP, _chip(target).counter(beats))


@lru_cache(maxsize=16)
def _chip(target: Target) -> Chip:
    return Chip(target)


def deviation(unit: Stage, target: Target) -> float:
    """Returns one standard deviation of a unit's predicted LUTs, as a fraction of them, measured on
    samples."""
    spread = prices(target.family.name).spread
    return spread.get(kind(unit), spread[""])


def kind(unit: Stage) -> str:
    """Returns the key by which prices are looked up: the layer's kind, with the engine of a
    product."""
    product = unit.op.product if unit.op else None
    if product is None:
        return unit.op.priced if unit.op else unit.kind
    return f"{unit.kind}.{product.engine.kind(product, unit.x.wire)}"

"""Cost of a network, predicted from the structure of its units, without any tool.

Block RAMs and DSP blocks are counted exactly. Logic is mapped roughly (``mapper.py``) from the same
expressions that become gates; the mapped amounts are priced by family (``prices.json``).
"""

from functools import lru_cache

from ..design.plan import stages
from ..design.stage import Stage
from ..graph import Graph
from ..targets import Target
from ..targets.cost import Cost
from .chip import Chip
from .prices import ERRORS, prices

__all__ = ["ERRORS", "TOP", "deviation", "estimate", "glue", "kind", "price"]

TOP = "top"


def estimate(graph: Graph, target: Target) -> dict[str, Cost]:
    """The predicted cost of every unit of a lowered graph, in stream order, and of what holds them
    together under ``""``."""
    units = stages(graph)
    costs = {unit.name: price(unit, target) for unit in units}
    return {**costs, "": glue(units[-1].y.size // units[-1].o_lanes, target)}


def price(unit: Stage, target: Target) -> Cost:
    """The predicted cost of one unit."""
    return prices(target.family.name).cost(kind(unit), _chip(target).made_of(unit.unit()))


def glue(beats: int, target: Target) -> Cost:
    """Predicts the cost of the logic that connects the units, for an answer of ``beats`` beats."""
    return prices(target.family.name).cost(TOP, _chip(target).counter(beats))


@lru_cache(maxsize=16)
def _chip(target: Target) -> Chip:
    return Chip(target)


def deviation(unit: Stage, target: Target) -> float:
    """One standard deviation of the predicted LUTs of a unit, relative, as measured on samples."""
    spread = prices(target.family.name).spread
    return spread.get(kind(unit), spread[""])


def kind(unit: Stage) -> str:
    """Returns the key that decides how a unit's parts are packed: the layer's kind, and a product's
    gates."""
    product = unit.op.product if unit.op else None
    if product is None:
        return unit.kind
    if product.spatial:
        return f"{unit.kind}.spatial"
    whole = product.synapse_fold == product.neuron_fold * product.groups == 1
    element = type(product.scheme.gates(unit.x.wire, product.table)).__name__
    return f"{unit.kind}.{element}{'.constant' * whole}"

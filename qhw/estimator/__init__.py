"""What a network will cost, from the structure of its units, without any tool.

Block RAMs and DSP blocks are counted exactly. Logic is mapped roughly (``mapper.py``), from the
very expressions that become gates, and what it is made of priced per family (``prices.json``).
"""

import warnings
from functools import lru_cache
from typing import Any

from amaranth.hdl import UnusedElaboratable

from ..design.plan import Stage, stages
from ..graph import Graph
from ..hw.units.argmax import ArgMaxUnit
from ..hw.units.combine import CombineUnit, RunTimeCombineUnit
from ..hw.units.dynamic import DynamicUnit
from ..hw.units.lookup import LookupUnit
from ..hw.units.matvec import MatVecUnit
from ..hw.units.requant import RequantUnit
from ..hw.units.spatial import SpatialUnit
from ..hw.units.threshold import ThresholdUnit
from ..targets import Target
from ..targets.cost import Cost
from . import layers, products
from .parts import Chip, Parts, added, times
from .prices import ERRORS, prices
from .streams import streams

__all__ = ["ERRORS", "TOP", "deviation", "estimate", "glue", "kind", "parts", "price"]

TOP = "top"

# Units are made here only to be asked what they are made of.
warnings.filterwarnings("ignore", category=UnusedElaboratable, module=r".*[/\\]qhw[/\\]")


def estimate(graph: Graph, target: Target) -> dict[str, Cost]:
    """The predicted cost of every unit of a lowered graph, in stream order, and of what holds them
    together under ``""``."""
    units = stages(graph)
    costs = {unit.name: price(unit, target) for unit in units}
    return {**costs, "": glue(units[-1].y.size // units[-1].o_lanes, target)}


def price(unit: Stage, target: Target) -> Cost:
    """The predicted cost of one unit."""
    return prices(target.family.name).cost(kind(unit), parts(_chip(target), unit.unit()))


def glue(beats: int, target: Target) -> Cost:
    """The predicted cost of what holds the units together, for an answer of so many beats."""
    return prices(target.family.name).cost(TOP, _chip(target).counter(beats))


@lru_cache(maxsize=16)
def _chip(target: Target) -> Chip:
    return Chip(target)


def deviation(unit: Stage, target: Target) -> float:
    """One standard deviation of the predicted LUTs of a unit, relative, as measured on samples."""
    spread = prices(target.family.name).spread
    return spread.get(kind(unit), spread[""])


def kind(unit: Stage) -> str:
    """What decides how a unit's parts are packed: the layer's kind, and a product's gates."""
    product = unit.op.product if unit.op else None
    if product is None:
        return unit.kind
    if product.spatial:
        return f"{unit.kind}.spatial"
    whole = product.synapse_fold == product.neuron_fold * product.groups == 1
    element = type(product.scheme.gates(unit.x.wire, product.table)).__name__
    return f"{unit.kind}.{element}{'.constant' * whole}"


def parts(chip: Chip, unit: Any) -> Parts:
    """What a component is made of."""
    match unit:
        case MatVecUnit():
            return products.matvec(chip, unit)
        case SpatialUnit():
            return products.spatial(chip, unit)
        case ThresholdUnit():
            return layers.threshold(chip, unit)
        case RunTimeCombineUnit():
            return products.runtime_combine(chip, unit)
        case CombineUnit():
            return products.combine(chip, unit)
        case DynamicUnit():
            bits = len(unit.codes.f.payload.as_value())
            return added(chip.replay(len(unit.i.payload.as_value()), unit.codes.length, 1),
                         products.runtime(chip, unit.codes), products.matvec(chip, unit.product),
                         products.runtime_combine(chip, unit.combine),
                         times({"queue.bit": bits, "ff": bits}, 4))
        case LookupUnit():
            return layers.lookup(chip, unit)
        case RequantUnit():
            return layers.requant(chip, unit)
        case ArgMaxUnit():
            return layers.argmax(chip, unit)
        case _:
            return streams(chip, unit)

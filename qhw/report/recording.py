"""Makes the record of a lowered graph and of its costs."""

from collections.abc import Mapping
from dataclasses import replace

from ..design.top import Stage, stages
from ..estimator import deviation
from ..estimator.energy import energy_nj
from ..exact.num import Int
from ..graph import Graph
from ..ops import HardwareOp, MatVec
from ..targets import Target
from ..targets.cost import SITES, Cost
from ..targets.timing import megahertz
from ..verilog.about import HostLayer, describe, metadata
from ..version import __version__
from .record import Beat, Capacity, LayerRecord, Record, Settings
from .rows import Both

__all__ = ["record"]

Costs = Mapping[str, Cost]
"""By unit, and of what holds them together under ``""``."""


def record(graph: Graph, target: Target | None = None, *, estimate: Costs | None = None,
           measured: Costs | None = None, tools: Mapping[str, str] | None = None) -> Record:
    """Makes the record of a lowered graph.

    Parameters
    ----------
    graph : the lowered graph
    target : the chip, or None
    estimate, measured : predicted and synthesized cost of each unit
    tools : versions of the tools that measured
    """
    about = metadata(graph)
    products: dict[str, MatVec] = {n.name: n.op.product for n in graph.nodes
                                   if isinstance(n.op, HardwareOp) and n.op.product}
    known = Record(
        name=graph.name,
        qhw=__version__,
        target=target.name if target else None,
        target_about=target.about if target else None,
        cycles_per_inference=about.interval,
        latency_cycles=about.latency,
        capacity=Capacity(target.luts, target.brams, target.dsps) if target else None,
        input=about.input,
        output=about.output,
        layers=tuple(_layer(stage, target, estimate, measured) for stage in stages(graph)),
        estimate=_total(estimate),
        measured=_total(measured),
        energy_nj=round(energy_nj(graph), 3),
        storage_bits=sum(product.stored_bits for product in products.values()),
        host=tuple(HostLayer(n.name, n.op.kind) for n in graph.host),
        settings=Settings({name: str(p.scheme) for name, p in products.items()},
                          {name: p.engine.at(p).numbers for name, p in products.items()},
                          dict(tools or {})))
    if target is None or known.cost is None:
        return known
    return replace(_rated(known, known.cost, target),
                   uncertainty=_uncertainty(graph, target, estimate) if estimate else None)


def _rated(known: Record, best: Cost, target: Target) -> Record:
    """With what follows from the costs: the clock, rates, the share of the chip."""
    clocks = {which: round(megahertz(cost.ns, target.delays), 1) for which, cost in (
        ("estimate", known.estimate), ("measured", known.measured)) if cost}
    limits = {kind: getattr(target, kind) for kind in SITES}
    return replace(
        known,
        fmax_mhz=Both(**clocks),
        inferences_per_second=Both(**{
            which: round(1e6 * mhz / known.cycles_per_inference, 1)
            for which, mhz in clocks.items()}),
        utilization={kind: round(getattr(best, kind) / most, 4)
                     for kind, most in limits.items() if most},
        primitives={target.family.block: best.brams} if best.brams else {})


def _uncertainty(graph: Graph, target: Target, estimate: Costs) -> dict[str, float]:
    """Errors of units are independent: their squares add up."""
    squares = sum((deviation(unit, target) * estimate[unit.name].luts) ** 2
                  for unit in stages(graph))
    whole = max(sum(cost.luts for cost in estimate.values()), 1)
    return {"luts": round(squares**0.5 / whole, 4)}


def _total(costs: Costs | None) -> Cost | None:
    return sum(costs.values(), Cost()) if costs else None


def _layer(stage: Stage, target: Target | None, estimate: Costs | None,
           measured: Costs | None) -> LayerRecord:
    op = stage.node.op if stage.node else None
    known = LayerRecord(
        name=stage.name, kind=stage.kind,
        about=describe(stage.node) if stage.node else f"{stage.i_lanes} to {stage.o_lanes} "
                                                      f"elements a beat",
        sources=tuple(source for source, _ in stage.sources),
        depth=stage.depth,
        cycles=stage.interval,
        i=_beat(stage.x.integer, stage.i_lanes),
        o=_beat(stage.y.integer, stage.o_lanes),
        estimate=estimate[stage.name] if estimate else None,
        measured=measured[stage.name] if measured else None,
        uncertainty={"luts": deviation(stage, target)} if estimate and target else None)
    if isinstance(op, HardwareOp) and op.product:
        op = op.product
        return replace(known, scheme=str(op.scheme), pe=op.pe, simd=op.simd, inputs=op.inputs,
                       outputs=op.outputs, weights=op.outputs * op.inputs,
                       weight_bits=op.stored_bits)
    return replace(known, pe=op.i_lanes) if isinstance(op, HardwareOp) else known


def _beat(codes: Int, lanes: int) -> Beat:
    return Beat(codes.lo, codes.hi, codes.width, lanes)

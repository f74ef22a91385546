"""One record of a build: what report.json holds and report.html shows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..design.cycles import predict
from ..design.top import Stage, stages
from ..estimator import deviation
from ..estimator.energy import energy_nj
from ..exact.num import Int
from ..graph import Graph
from ..ops import HardwareOp, MatVec
from ..targets import Target
from ..targets.cost import Cost
from ..targets.timing import megahertz
from ..verilog.about import describe, metadata
from ..version import __version__

__all__ = ["record", "shortfalls", "total"]


def record(graph: Graph, target: Target | None = None, *,
           estimate: Mapping[str, Cost] | None = None,
           measured: Mapping[str, Cost] | None = None,
           tools: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """All that is known of a lowered graph; ``more`` joins the record as it is."""
    about = metadata(graph)
    cycles = predict(graph)
    products: dict[str, MatVec] = {n.name: n.op.product for n in graph.nodes
                                   if isinstance(n.op, HardwareOp) and n.op.product}
    return {
        "name": graph.name,
        "qhw": __version__,
        "target": target.name if target else None,
        "target_about": target.about if target else None,
        "cycles_per_inference": cycles.interval,
        "latency_cycles": cycles.latency,
        "capacity": {"luts": target.luts, "brams": target.brams, "dsps": target.dsps}
        if target else None,
        "input": about["input"],
        "output": about["output"],
        "layers": [_layer(stage, target, estimate, measured) for stage in stages(graph)],
        "estimate": total(estimate),
        "measured": total(measured),
        **_whole(graph, target, cycles.interval, {"estimate": estimate, "measured": measured}),
        "host": [{"name": n.name, "kind": n.op.kind} for n in graph.host],
        "settings": {
            "schemes": {name: str(p.scheme) for name, p in products.items()},
            "folds": {name: [p.pe, p.simd] for name, p in products.items()},
            "tools": dict(tools or {}),
        },
        **more,
    }


def _whole(graph: Graph, target: Target | None, interval: int,
           costs: Mapping[str, Mapping[str, Cost] | None]) -> dict[str, Any]:
    """What follows from the costs of the units: the clock, rates, what is left of the chip."""
    found: dict[str, Any] = {
        "energy_nj": round(energy_nj(graph), 3),
        "storage_bits": sum(n.op.product.stored_bits for n in graph.nodes
                            if isinstance(n.op, HardwareOp) and n.op.product)}
    totals = {which: sum(of.values(), Cost()) for which, of in costs.items() if of}
    if target is None or not totals:
        return found
    clocks = {which: round(megahertz(cost.ns), 1) for which, cost in totals.items()}
    best = totals.get("measured", totals.get("estimate", Cost()))
    limits = {"luts": target.luts, "brams": target.brams, "dsps": target.dsps}
    found |= {
        "fmax_mhz": {which: clocks.get(which) for which in costs},
        "inferences_per_second": {which: round(1e6 * clocks[which] / interval, 1)
                                  if which in clocks else None for which in costs},
        "utilization": {kind: round(getattr(best, kind) / most, 4)
                        for kind, most in limits.items() if most},
        "primitives": {target.family.block: best.brams} if best.brams else {}}
    if predicted := costs["estimate"]:
        squares = sum((deviation(unit, target) * predicted[unit.name].luts) ** 2
                      for unit in stages(graph))
        whole = max(totals["estimate"].luts, 1)
        found["uncertainty"] = {"luts": round(squares**0.5 / whole, 4)}
    return found


def shortfalls(known: Mapping[str, Any]) -> list[str]:
    """What a record's network needs more of than its target has, and which layer takes most."""
    cost, capacity = known["measured"] or known["estimate"], known["capacity"]
    found: list[str] = []
    for kind, word in (("luts", "LUTs"), ("brams", "block RAMs"), ("dsps", "DSP blocks")):
        if cost and capacity and 0 < capacity[kind] < cost[kind]:
            which = "measured" if known["measured"] else "estimate"
            worst = max(known["layers"], key=lambda layer, w=which, k=kind: layer[w][k])
            found.append(f"it needs {cost[kind]} {word} of the {capacity[kind]} that "
                         f"{known['target']} has, {worst[which][kind]} of them for "
                         f"{worst['name']!r}")
    return found


def total(costs: Mapping[str, Cost] | None) -> dict[str, int] | None:
    return asdict(sum(costs.values(), Cost())) if costs else None


def _layer(stage: Stage, target: Target | None, estimate: Mapping[str, Cost] | None,
           measured: Mapping[str, Cost] | None) -> dict[str, Any]:
    op = stage.node.op if stage.node else None
    known: dict[str, Any] = {
        "name": stage.name, "kind": stage.kind,
        "about": describe(stage.node) if stage.node else f"{stage.i_lanes} to {stage.o_lanes} "
                                                         f"elements a beat",
        "sources": [source for source, _ in stage.sources],
        "depth": stage.depth,
        "cycles": stage.interval,
        "i": _beat(stage.x.integer, stage.i_lanes),
        "o": _beat(stage.y.integer, stage.o_lanes),
        "estimate": asdict(estimate[stage.name]) if estimate else None,
        "measured": asdict(measured[stage.name]) if measured else None,
        "scheme": None,
        "uncertainty": {"luts": deviation(stage, target)} if estimate and target else None,
    }
    if isinstance(op, HardwareOp) and op.product:
        op = op.product
        known |= {"scheme": str(op.scheme), "pe": op.pe, "simd": op.simd, "inputs": op.inputs,
                  "outputs": op.outputs,
                  "weights": op.outputs * op.inputs,
                  "weight_bits": op.stored_bits}
    elif isinstance(op, HardwareOp):
        known |= {"pe": op.i_lanes}
    return known


def _beat(codes: Int, lanes: int) -> dict[str, int]:
    return {**asdict(codes), "bits": codes.width, "lanes": lanes}

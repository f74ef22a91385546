"""How many inputs and outputs each layer handles a cycle."""

from collections.abc import Mapping
from dataclasses import replace

from ..errors import ModelError
from ..ir import Graph, Node
from ..ops import HardwareOp, Lanewise, MatVec

__all__ = ["Folds", "fold"]

Folds = Mapping[str, tuple[int, int]]
"""(PE, SIMD) by layer name."""

LANES = 64
"""Products a cycle that a layer has at most, where nobody says more."""


def fold(graph: Graph, folds: Folds | None = None) -> Graph:
    """Each product gets its PE and SIMD, and the layers behind it as many lanes as it puts out.

    Where nothing is asked for, the slowest layer gets ``LANES`` products a cycle and the others
    as few as keep up with it.
    """
    products: dict[str, MatVec] = {n.name: n.op.product for n in graph.nodes
                                   if isinstance(n.op, HardwareOp) and n.op.product}
    asked = {name: op.fold for name, op in products.items() if op.fold}
    for name, pair in (folds or {}).items():
        if name not in products:
            raise ModelError(f"Fold of {name!r}: there is no dense layer of this name")
        asked[name] = pair
    free = [op for name, op in products.items() if name not in asked]
    slowest = max((_best(op, LANES)[0] for op in free), default=1)
    pairs = {name: asked.get(name) or _least(op, slowest) for name, op in products.items()}
    for name, op in products.items():
        _check(name, op, *pairs[name])
    cycles = max((op.outputs * op.inputs // (pairs[name][0] * pairs[name][1])
                  for name, op in products.items()), default=1)
    nodes: list[Node] = []
    lanes: dict[str, int] = {}
    for node in graph.nodes:
        op = node.op
        if node.name in products:
            op = op.folded(*pairs[node.name])   # type: ignore[attr-defined]
        elif isinstance(op, Lanewise):
            op = op.widened(lanes.get(node.inputs[0], 1), cycles)
        if isinstance(op, HardwareOp):
            lanes[node.name] = op.o_lanes
        elif node.inputs:
            lanes[node.name] = lanes.get(node.inputs[0], 1)
        nodes.append(replace(node, op=op))
    return graph.replaced(nodes)


def _check(name: str, op: MatVec, pe: int, simd: int) -> None:
    if pe < 1 or op.outputs % pe:
        raise ModelError(f"Fold of {name!r}: PE must divide its {op.outputs} outputs, "
                         f"and {pe} does not")
    if simd < 1 or op.inputs % simd:
        raise ModelError(f"Fold of {name!r}: SIMD must divide its {op.inputs} inputs, "
                         f"and {simd} does not")
    if simd % op.scheme.group:
        raise ModelError(f"Fold of {name!r}: SIMD must be a multiple of the {op.scheme.group} "
                         f"inputs that a code stands for, and {simd} is not")


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _choices(op: MatVec) -> list[tuple[int, int, int, int]]:
    """(cycles, lanes, how uneven, PE) of every fold."""
    return [(op.outputs * op.inputs // (pe * simd), pe * simd, abs(pe - simd), pe)
            for pe in _divisors(op.outputs) for simd in _divisors(op.inputs)
            if simd % op.scheme.group == 0]


def _best(op: MatVec, lanes: int) -> tuple[int, int, int, int]:
    """The fastest fold of at most so many lanes."""
    choices = _choices(op)
    return min([c for c in choices if c[1] <= lanes] or [min(choices, key=lambda c: c[1])])


def _least(op: MatVec, cycles: int) -> tuple[int, int]:
    """PE and SIMD of the smallest fold that takes at most so many cycles."""
    choices = _choices(op)
    cycles = max(cycles, min(choices)[0])
    _, lanes, _, pe = min((c for c in choices if c[0] <= cycles), key=lambda c: c[1:])
    return pe, lanes // pe

"""Folds: the number of inputs and outputs that each layer handles in a cycle."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..errors import ModelError
from ..graph import Graph, Node, Op, Tensor
from ..hw.units.spatial import LEVELS
from ..ops import Combine, Decoder, HardwareOp, Lanewise, MatVec, Windows
from .decode import decode

__all__ = ["EVERY", "SPATIAL", "Fold", "Folds", "fold", "folded", "folds_of", "for_family"]

Fold = tuple[int, ...]
"""(PE, SIMD) of a layer with a product, (lanes,) of another; where the parts of a product's sums
come together, (outputs, parts a cycle). See ``SPATIAL`` too."""

Folds = Mapping[str, Fold]
"""By layer name."""

SPATIAL: Fold = ()
"""The fold of a layer whose weights become logic; ``(levels,)`` also sets the most adders in series
between two registers."""

EVERY = ""
"""In folds, all layers with a product that have no entry of their own; no layer is called so."""

LANES = 64
"""Default limit of a layer's products a cycle."""


def fold(graph: Graph, folds: Folds | None = None, cycles: int | None = None) -> Graph:
    """Gives each product its PE and SIMD, and the layers behind it the lanes of its output.

    ModelError names a fold that fits no layer.

    Parameters
    ----------
    graph : the lowered graph
    folds : folds by layer
    cycles : most cycles of an inference, reached with the fewest lanes; by default the slowest
        layer gets ``LANES`` products a cycle, and the others the fewest lanes that keep up with it
    """
    products = {n.name: Product(n.op.product, *_work(graph, n)) for n in graph.nodes
                if isinstance(n.op, HardwareOp) and n.op.product}
    asked = {name: p.op.fold for name, p in products.items() if p.op.fold} | dict(folds or {})
    if (every := asked.pop(EVERY, None)) is not None:
        asked = dict.fromkeys(products, every) | {k: v for k, v in (folds or {}).items()
                                                  if k != EVERY}
    spatial = {name: pair[0] if pair else LEVELS for name, pair in asked.items()
               if pair == SPATIAL or name in products and len(pair) == 1}
    asked |= {name: _whole(name, graph.by_name[name].op, levels)
              for name, levels in spatial.items() if name in graph.by_name}
    for name in asked:
        if name not in graph.by_name or not isinstance(graph.by_name[name].op, HardwareOp):
            raise ModelError(f"Fold of {name!r}: there is no dense or convolutional layer of this "
                             f"name, nor another in hardware")
    graph = _as_logic(graph, spatial)
    free = [p for name, p in products.items() if name not in asked]
    slowest = cycles or max((max(p.best(LANES)[0], p.least) for p in free), default=1)
    pairs = {name: asked.get(name) or p.smallest(slowest) for name, p in products.items()}
    for name, pair in asked.items():
        _check(graph, graph.by_name[name], pair)
    most = max((max(p.cycles(*pairs[name]), p.least) for name, p in products.items()),
               default=cycles or 1)
    nodes: list[Node] = []
    lanes: dict[str, int] = {}
    for node in graph.nodes:
        op = node.op
        if node.name in products or node.name in asked:
            op = folded(op, pairs.get(node.name) or asked[node.name])
        elif isinstance(op, Lanewise):
            op = op.widened(lanes.get(node.inputs[0], 1), most,
                            *(graph.tensors[i] for i in node.inputs))
        if isinstance(op, HardwareOp):
            lanes[node.name] = op.o_lanes
        elif node.inputs:
            lanes[node.name] = lanes.get(node.inputs[0], 1)
        nodes.append(replace(node, op=op))
    return graph.replaced(nodes)


def _as_logic(graph: Graph, levels: Mapping[str, int]) -> Graph:
    """The weights of the layers named become logic, which has no gates for codes of activations."""
    return decode(graph.replaced([
        replace(n, op=replace(n.op, levels=levels[n.name]))
        if n.name in levels and isinstance(n.op, MatVec) else n for n in graph.nodes]))


def for_family(graph: Graph, family: str) -> Graph:
    """Sets the chip family of the products whose weights are logic."""
    return graph.replaced([
        replace(n, op=replace(n.op, family=family)) if isinstance(n.op, MatVec) else n
        for n in graph.nodes])


@dataclass(frozen=True)
class Product:
    """A product: its operation, the vectors that it multiplies for an inference, and the least
    cycles in which these can be supplied."""

    op: MatVec
    vectors: int
    least: int

    def cycles(self, pe: int, simd: int) -> int:
        """Cycles of an inference at a fold of ``pe`` and ``simd``."""
        return self.vectors * (self.op.outputs // self.op.groups // pe) * (self.op.inputs // simd)

    @cached_property
    def choices(self) -> list[tuple[int, int, int, int]]:
        """Every fold as (cycles, lanes, unevenness, PE); unevenness is |PE - SIMD|."""
        return [(self.cycles(pe, simd), pe * simd, abs(pe - simd), pe)
                for pe in _divisors(self.op.outputs // self.op.groups)
                for simd in _divisors(self.op.inputs) if simd % self.op.scheme.group == 0]

    def best(self, lanes: int) -> tuple[int, int, int, int]:
        """Returns the fastest fold with at most ``lanes`` products a cycle."""
        return min([c for c in self.choices if c[1] <= lanes]
                   or [min(self.choices, key=lambda c: c[1])])

    def smallest(self, cycles: int) -> tuple[int, int]:
        """Returns PE and SIMD of the smallest fold that takes at most ``cycles`` cycles."""
        cycles = max(cycles, min(self.choices)[0])
        _, lanes, _, pe = min((c for c in self.choices if c[0] <= cycles), key=lambda c: c[1:])
        return pe, lanes // pe


def _work(graph: Graph, node: Node) -> tuple[int, int]:
    """Vectors for an inference, and the least cycles in which a sliding window gives them."""
    source = graph.by_name[node.inputs[0]]
    x = graph.tensors[source.name]
    while isinstance(source.op, Decoder):
        source = graph.by_name[source.inputs[0]]
    if isinstance(node.op, MatVec):
        least = 1
        if isinstance(source.op, Windows):
            image = graph.tensors[source.inputs[0]]
            least = source.op.at(image.channels // source.op.groups).interval(image)
        return node.op.vectors(x), least
    return 1, 1


def folds_of(op: Op, *xs: Tensor) -> list[Fold]:
    """Lists every fold that a layer can have."""
    if isinstance(op, HardwareOp) and (p := op.product):
        return [(pe, simd) for pe in _divisors(p.outputs // p.groups)
                for simd in _divisors(p.inputs) if simd % p.scheme.group == 0]
    if isinstance(op, Combine):
        return [(pe, each) for pe in _divisors(len(op.factors))
                for each in range(1, op.parts + 1)
                if each == 1 or -(-op.parts // each) < -(-op.parts // (each - 1))]
    return [(pe,) for pe in _divisors(op.divided(*xs))] if isinstance(op, Lanewise) else []


def folded(op: Op, pair: Fold) -> Op:
    """Returns the layer with the fold ``pair``."""
    if isinstance(op, Combine):
        return replace(op, pe=pair[0], each=pair[1])
    if isinstance(op, Lanewise):
        return op.at(*pair)
    return op.folded(*pair) if isinstance(op, HardwareOp) else op


def _whole(name: str, op: Op, levels: int) -> Fold:
    """All outputs and inputs at once, for weights that become logic."""
    if levels < 1:
        raise ModelError(f"Fold of {name!r}: levels must be 1 or more, and {levels} is not")
    if not isinstance(op, MatVec):
        raise ModelError(f"Fold of {name!r}: a {op.kind} layer has no weights that can be logic")
    if op.groups > 1:
        raise ModelError(f"Fold of {name!r}: its {op.groups} groups take turns, so their weights "
                         f"cannot be logic")
    return op.outputs, op.inputs


def _check(graph: Graph, node: Node, pair: Fold) -> None:
    """ModelError if the layer cannot be folded so."""
    op, says = node.op, f"Fold of {node.name!r}: "
    every = folds_of(op, *(graph.tensors[i] for i in node.inputs))
    words = {1: "lanes", 2: "PE and SIMD"}
    if len(pair) != len(every[0]):
        raise ModelError(f"{says}it has {words[len(every[0])]}, not {words[len(pair)]}")
    if pair in every:
        return
    if not isinstance(op, HardwareOp) or not op.product:
        raise ModelError(f"{says}{words[len(pair)]} {' and '.join(map(str, pair))} are none of "
                         f"{', '.join(' x '.join(map(str, p)) for p in every)}")
    p, (pe, simd) = op.product, pair
    outputs = p.outputs // p.groups
    if pe < 1 or outputs % pe:
        raise ModelError(f"{says}PE must divide its {outputs} outputs, and {pe} does not")
    if simd < 1 or p.inputs % simd:
        raise ModelError(f"{says}SIMD must divide its {p.inputs} inputs, and {simd} does not")
    raise ModelError(f"{says}SIMD must be a multiple of the {p.scheme.group} inputs that a code "
                     f"stands for, and {simd} is not")


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]

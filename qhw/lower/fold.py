"""The pass that gives each layer its fold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..engines import engine
from ..errors import ModelError
from ..graph import AnyFolds, Fold, Graph, Groups, Node, PeSimd, Spatial, as_folds
from ..ops import Decoder, HardwareOp, Lanewise, MatVec, Windows
from ..ops.lstm import Lstm
from .decode import decode

__all__ = ["EVERY", "fold"]

EVERY = ""
"""In folds, all layers with a product that have no entry of their own; no layer is called so."""

LANES = 64
"""Default limit of a layer's products a cycle."""


def fold(graph: Graph, folds: AnyFolds | None = None, cycles: int | None = None, family: str = ""
         ) -> Graph:
    """Gives each product its PE and SIMD, and the layers behind it the lanes of its output.

    ModelError names a fold that fits no layer.

    Parameters
    ----------
    graph : the lowered graph
    folds : folds by layer
    cycles : most cycles of an inference, reached with the fewest lanes; by default the slowest
        layer gets ``LANES`` products a cycle, and the others the fewest lanes that keep up with it
    family : chip family whose cells implement weights in logic; empty for none
    """
    products = {n.name: Product(n.op.product, *_work(graph, n)) for n in graph.nodes
                if isinstance(n.op, HardwareOp) and n.op.product}
    asked = _asked(products, as_folds(folds))
    for name, one in asked.items():
        if name not in graph.by_name or not isinstance(graph.by_name[name].op, HardwareOp):
            raise ModelError(f"Fold of {name!r}: there is no layer of this name in hardware")
        _check(graph, graph.by_name[name], one)
    graph = _as_logic(graph, asked, family)
    free = [p for name, p in products.items() if name not in asked]
    slowest = cycles or max((max(p.best(LANES), p.least) for p in free), default=1)
    chosen = {name: asked.get(name) or p.smallest(slowest) for name, p in products.items()}
    most = max((max(p.cycles(chosen[name]), p.least) for name, p in products.items()),
               default=cycles or 1)
    chosen |= asked
    nodes: list[Node] = []
    lanes: dict[str, int] = {}
    for node in graph.nodes:
        op = node.op
        if isinstance(op, HardwareOp) and node.name in chosen:
            op = op.folded(chosen[node.name], family)
        elif isinstance(op, Lanewise):
            op = op.widened(lanes.get(node.inputs[0], 1), most,
                            *(graph.tensors[i] for i in node.inputs))
        if isinstance(op, HardwareOp):
            lanes[node.name] = op.o_lanes
        elif node.inputs:
            lanes[node.name] = lanes.get(node.inputs[0], 1)
        nodes.append(replace(node, op=op))
    return graph.replaced(nodes)


def _asked(products: Mapping[str, "Product"], folds: Mapping[str, Fold]) -> dict[str, Fold]:
    """The folds that a caller or else the model asks for, by layer."""
    if EVERY in folds:
        return dict.fromkeys(products, folds[EVERY]) | {
            name: one for name, one in folds.items() if name != EVERY}
    own = {name: p.op.asked for name, p in products.items() if p.op.asked is not None}
    return as_folds(own) | dict(folds)


def _as_logic(graph: Graph, asked: Mapping[str, Fold], family: str) -> Graph:
    """The weights of the layers named become logic, which has no gates for codes of activations."""
    return decode(graph.replaced([
        replace(n, op=n.op.folded(one, family))
        if isinstance(one := asked.get(n.name), Spatial) and isinstance(n.op, MatVec) else n
        for n in graph.nodes]))


@dataclass(frozen=True)
class Product:
    """A product: its operation, the vectors that it multiplies for an inference, and the least
    cycles in which these can be supplied."""

    op: MatVec
    vectors: int
    least: int

    def cycles(self, fold: Fold) -> int:
        """Cycles of an inference at a fold."""
        if isinstance(fold, Groups):
            return self.vectors // fold.groups
        at = engine(fold, self.op.engine).at(self.op)
        return self.vectors * -(-self.op.outputs // self.op.groups // at.pe) * -(
            -self.op.inputs // at.simd)

    @cached_property
    def choices(self) -> list[tuple[int, PeSimd]]:
        """Every fold that divides, and the cycles it takes."""
        return [(self.cycles(one), one) for one in self.op.even_folds()]

    def best(self, lanes: int) -> int:
        """Returns the cycles of the fastest fold with at most ``lanes`` products a cycle."""
        return min([cycles for cycles, one in self.choices if one.size <= lanes]
                   or [max(cycles for cycles, _ in self.choices)])

    def smallest(self, cycles: int) -> PeSimd:
        """Returns the smallest fold that takes at most ``cycles`` cycles, of these the most even.
        """
        cycles = max(cycles, min(cycles for cycles, _ in self.choices))
        return min((one for n, one in self.choices if n <= cycles),
                   key=lambda one: (one.size, abs(one.pe - one.simd), one.pe))


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
    return (node.op.vectors(x) if isinstance(node.op, Lstm) else 1), 1


def _check(graph: Graph, node: Node, one: Fold) -> None:
    """ModelError if the layer cannot be folded so."""
    assert isinstance(node.op, HardwareOp)
    if wrong := node.op.wrong(one, *(graph.tensors[i] for i in node.inputs)):
        raise ModelError(f"Fold of {node.name!r}: {wrong}")

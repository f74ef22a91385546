"""Every fold of a network's layers and its cost on a chip, as steps for the search.

A layer with a product has PE and SIMD. Other layers have lanes. Their lanes may differ from the
lanes of the beats before them; the width converter between has a cost too."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from .. import estimator as estimate
from ..design.stage import Stage
from ..design.together import together
from ..graph import Folds, Graph, Node, Spatial, Tensor
from ..hw.streams.packing import Packing, converted, port
from ..ops import HardwareOp, MatVec, Windows
from ..targets import Target
from ..targets.cost import Cost
from .products import Products, Way, stage
from .search import KINDS, Move, Trellis

__all__ = ["trellis"]

State = tuple[tuple[str, Packing], ...]
"""Packings of the streams that are still to be read, by the layer that makes them, in their order.
"""


def trellis(graph: Graph, target: Target, fixed: Folds, luts: float, *,
            logic: Spatial | None = None) -> Trellis:
    """Makes all folds of a lowered graph as steps; folds that exceed ``luts`` may be left out.

    Queues between branches are not counted: their depth is known only at the end.

    Parameters
    ----------
    graph : the lowered graph
    target : the chip
    fixed : folds by layer that are not varied
    luts : LUTs available, a number
    logic : the fold of weights as logic if it is a choice too, else None
    """
    return _Choices(graph, target, fixed, luts, logic).made


def _priced(target: Target) -> tuple[Callable[[Stage], np.ndarray], Callable[[int], np.ndarray]]:
    """Makes two functions: the cost of a unit, and of the logic between units by beats of the
    answer; both return arrays by kind."""
    def array(cost: Cost) -> np.ndarray:
        return np.array([round(getattr(cost, kind)) for kind in KINDS], float)
    return (lambda unit: array(estimate.price(unit, target)),
            lambda beats: array(estimate.glue(beats, target)))


class _Choices:
    """Builds the trellis: for each layer a step of widths for its beats, and one of its folds."""

    def __init__(self, graph: Graph, target: Target, fixed: Folds, luts: float,
                 logic: Spatial | None):
        self.graph, self.fixed = graph, fixed
        self.logic, self.family = logic, target.family.name
        self.unit, self.glue = _priced(target)
        self.between: dict[tuple[int, ...], np.ndarray] = {}
        layers = [n for n in graph.hardware.nodes if isinstance(n.op, HardwareOp)]
        self.left = Counter(self._made_by(i) for n in layers for i in n.inputs)
        self.answer = self._made_by(graph.hardware.output.name)
        self.left[self.answer] += 1
        self.readers = dict(self.left)
        self.made = Trellis(())
        self.products = Products(graph, target, luts, self.unit, self.made.guessed)
        for node in layers:
            self._layer(node)
        self.made.add(self._end)

    def _made_by(self, name: str) -> str:
        """The layer whose stream carries a tensor: "" for the network's input."""
        node = self.graph.by_name[name]
        while node.inputs and not isinstance(node.op, HardwareOp):
            node = self.graph.by_name[node.inputs[0]]
        return node.name if node.inputs else ""

    def _layer(self, node: Node) -> None:
        xs = tuple(self.graph.tensors[i] for i in node.inputs)
        sources = [self._made_by(i) for i in node.inputs]
        self.left.subtract(sources)
        ways = list(self._ways(node, xs))
        widths = sorted({op.i_packing for _, op, _ in ways})

        def beats(state: State) -> Iterator[Move]:
            packings = dict(state)
            for to in widths:
                cost = np.zeros(len(KINDS))
                now = dict(packings)
                for source, x in zip(sources, xs, strict=True):
                    if source == "" and "" not in now:
                        now[""] = port(to)
                        cost = cost + self._fork("", x, now[""])
                    cost = cost + self._resized(x, now[source], to)
                kept = tuple((name, n) for name, n in now.items() if self.left[name])
                yield Move((kept, to, self._whole(node, now[sources[0]].lanes)), 0, cost, None)

        def folds(state: tuple[State, Packing, Windows | None]) -> Iterator[Move]:
            kept, width, window = state
            for one, op, cost in ways:
                if op.i_packing == width:
                    made = op.o_packing
                    cost = cost + self._fork(node.name, self.graph.tensors[node.name], made)
                    cycles = op.interval(*xs) if window is None else together(
                        window, op, self._image(node), *xs)
                    yield Move((*kept, (node.name, made)), cycles, cost, (node.name, one))

        self.made.add(beats)
        self.made.add(folds)

    def _image(self, node: Node) -> Tensor:
        """The image of the window before a product."""
        return self.graph.tensors[self.graph.by_name[node.inputs[0]].inputs[0]]

    def _whole(self, node: Node, lanes: int) -> Windows | None:
        """The layer before a product, if ``lanes`` lanes of it are whole windows."""
        window = self.graph.by_name[node.inputs[0]].op
        if (not isinstance(node.op, MatVec) or not isinstance(window, Windows)
                or lanes <= window.divided(self._image(node))):
            return None
        return window.whole(lanes // window.window.taps)

    def _ways(self, node: Node, xs: tuple[Tensor, ...]) -> Iterator[Way]:
        """Yields the folds of a layer, the folded layer and its price, without hopeless folds.

        The price of a matrix of constants takes seconds to compute, so a lower bound stands for it
        until the search selects it.
        """
        assert isinstance(node.op, HardwareOp)
        product = node.op.product
        asked = self.fixed.get(node.name) or (product.asked if product else None)
        every = [asked] if asked else sorted(node.op.folds(*xs), key=lambda one: one.size)
        if asked or not product:
            for one in every:
                op = node.op.folded(one, self.family)
                yield one, op, self.unit(stage(self.graph, node, op, xs))
            return
        yield from self.products.ways(node, xs, every)
        if self.logic and isinstance(node.op, MatVec) and xs[0].coded is None and (
                not node.op.wrong(self.logic, *xs)):
            yield from self.products.as_logic(node, xs, self.logic)

    def _resized(self, x: Tensor, packing: Packing, to: Packing) -> np.ndarray:
        """Computes the price of width converters from one packing to another."""
        cost = np.zeros(len(KINDS))
        for step, vector in converted(packing, to):
            cost = cost + self._between(x, packing.lanes, step.lanes, vector=vector)
            packing = step
        return cost

    def _fork(self, made: str, x: Tensor, packing: Packing) -> np.ndarray:
        ways, lanes = self.readers[made], packing.lanes
        return self._between(x, lanes, lanes, ways=ways) if ways > 1 else np.zeros(len(KINDS))

    def _between(self, x: Tensor, lanes: int, to: int, *, ways: int = 1, vector: int = 0
                 ) -> np.ndarray:
        key = (x.integer.width, lanes, to, ways, vector)
        if key not in self.between:
            self.between[key] = self.unit(Stage("", None, (x,), lanes, to, x, (), ways=ways,
                                                vector=vector))
        return self.between[key]

    def _end(self, state: State) -> Iterator[Move]:
        """The buffer behind the last layer and the count of its beats."""
        (_, packing), = state
        y, last = self.graph.answer, port(packing)
        yield Move((), 0, self._resized(y, packing, last)
                   + self._between(y, last.lanes, last.lanes) + self.glue(last.beats(y.size)), None)

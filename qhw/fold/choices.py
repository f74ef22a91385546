"""Every fold of a network's layers and its cost on a chip, as steps for the search.

A layer with a product has PE and SIMD. Other layers have lanes. Their lanes may differ from the
lanes of the beats before them; the width converter between has a cost too."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from .. import estimator as estimate
from ..design.stage import Stage
from ..design.together import together
from ..graph import Fold, Folds, Graph, Node, Spatial, Tensor
from ..hw.streams.packing import Packing, converted, port
from ..ops import HardwareOp, MatVec, Windows
from ..targets import Target
from ..targets.cost import Cost
from .products import Products, Way, stage
from .trellis import KINDS, Move, Trellis

__all__ = ["Choices"]

State = tuple[tuple[str, Packing], ...]
"""Packings of the streams that are still to be read, by the layer that makes them, in their order.
"""


def _priced(target: Target) -> tuple[Callable[[Stage], np.ndarray], Callable[[int], np.ndarray]]:
    """Makes two functions: the cost of a unit, and of the logic between units by beats of the
    answer; both return arrays by kind."""
    def array(cost: Cost) -> np.ndarray:
        return np.array([round(getattr(cost, kind)) for kind in KINDS], float)
    return (lambda unit: array(estimate.price(unit, target)),
            lambda beats: array(estimate.glue(beats, target)))


class Choices:
    """All folds of a lowered graph and their prices, each found once; folds that exceed ``luts``
    may be left out.

    Queues between branches are not counted: their depth is known only at the end.

    Parameters
    ----------
    graph : the lowered graph
    target : the chip
    fixed : folds by layer that are not varied
    luts : LUTs available, a number
    logic : the fold of weights as logic if it is a choice too, else None
    """

    def __init__(self, graph: Graph, target: Target, fixed: Folds, luts: float,
                 logic: Spatial | None = None):
        self.graph, self.fixed, self.logic = graph, fixed, logic
        self.family = target.family.name
        self.unit, self.glue = _priced(target)
        self.between: dict[tuple[int, ...], np.ndarray] = {}
        self.products = Products(graph, target, luts, self.unit)
        self.layers = [n for n in graph.hardware.nodes if isinstance(n.op, HardwareOp)]
        self._prices: dict[tuple[str, Fold], np.ndarray] = {}
        self._folds = {node.name: list(self._every(node)) for node in self.layers}

    def trellis(self, slowest: int | None = None, *, few: bool = False) -> Trellis:
        """Makes the folds as steps.

        Parameters
        ----------
        slowest : most cycles of an inference; a layer that is always slower has its fastest fold
        few : whether of each layer only the smallest fold is tried"""
        return _Steps(self, slowest, few=few).made

    @property
    def paces(self) -> tuple[int, int]:
        """The cycles of the slowest layer, if all are as fast as they can be, and as slow."""
        every = [[cycles for cycles, _ in found] for found in self._folds.values()]
        return max(map(min, every)), max(map(max, every))

    def inputs(self, node: Node) -> tuple[Tensor, ...]:
        """The tensors that a layer reads."""
        return tuple(self.graph.tensors[i] for i in node.inputs)

    def _every(self, node: Node) -> Iterator[tuple[int, Fold]]:
        """Yields the cycles of each fold of a layer, and the fold, smaller ones first."""
        assert isinstance(node.op, HardwareOp)
        product, xs = node.op.product, self.inputs(node)
        asked = self.fixed.get(node.name) or (product.asked if product else None)
        for one in [asked] if asked else sorted(node.op.folds(*xs), key=lambda one: one.size):
            yield node.op.folded(one, self.family).interval(*xs), one

    def ways(self, node: Node, slowest: int | None, *, few: bool) -> Iterator[Way]:
        """Yields the folds of a layer for ``trellis``, the folded layer and its price, without
        hopeless folds.

        The price of a matrix of constants takes seconds to compute, so a lower bound stands for it
        until the search selects it.

        Parameters
        ----------
        node : the layer
        slowest : most cycles of an inference, or None
        few : whether only the smallest fold is tried"""
        assert isinstance(node.op, HardwareOp)
        product, xs, found = node.op.product, self.inputs(node), self._folds[node.name]
        every = [one for _, one in found]
        some = [one for cycles, one in found if slowest is None or cycles <= slowest]
        some = (some or [min(found, key=lambda way: way[0])[1]])[:1 if few else None]
        if self.fixed.get(node.name) or not product or product.asked:
            for one in some:
                yield one, node.op.folded(one, self.family), self._price(node, one)
            return
        yield from self.products.ways(node, xs, every, some)
        if not few and self.logic and isinstance(node.op, MatVec) and xs[0].coded is None and (
                not node.op.wrong(self.logic, *xs)):
            yield from self.products.as_logic(node, xs, self.logic)

    def _price(self, node: Node, one: Fold) -> np.ndarray:
        """The price of a layer at a fold."""
        if (node.name, one) not in self._prices:
            assert isinstance(node.op, HardwareOp)
            self._prices[node.name, one] = self.unit(stage(
                self.graph, node, node.op.folded(one, self.family), self.inputs(node)))
        return self._prices[node.name, one]

    def resized(self, x: Tensor, packing: Packing, to: Packing) -> np.ndarray:
        """Computes the price of width converters for ``x`` from ``packing`` to another, ``to``,
        (kinds,)."""
        cost = np.zeros(len(KINDS))
        for step, vector in converted(packing, to):
            cost = cost + self.joint(x, packing.lanes, step.lanes, vector=vector)
            packing = step
        return cost

    def joint(self, x: Tensor, lanes: int, to: int, *, ways: int = 1, vector: int = 0
              ) -> np.ndarray:
        """Computes the price of a unit between layers: a converter, a fork or a buffer, (kinds,).

        Parameters
        ----------
        x : the tensor that it passes on
        lanes, to : elements of a beat before and behind it
        ways : its readers
        vector : elements after which beats begin anew, or 0"""
        key = (x.integer.width, lanes, to, ways, vector)
        if key not in self.between:
            self.between[key] = self.unit(Stage("", None, (x,), lanes, to, x, (), ways=ways,
                                                vector=vector))
        return self.between[key]


class _Steps:
    """Builds the trellis: for each layer a step of widths for its beats, and one of its folds."""

    def __init__(self, every: Choices, slowest: int | None, *, few: bool):
        self.of, self.graph = every, every.graph
        self.left = Counter(self._made_by(i) for n in every.layers for i in n.inputs)
        self.answer = self._made_by(self.graph.hardware.output.name)
        self.left[self.answer] += 1
        self.readers = dict(self.left)
        self.made = Trellis(())
        self.made.guessed = every.products.guessed
        for node in every.layers:
            self._layer(node, list(every.ways(node, slowest, few=few)))
        self.made.add(self._end)

    def _made_by(self, name: str) -> str:
        """The layer whose stream carries a tensor: "" for the network's input."""
        node = self.graph.by_name[name]
        while node.inputs and not isinstance(node.op, HardwareOp):
            node = self.graph.by_name[node.inputs[0]]
        return node.name if node.inputs else ""

    def _layer(self, node: Node, ways: list[Way]) -> None:
        xs, sources = self.of.inputs(node), [self._made_by(i) for i in node.inputs]
        self.left.subtract(sources)
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
                    cost = cost + self.of.resized(x, now[source], to)
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

    def _fork(self, made: str, x: Tensor, packing: Packing) -> np.ndarray:
        ways, lanes = self.readers[made], packing.lanes
        return self.of.joint(x, lanes, lanes, ways=ways) if ways > 1 else np.zeros(len(KINDS))

    def _end(self, state: State) -> Iterator[Move]:
        """The buffer behind the last layer and the count of its beats."""
        (_, packing), = state
        y, last = self.graph.answer, port(packing)
        yield Move((), 0, self.of.resized(y, packing, last)
                   + self.of.joint(y, last.lanes, last.lanes)
                   + self.of.glue(last.beats(y.size)), None)

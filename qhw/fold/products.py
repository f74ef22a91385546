"""The folds of a product in every way to multiply, and their prices.

A price takes milliseconds, or seconds where synthesis sees many weights. Then a lower bound stands
for it until the search selects the fold."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from ..design.stage import Stage
from ..engines import FoldedEngine
from ..graph import Fold, Graph, Groups, Node, PeSimd, Spatial, Tensor
from ..ops import HardwareOp, MatVec
from ..pe import BitPlanes, Digits, Multiply, Parities, ShiftAdd
from ..targets import Target
from .search import pareto
from .trellis import KINDS

__all__ = ["Guesses", "Products", "Way", "stage"]

INPUTS, FACTORS = 6, 36
"""Most input bits of a LUT, and of a DSP block."""
HOPELESS = 1.25
"""A fold that needs this many times the available LUTs or DSP blocks ends the search for larger PE
and SIMD in its way to multiply."""
FEW, SOME, LANES = 16, 64, 32
"""Products a cycle for which all ways are tried, most that are priced with weights in logic, and
most SIMD that is priced at all."""
LARGE, SHARED = 1024, 0.25
"""Weights of a layer from which on logic is taken to need at least this many LUTs for each digit of
a weight and bit of an input. The least that was measured is 0.43, of 50176 weights of one bit."""
ALONE = 3
"""The least LUTs of a matrix as constants, which share no sums, in those of ``needed``; 8 were
measured."""
SEEN = ((8, .75), (4, .4), (0, .1))
"""By the least words of a memory, the least share of the LUTs for a product, of those in smaller
folds: of few words, synthesis sees many constant bits."""

Way = tuple[Fold, Any, np.ndarray]
"""A fold, the folded layer, and its price (kinds,)."""
Guesses = dict[Any, Callable[[], np.ndarray]]
"""By layer and fold, the price less the bound that stands for it, (kinds,)."""


def stage(graph: Graph, node: Node, op: Any, xs: tuple[Tensor, ...]) -> Stage:
    """Makes the stage of a layer as ``op`` is folded."""
    return Stage(node.name, replace(node, op=op), xs, op.i_lanes, op.o_lanes,
                 graph.tensors[node.name], ())


@dataclass
class Products:
    """Prices the folds of products on a chip of which ``luts`` LUTs are free.

    ``price`` gives the price of a stage, (kinds,); ``guessed`` receives the bounds."""

    graph: Graph
    target: Target
    luts: float
    price: Callable[[Stage], np.ndarray]
    guessed: Guesses = field(default_factory=Guesses)
    layers: "dict[str, _Layer]" = field(default_factory=dict[str, "_Layer"])

    def ways(self, node: Node, xs: tuple[Tensor, ...], every: Sequence[Fold],
             some: Sequence[Fold] | None = None) -> Iterator[Way]:
        """Yields folds of a layer without hopeless ones, which exceed the LUTs, or are larger than
        one that exceeds LUTs or blocks by far.

        Parameters
        ----------
        node, xs : the layer and its inputs
        every : its folds, smaller ones first
        some : the folds that are asked for, all by default; the first is yielded in any case
        """
        if node.name not in self.layers:
            self.layers[node.name] = _Layer(self, node, xs, every)
        for k, one in enumerate(every if some is None else some):
            yield from self.layers[node.name].ways(one, first=not k)

    def as_logic(self, node: Node, xs: tuple[Tensor, ...], logic: Spatial) -> Iterator[Way]:
        """Yields weights as ``logic`` of the layer ``node`` and its inputs ``xs`` by a lower bound
        of their price, unless it is more than there is."""
        layer = self.layers[node.name]
        if (luts := needed(layer.product, xs[0])) <= self.luts:
            yield layer.way(logic, np.array([luts, 0, 0], float))


class _Layer:
    """The ways of one layer with a product."""

    def __init__(self, of: Products, node: Node, xs: tuple[Tensor, ...], every: Sequence[Fold]):
        assert isinstance(node.op, HardwareOp) and node.op.product
        self.of, self.node, self.xs, self.op = of, node, xs, node.op
        self.product: MatVec = node.op.product
        folds = [one for one in every if isinstance(one, PeSimd)]
        self.pes = sorted({one.pe for one in folds})
        self.simds = sorted({one.simd for one in folds})
        self.large: list[tuple[str, PeSimd]] = []
        self.costs: dict[Fold, np.ndarray] = {}
        self.better: dict[int, list[str]] = {}

    @cached_property
    def every(self) -> list[str]:
        """Every way to multiply; the first is the scheme's own."""
        if not isinstance(self.op, MatVec) or not isinstance(self.op.engine, FoldedEngine):
            return [""]
        return ["", *self.op.engine.ways(self.op, self.xs[0].wire)]

    def ways(self, one: Fold, *, first: bool) -> list[Way]:
        """Prices a fold in each way to multiply that may be the best."""
        at = _products(one, self.product)
        whole = at == PeSimd(self.product.outputs, self.product.inputs)
        least = self._least(None if whole else at)
        if not first and least[0] > self.of.luts:
            return []
        if whole:
            return [self.way(one, None if first else least)]
        names = self._names(one) if isinstance(one, PeSimd) else [""]
        found: list[Way] = []
        for name in names:
            if not first and any(name == way and at.pe >= less.pe and at.simd >= less.simd
                                 for way, less in self.large):
                continue
            way = replace(one, multiply=name) if isinstance(one, PeSimd) else one
            made = self.way(way, self._bound(way) if isinstance(way, PeSimd) else None)
            if not first and self._hopeless(made[2]):
                self.large.append((name, at))
            found.append(made)
        if len(found) < 2:
            return found
        return [found[k] for k in pareto(np.array([cost for _, _, cost in found]))]

    def way(self, one: Fold, least: np.ndarray | None) -> Way:
        """Makes the folded layer and its price, or ``least`` until it is selected."""
        op = self.op.folded(one, self.of.target.family.name)
        if least is None or one in self.costs:
            return one, op, self._cost(one)
        self.of.guessed[self.node.name, one] = partial(self._more, one, least)
        return one, op, least

    def _cost(self, one: Fold) -> np.ndarray:
        if one not in self.costs:
            op = self.op.folded(one, self.of.target.family.name)
            self.costs[one] = self.of.price(stage(self.of.graph, self.node, op, self.xs))
        return self.costs[one]

    def _more(self, one: Fold, least: np.ndarray) -> np.ndarray:
        return self._cost(one) - least

    def _hopeless(self, cost: np.ndarray) -> bool:
        blocks = self.of.target.dsps or np.inf      # a chip without blocks, or of no size
        return bool(cost[0] > HOPELESS * self.of.luts
                    or cost[KINDS.index("dsps")] > HOPELESS * blocks)

    def _names(self, one: PeSimd) -> list[str]:
        """Lists the ways to multiply that are tried at a fold.

        Few products have all. Of more, a way is left out if another one costs no more at two
        numbers of PE and the same SIMD, because the cost rises with PE in a line."""
        if one.size <= FEW or len(self.every) == 1:
            return self.every
        simd = max(n for n in self.simds if n <= max(min(one.simd, LANES), self.simds[0]))
        if simd not in self.better:
            self.better[simd] = self._best(simd)
        return self.better[simd]

    def _best(self, simd: int) -> list[str]:
        """The ways that no other one equals or betters at this SIMD."""
        ends = [max(pe for pe in self.pes if pe <= most) for most in (1, 4)]
        lines = np.array([(low := self._cost(PeSimd(ends[0], simd, multiply=name)),
                           self._cost(PeSimd(ends[1], simd, multiply=name)) - low)
                          for name in self.every]).reshape(len(self.every), -1)
        return [name for k, name in enumerate(self.every) if not any(
            (other <= lines[k]).all() and (j < k or (other < lines[k]).any())
            for j, other in enumerate(lines) if j != k)]

    # -- bounds

    def _least(self, fold: PeSimd | None) -> np.ndarray:
        """Computes a lower bound of the price of a fold, or of the matrix as constants if ``fold``
        is None: every bit that a sum depends on needs an input of a LUT or of a DSP block."""
        product, width = self.product, self.xs[0].integer.width
        bits = np.count_nonzero(product.weights) * width if fold is None else (
            fold.size * (width + product.scheme.code_bits // product.scheme.group))
        over = max(bits - FACTORS * self.of.target.dsps, 0) // (INPUTS - 1)
        if fold is None:
            block = max(SHARED * width * (product.scheme.code_bits + 1), 1)     # LUTs that it saves
            again = ALONE if product.weights.size > LARGE and product.inputs >= FEW else 1
            luts = needed(product, self.xs[0]) - int(block * self.of.target.dsps)
            over = max(over, again * luts)
        return np.array([over, 0, 0], float)

    def _bound(self, one: PeSimd) -> np.ndarray | None:
        """Computes a lower bound of a price that takes long, from smaller folds in the same way:
        LUTs of a product beyond those for its outputs, and its blocks; None for other prices."""
        words = -(-self.product.outputs // one.pe) * -(-self.product.inputs // one.simd)
        width = one.size * self.product.scheme.code_bits
        known = one.size > SOME and self.of.target.style(width, words, writable=False) != "block"
        if not (known or one.simd > LANES) or not self._even(one):
            return None
        simd = max((n for n in self.simds if n <= min(one.simd, LANES)), default=0)
        less = max((n for n in self.simds if 2 * n <= simd), default=0)
        pe = max((n for n in self.pes if n <= one.pe and n * simd <= SOME), default=0)
        if not less or not pe:
            return None
        large, small = (self._cost(replace(one, pe=pe, simd=n)) for n in (simd, less))
        share = next(share for least, share in SEEN if words >= least)
        luts = share * (large[0] - small[0]) / (simd - less) / pe * one.size
        dsps = large[KINDS.index("dsps")] // (pe * simd) * one.size
        return np.array([max(luts, 0) // 1, 0, dsps])

    def _even(self, one: PeSimd) -> bool:
        """Whether each product takes gates of its own."""
        assert isinstance(self.op, HardwareOp)
        if not isinstance(self.op, MatVec) or not isinstance(self.op.engine, FoldedEngine):
            return False
        op = self.op.folded(one)
        return isinstance(op, MatVec) and isinstance(op.engine, FoldedEngine) and isinstance(
            op.engine.gates(op, self.xs[0].wire),
            BitPlanes | Digits | Multiply | Parities | ShiftAdd)


def _products(fold: Fold, product: MatVec) -> PeSimd:
    """Outputs of a cycle, and the inputs of each."""
    if isinstance(fold, Groups):
        return PeSimd(fold.groups * product.outputs // product.groups, product.inputs)
    assert isinstance(fold, PeSimd)
    return fold


def needed(product: MatVec, x: Tensor) -> int:
    """Computes a lower bound of the LUTs of weights as logic: each sum that is no multiple of
    another needs an adder, and many digits need a LUT for some of them."""
    rows = product.weights.reshape(-1, product.inputs)
    rows = rows[np.count_nonzero(rows, axis=1) > 1]
    first = rows[np.arange(len(rows)), (rows != 0).argmax(axis=1)]
    factors = np.gcd.reduce(rows, axis=1) * np.sign(first)
    sums = np.unique(rows // factors[:, None], axis=0)
    if sums.size <= LARGE:
        return len(sums)
    digits = _digits(np.abs(np.unique(sums, axis=1)))
    return max(len(sums), int(SHARED * x.integer.width * digits))


def _digits(values: np.ndarray) -> int:
    """Counts the digits that are not 0 in the canonical signed form of ``values``, of any shape, at
    least 0."""
    return int(np.unpackbits(np.ascontiguousarray(3 * values ^ values).view(np.uint8)).sum())

"""Long short-term memory in integers, as TensorFlow Lite Micro's kernel computes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import ModelError
from ..exact.held import whole
from ..exact.num import Int, Rounding, round_shift
from ..exact.scaled import Steps, scaled
from ..exact.sigmoid import sigmoid, tanh
from ..graph import Fold, PeSimd, Tensor
from ..hw.units.lstm import GATES, CellUnit, LstmUnit
from ..hw.units.matvec import MatVecUnit
from ..hw.units.requant import RequantUnit
from ..hw.units.sigmoid import CELL
from ..layers import Rescale
from ..schedule import Channel, Net, paced
from ..tools.hdl import Component
from .matvec import MatVec
from .op import FOREVER, HardwareOp, Operations
from .requantize import Requantize, direct, requantize

__all__ = ["Lstm"]

LATENCY = 18
"""Cycles of the loop with PE and SIMD of 1, less its first sum."""

PRODUCTS = CELL * CELL
"""The interval of products of gates and states."""


@dataclass(frozen=True, eq=False)
class Lstm(HardwareOp):
    """Hidden states of a sequence (steps, units), from the inputs' share of the gates
    (steps, 4 * units).

    A step adds to each gate its product with the hidden state before, requantized, and saturates.
    The gates of a unit are the forget gate, the input gate, the new cell and the output gate, with
    12 bits behind the point. Hidden and cell state remain from one inference to the next; a batch
    is a sequence of inferences from reset on.

    Parameters
    ----------
    weights : the recurrent weights, (4 * units) x units, the zero point in its start values
    gates : from their sums to gates, for each gate of a unit
    cell : from two products, of the forget gate and the cell state and of the input gate and the
        new cell, to cell states
    cells : interval of the cell state
    shift : bits by which a step of the cell state is larger than 1 / 4096
    hidden : from the products of output gates and tangents of cell states to hidden states
    """

    kind = "lstm"
    raw = True

    weights: MatVec
    gates: Rescale
    cell: Rescale
    cells: Int
    shift: int
    hidden: Rescale

    @property
    def product(self) -> Any:
        """The product of the recurrent weights."""
        return self.weights

    @property
    def units(self) -> int:
        """Number of cells."""
        return self.weights.inputs

    def vectors(self, x: Tensor) -> int:
        """Counts the hidden states that are multiplied in an inference of inputs ``x``."""
        return x.shape[0]

    # -- the meaning

    def infer(self, *xs: Tensor) -> Tensor:
        """Infers the hidden states; ModelError if the input is no sequence of gates of 16 bits."""
        x, = xs
        if len(x.shape) != 2 or x.channels != GATES * self.units:
            raise ModelError(f"its weights are for steps of {GATES * self.units} gates, and its "
                             f"input has shape {x.shape}")
        if x.codes is None or x.coded or x.codes | CELL != CELL or x.zero:
            raise ModelError("its gates are numbers of 16 bits without a zero point")
        _ = self._ways      # ModelError if they do not fit
        state = self._state(x.shape[0])
        self.weights.infer(state)
        return replace(state, scale=self.hidden.scale)

    def _state(self, steps: int) -> Tensor:
        """The hidden states of a number of steps."""
        made = self.hidden.format
        return Tensor((steps, self.units), made.codes, made.scale, made.zero)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes the hidden states of a sequence of inferences (N, steps, gates)."""
        x, = xs
        hidden = np.full(self.units, self.hidden.zero)
        cell = np.zeros(self.units, np.int64)
        product, found = self.weights.prepared(self._state(1)), list[np.ndarray]()
        for row in x.reshape(-1, x.shape[-1]).astype(np.int64):
            sums = whole(product(hidden[None])).reshape(self.units, GATES)
            total = row.reshape(sums.shape) + self.gates.evaluate(sums)
            total = np.clip(total, CELL.lo, CELL.hi)
            forget, new_in, output = (sigmoid(3 * total[:, k]) for k in (0, 1, 3))
            pairs = np.stack([forget * cell, new_in * tanh(3 * total[:, 2])], axis=1)
            cell = np.clip(self.cell.evaluate(pairs).sum(axis=1), self.cells.lo, self.cells.hi)
            hidden = self.hidden.evaluate(output * tanh(self._scaled(cell)))
            found.append(hidden)
        return np.array(found).reshape(*x.shape[:-1], self.units)

    def _scaled(self, cell: np.ndarray) -> np.ndarray:
        """Cell states in steps of the table of tangents."""
        return 3 * cell << self.shift if self.shift >= 0 else round_shift(
            3 * cell, -self.shift, Rounding.HALF_UP)

    def remembers(self, *xs: Tensor) -> int:
        """Returns ``FOREVER``: a cell may keep its state."""
        return FOREVER

    # -- the hardware

    def folds(self, *xs: Tensor) -> Sequence[Fold]:
        """Lists the folds that divide the product."""
        return self.weights.even_folds()

    def wrong(self, fold: Fold, *xs: Tensor) -> str:
        return self.weights.uneven(fold) if isinstance(fold, PeSimd) else super().wrong(fold, *xs)

    def staged(self) -> Sequence[Fold]:
        return [one for one in self.weights.staged() if not self.wrong(one)]

    def folded(self, fold: Fold, family: str = "") -> "HardwareOp":
        return replace(self, weights=self.weights.folded(fold, family))

    @property
    def i_lanes(self) -> int:
        return 1

    @property
    def o_lanes(self) -> int:
        return 1

    def unit(self, *xs: Tensor) -> Component:
        """Makes the loop of the product, its gates, the cell state and the hidden state."""
        steps = xs[0].shape[0]
        (gates, cell, hidden), product = self._ways, self.weights.unit(self._state(steps))
        assert isinstance(product, MatVecUnit)
        state = CellUnit(self.units, _unit(cell, PRODUCTS, 2), y=self.cells)
        return LstmUnit(product, _unit(gates, product.y, 1), state, self.shift,
                        _unit(hidden, PRODUCTS, 1), self.hidden.zero)

    @property
    def _ways(self) -> tuple[Requantize, Requantize, Requantize]:
        """The requantizations of gates, cell states and hidden states."""
        sums = self.weights.sums(self.hidden.format.integer)
        return (replace(_own(self.gates, Tensor((GATES,), sums)), codes=CELL),
                _own(self.cell, Tensor((2,), PRODUCTS)), _fewest(self.hidden))

    def interval(self, *xs: Tensor) -> int:
        """Computes the cycles of all steps: the product but for its first outputs, and the way of
        its last outputs around the loop."""
        fold, outputs = self.weights.engine.at(self.weights), self.weights.outputs
        pe, simd = fold.pe, fold.simd
        behind = (outputs // pe - 1) * max(self.units // simd, pe)
        around = LATENCY + fold.stages + pe + (pe > 1) + (simd > 1) - (pe == outputs)
        return xs[0].shape[0] * (behind + around)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        """Adds a loop: the product, its gates with the inputs, the cell, the hidden states."""
        i, = ins
        steps = xs[0].shape[0]
        begin, end = net.start(steps * self.units, self.units)
        vector = net.widen(begin, self.weights.simd) if self.weights.simd > 1 else begin
        sums = self.weights.stream(net, (vector,), self._state(steps))
        sums = net.narrow(sums, self.weights.pe) if self.weights.pe > 1 else sums
        gates = net.pipeline(net.join((i, net.register(sums))), 3)
        cell = net.pipeline(net.widen(net.queue(gates, 2), GATES), 3)
        made = net.register(net.register(net.pipeline(cell, 3)))
        return net.back(made, end)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        """Computes when hidden states leave, by playing the streams from reset on."""
        x, = xs
        net, times = Net(), paced(arrivals)
        source = net.source(x.size)
        if times[0]:        # a queue lets beats come when they do
            source, times = net.queue(source, x.size), times - 1
        net.sink(self.stream(net, (source,), x))
        return net.play(1, gaps=np.diff(times, prepend=-1) - 1, each=True).ends

    def operations(self, *xs: Tensor) -> Operations:
        """Counts those of the products of all steps."""
        x, = xs
        state = self._state(1)
        return self.weights.counted(state.integer.width, self.weights.sums(state.integer)).times(
            x.shape[0])


@lru_cache(maxsize=64)
def _own(op: Rescale, x: Tensor) -> Requantize:
    """The file's own multipliers; ModelError if their numbers are too large."""
    made = direct(op, [(Fraction(1), Fraction(0))] * x.channels, x)
    if made is None:
        raise ModelError("its multipliers need more than 62 bits")
    return made


@lru_cache(maxsize=64)
def _fewest(op: Rescale) -> Requantize:
    """The multiplier of the fewest bits that makes the same codes of products, or the file's own.
    """
    x, (lo, hi) = Tensor((1,), PRODUCTS), (PRODUCTS.lo, PRODUCTS.hi)
    first = np.clip(op.cuts(0).firsts(), lo, hi + 1).astype(np.int64)
    steps = Steps.of(first[None], np.zeros(1, bool), np.array([lo]), np.array([hi]),
                     op.codes.lo - op.zero)
    found = scaled(steps) if steps.first.size else None
    made = found and requantize(found, x, steps.interval, op.zero, Fraction(1))
    return replace(made or _own(op, x), codes=op.codes)


def _unit(op: Requantize, x: Int, pe: int) -> RequantUnit:
    return RequantUnit(op.multiplier, op.offset, op.shift, op.zero, op.rounding, x=x, y=op.codes,
                       pe=pe, away=op.away)

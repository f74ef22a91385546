"""A matrix-vector product in integers: the scheme's weights @ x + start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..engines import ENGINES, Engine, FoldedEngine, Matrix, engine
from ..engines.folded import MOST_STAGES
from ..errors import ModelError
from ..exact.held import largest, whole
from ..exact.num import Int
from ..exact.product import Product
from ..graph import Fold, Groups, PeSimd, Tensor
from ..hw.streams.packing import Packing
from ..pe import Floats, Multiply, Tables
from ..schedule import Channel, Net
from ..tools.hdl import Component
from .op import Ends, HardwareOp, Operations, counts, divisors

__all__ = ["MatVec"]

MOST = 1 << 62
SAVED = 7 / 8
"""A fold that does not divide is tried only if it has at most this share of the products of any
other that is as fast."""


@dataclass(frozen=True, eq=False)
class MatVec(Matrix, HardwareOp):
    """A product of constant weights and vectors; ``engine`` is how the hardware computes it.

    The input is one vector, or a tensor of vectors that are multiplied one by one: (..., inputs).
    With ``groups`` the input is (..., groups, inputs), and each group computes an equal share of
    the outputs. If the scheme has several partial sums, they are the output's last dimension.
    ``asked`` is the fold that the model asks for.
    """

    kind = "matvec"

    asked: Fold | None = None
    engine: Engine = field(default_factory=FoldedEngine)

    @property
    def product(self) -> Any:
        return self

    @cached_property
    def exact(self) -> Product:
        """The product in numpy; partial sums are outputs of their own."""
        return Product(self.weights.reshape(self.groups, -1, self.inputs), self.starts.ravel())

    @property
    def pe(self) -> int:
        """Number of outputs in a cycle."""
        return self.engine.at(self).pe

    @property
    def simd(self) -> int:
        """Number of inputs in a cycle."""
        return self.engine.at(self).simd

    def folds(self, *xs: Tensor) -> Sequence[Fold]:
        """Lists the folds (PE, SIMD): ``even_folds``, and others that need at least an eighth fewer
        products a cycle than any as fast.

        Then groups in parallel; other kinds of folds are used only on request."""
        outputs, group = self.outputs // self.groups, self.scheme.group
        even, found = self.even_folds(), list[PeSimd]()
        every = [PeSimd(pe, simd * group) for pe in counts(outputs)
                 for simd in counts(self.inputs // group)]
        uneven = {one: (outputs % one.pe > 0) + (self.inputs % one.simd > 0) for one in every}
        least = outputs * self.inputs
        for one in sorted([one for one in every if uneven[one]] + even, key=lambda one: (
                -(-outputs // one.pe) * -(-self.inputs // one.simd), one.size,
                uneven.get(one, 0), one.pe)):
            if uneven.get(one):
                if one.size > least * SAVED:
                    continue
                found.append(one)
            least = min(least, one.size)
        return [*even, *found, *(Groups(n) for n in divisors(self.groups) if n > 1)]

    def even_folds(self) -> list[PeSimd]:
        """Lists the folds whose PE and SIMD divide outputs and inputs."""
        return [PeSimd(pe, simd) for pe in divisors(self.outputs // self.groups)
                for simd in divisors(self.inputs) if simd % self.scheme.group == 0]

    def wrong(self, fold: Fold, *xs: Tensor) -> str:
        if kind := ENGINES.get(type(fold)):
            return kind.wrong(fold, self) or self._unstored(kind)
        return super().wrong(fold, *xs)

    def _unstored(self, kind: type[Engine]) -> str:
        """Names the reason why a kind of engine cannot have the weights stored as they are asked
        to be; empty if it can."""
        stored = self.engine.storage if isinstance(self.engine, FoldedEngine) else "packed"
        return "" if issubclass(kind, FoldedEngine) or stored == "packed" else (
            f"its weights are stored as {stored}, which only a fold (PE, SIMD) reads")

    def staged(self) -> Sequence[Fold]:
        fold = self.engine.fold()
        if not isinstance(fold, PeSimd | Groups):
            return ()
        return [replace(fold, stages=n) for n in range(MOST_STAGES + 1)]

    def uneven(self, fold: PeSimd) -> str:
        """Names the reason why the fold is none of ``even_folds``; empty if it is one."""
        uneven = fold.pe > 0 < fold.simd and (self.outputs % fold.pe or self.inputs % fold.simd)
        return self.wrong(fold) or (
            f"PE must divide its {self.outputs} outputs and SIMD its {self.inputs} inputs, and "
            f"{fold} does not" if uneven else "")

    def folded(self, fold: Fold, family: str = "") -> "HardwareOp":
        made = replace(self, engine=engine(fold, self.engine, family))
        vars(made)["weights"] = self.weights    # decoded once for all folds
        return made

    def infer(self, *xs: Tensor) -> Tensor:
        """Computes the output's format; the accumulators' interval is exact, each output's extremes
        over all inputs.

        ModelError if the input does not fit the weights, or an accumulator gets too wide."""
        x, = xs
        if fault := self.engine.fault(self, x.wire):
            raise ModelError(fault)
        wanted = (self.groups, self.inputs) if self.groups > 1 else (self.inputs,)
        if x.shape[-len(wanted):] != wanted:
            raise ModelError(f"its weights are {self.outputs} x {self.inputs} in {self.groups} "
                             f"groups, and its input has shape {x.shape}")
        if (most := self.exact.bound(x.value.size)) >= MOST:
            raise ModelError(f"its sums reach {most}, more than 62 bits")
        shape = (self.outputs,) if self.parts == 1 else (self.outputs, self.parts)
        return Tensor((*x.shape[:-len(wanted)], *shape), self.sums(x.value))

    def ends(self, before: Callable[[], Ends], *xs: Tensor) -> Ends:
        """Computes the ends of the sums, if the sums are not multiplied afterwards."""
        if self.parts > 1:
            return super().ends(before, *xs)
        low, high = self.extremes(xs[0].value)
        return low[:, 0], high[:, 0]

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return whole(self._within(largest(xs[0]))(*xs))

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        return self._within(xs[0].value.size)

    def _within(self, most: int) -> Callable[[np.ndarray], np.ndarray]:
        """The product of inputs of magnitudes up to ``most``."""
        product, parts = self.exact.within(most), self.parts
        if parts == 1:
            return product
        return lambda x: (sums := product(x)).reshape(*sums.shape[:-1], -1, parts)

    @property
    def i_lanes(self) -> int:
        return self.simd

    @property
    def o_lanes(self) -> int:
        return self.pe * self.parts

    @property
    def i_packing(self) -> Packing:
        return Packing.of(self.i_lanes, max(self.inputs, self.i_lanes))

    @property
    def o_packing(self) -> Packing:
        return Packing.of(self.o_lanes, max(self.outputs // self.groups * self.parts, self.o_lanes))

    @property
    def stored_bits(self) -> int:
        """Bits of the weights and their table in memory."""
        return self.engine.stored_bits(self)

    def takes(self, x: Tensor) -> bool:
        return self.engine.takes(self, x)

    def unit(self, *xs: Tensor) -> Component:
        return self.engine.unit(self, *xs)

    def interval(self, *xs: Tensor) -> int:
        return self.engine.interval(self, *xs)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        i, = ins
        return self.engine.stream(self, net, i, *xs)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return self.engine.schedule(self, arrivals, *xs)

    def latest(self, leave: np.ndarray, *xs: Tensor) -> np.ndarray | None:
        return self.engine.latest(self, leave, *xs)

    def operations(self, *xs: Tensor) -> Operations:
        x, = xs
        return self.counted(x.wire.width, self.infer(x).integer).times(self.vectors(x))

    def counted(self, x_bits: int, y: Int) -> Operations:
        """Counts the operations for a vector of elements of ``x_bits`` bits, with sums in the
        interval ``y``."""
        element = self.scheme.element(self.table)
        products = self.outputs // self.groups * self.inputs
        codes = products // self.scheme.group
        multiplied = 0
        if isinstance(element, Tables) and element.suited(self.pe).table:
            # once for every word, for all outputs
            multiplied = self.inputs * len(element.codes) * x_bits * Int.of(self.weights).width
        elif isinstance(element, Multiply | Floats | Tables):
            multiplied = products * x_bits * Int.of(self.weights).width
        return Operations(codes * self.scheme.code_bits, multiplied,
                          codes * element.parts * y.width)

"""The interface of an engine, and the matrix whose product it computes."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..exact.formats import Wire
from ..exact.num import Int
from ..graph import Fold, PeSimd, Tensor
from ..schedule import Channel, Net
from ..schemes import Scheme
from ..tools.hdl import Component

__all__ = ["Engine", "Matrix"]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Constant weights as codes of a scheme, and ``start``, (outputs,) or (outputs, parts).

    With ``groups``, vectors of the groups alternate, and each group computes an equal share of the
    outputs."""

    scheme: Scheme
    codes: np.ndarray
    start: np.ndarray
    table: np.ndarray | None = None
    groups: int = 1

    @cached_property
    def weights(self) -> np.ndarray:
        """The integer weights, (outputs, parts, inputs)."""
        return self.scheme.element(self.table).weights(self.codes)

    @property
    def outputs(self) -> int:
        """Number of outputs of all groups."""
        return self.weights.shape[0]

    @property
    def parts(self) -> int:
        """Number of partial sums of an output."""
        return self.weights.shape[1]

    @property
    def inputs(self) -> int:
        """Number of elements of a vector."""
        return self.weights.shape[2]

    @cached_property
    def starts(self) -> np.ndarray:
        """The start values of the sums, (outputs, parts)."""
        return np.broadcast_to(self.start.reshape(self.outputs, -1), (self.outputs, self.parts))

    def vectors(self, x: Tensor) -> int:
        """Computes the number of vectors, each for one group."""
        return x.size // self.inputs

    def extremes(self, x: Int) -> tuple[np.ndarray, np.ndarray]:
        """Computes the least and the largest sums of inputs in ``x``, each (outputs, parts)."""
        up, down = np.maximum(self.weights, 0).sum(2), np.minimum(self.weights, 0).sum(2)
        return up * x.lo + down * x.hi + self.starts, up * x.hi + down * x.lo + self.starts

    def sums(self, x: Int) -> Int:
        """Computes the smallest interval of all sums for inputs in ``x``."""
        lo, hi = self.extremes(x)
        return Int(int(lo.min()), int(hi.max()))


class Engine(ABC):
    """The way in which hardware computes a product; engines are frozen dataclasses.

    Its methods take the matrix ``m`` and the input's tensor ``x``."""

    @property
    def regular(self) -> bool:
        """Whether ``interval`` and ``schedule`` are exact; otherwise the cycles are known only by
        playing the streams."""
        return True

    @classmethod
    @abstractmethod
    def of(cls, fold: Fold, before: "Engine", family: str) -> "Engine":
        """Makes the engine of a fold.

        Parameters
        ----------
        fold : a fold of the kind that this engine has
        before : the product's present engine, whose other settings stay
        family : chip family whose cells may be used; empty for none"""

    @classmethod
    @abstractmethod
    def wrong(cls, fold: Fold, m: Matrix) -> str:
        """Names the reason why a fold does not fit a matrix; empty if it fits."""

    @abstractmethod
    def fold(self) -> Fold:
        """Returns the fold that ``of`` makes this engine from."""

    @abstractmethod
    def at(self, m: Matrix) -> PeSimd:
        """Returns the numbers of outputs and inputs that are computed in a cycle."""

    @abstractmethod
    def about(self, m: Matrix) -> str:
        """Describes how the product is computed, in a few words."""

    @abstractmethod
    def kind(self, m: Matrix, x: Wire) -> str:
        """Returns the estimator's key for the prices of the unit's parts."""

    def fault(self, m: Matrix, x: Wire) -> str:
        """Names the reason why the engine cannot multiply these weights and activations of format
        ``x``; empty if it can."""
        return ""

    @abstractmethod
    def takes(self, m: Matrix, x: Tensor) -> bool:
        """Tells whether the engine reads the codes of input ``x`` undecoded."""

    @abstractmethod
    def unit(self, m: Matrix, x: Tensor) -> Component:
        """Makes the hardware: streams ``i`` and ``o``."""

    @abstractmethod
    def stored_bits(self, m: Matrix) -> int:
        """Computes the bits of the weights and their table in memory."""

    @abstractmethod
    def interval(self, m: Matrix, x: Tensor) -> int:
        """Computes the initiation interval in cycles when no other unit stalls."""

    @abstractmethod
    def stream(self, m: Matrix, net: Net, i: Channel, x: Tensor) -> Channel:
        """Adds the unit's parts to ``net`` behind channel ``i``; returns the output channel."""

    @abstractmethod
    def schedule(self, m: Matrix, arrivals: np.ndarray, x: Tensor) -> np.ndarray:
        """Computes the cycles in which an idle unit's output beats leave, (beats,).

        ``arrivals`` are the cycles in which input beats are offered, (beats,).
        """

    @abstractmethod
    def latest(self, m: Matrix, leave: np.ndarray, x: Tensor) -> np.ndarray:
        """Computes the latest cycles in which input beats may be offered for outputs at ``leave``,
        both (beats,)."""

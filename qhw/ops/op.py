"""The interface of a layer that becomes hardware; it extends ``Op``.

A stream carries a tensor channels last, ``lanes`` elements a beat. Times are in cycles; a beat
moves in the cycle in which valid and ready are both 1."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import Field, dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ..graph import Fold, Lanes, Op, Tensor
from ..hw.streams.packing import Packing
from ..schedule import Channel, Net, just_in_time
from ..tools.hdl import Component

__all__ = ["FOREVER", "Ends", "HardwareOp", "Lanewise", "Operations", "counts", "divisors",
           "fitting"]

Ends = tuple[np.ndarray, np.ndarray]
"""The least and the largest integers of channels, (channels,) each."""


FOREVER = (1 << 31) - 1
"""As many inferences does a layer remember that forgets none."""


@dataclass(frozen=True)
class Operations:
    """Work of an inference, for its energy: bits of weights read, products in bits times bits, bits
    added."""

    read: int = 0
    multiplied: int = 0
    added: int = 0

    def times(self, count: int) -> "Operations":
        """Returns ``count`` times the operations."""
        return Operations(self.read * count, self.multiplied * count, self.added * count)


class HardwareOp(Op):
    """A layer of integers, with the same results in numpy and in gates."""

    integer = True

    @property
    def product(self) -> Any:
        """The layer's matrix-vector product; None if it has none."""
        return None

    @property
    def priced(self) -> str:
        """The estimator's key for the prices of the unit's parts."""
        return self.kind

    @property
    def regular(self) -> bool:
        """Whether the layer keeps its ``interval`` behind and before any other layer; otherwise the
        cycles are known only by playing the streams."""
        return not self.coupled and (self.product is None or self.product.engine.regular)

    @property
    def coupled(self) -> bool:
        """Whether input beats move only while output beats do, so that a queue stands before it."""
        return False

    @abstractmethod
    def folds(self, *xs: Tensor) -> Sequence[Fold]:
        """Lists the folds that the layer can have for inputs of the formats ``xs``."""

    def wrong(self, fold: Fold, *xs: Tensor) -> str:
        """Names the reason why the layer cannot have a fold; empty if it can."""
        every = self.folds(*xs)
        alike = [one for one in every if isinstance(one, type(fold))]
        if not alike:
            return fold.stranger(self.kind, every[0])
        return "" if fold in alike else (f"{fold.words} {' and '.join(map(str, fold.numbers))} are "
                                         f"none of {', '.join(map(str, alike))}")

    def staged(self) -> Sequence[Fold]:
        """Lists the layer's present fold with 0, 1 ... registers for a clock; nothing if it can
        have none."""
        return ()

    @abstractmethod
    def folded(self, fold: Fold, family: str = "") -> "HardwareOp":
        """Returns this layer with such a fold.

        Parameters
        ----------
        fold : a fold that it can have
        family : chip family whose cells may be used; empty for none
        """

    @property
    @abstractmethod
    def i_lanes(self) -> int:
        """Elements in an input beat."""

    @property
    @abstractmethod
    def o_lanes(self) -> int:
        """Elements in an output beat."""

    @property
    def i_packing(self) -> Packing:
        """How elements lie in the input's beats, which are full by default."""
        return Packing(self.i_lanes, self.i_lanes)

    @property
    def o_packing(self) -> Packing:
        """How elements lie in the output's beats, which are full by default."""
        return Packing(self.o_lanes, self.o_lanes)

    def takes(self, x: Tensor) -> bool:
        """Tells whether its hardware reads the codes of input ``x`` undecoded.

        It does if the codes are the integers themselves, or if the layer only moves elements. Other
        codes are decoded first."""
        return x.coded is None or self.raw

    @abstractmethod
    def unit(self, *xs: Tensor) -> Component:
        """Makes the hardware for inputs of the formats ``xs``: a component with streams ``i`` and
        ``o``."""

    @abstractmethod
    def interval(self, *xs: Tensor) -> int:
        """Computes the initiation interval in cycles when no other unit stalls."""

    def remembers(self, *xs: Tensor) -> int:
        """Counts the inferences before this one on which the output depends; 0 without state,
        ``FOREVER`` if it depends on all of them."""
        return 0

    @abstractmethod
    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        """Adds the unit's parts to ``net`` behind the channels ``ins``, exactly as the gates are.

        Returns the output channel.
        """

    @abstractmethod
    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        """Computes the cycles in which an idle unit's output beats leave, (beats,).

        ``arrivals`` are the cycles in which input beats are offered, (beats,), or a tuple of such
        arrays.
        """

    def ends(self, before: Callable[[], Ends], *xs: Tensor) -> Ends:
        """Computes the least and the largest integer of each output channel, (channels,) each.

        By default these are the ends of the format. ``before`` is a function that computes the
        ends of the first input."""
        y = self.infer(*xs)
        return np.full(y.channels, y.value.lo), np.full(y.channels, y.value.hi)

    def operations(self, *xs: Tensor) -> Operations:
        """Counts the products and weight reads of an inference, for its energy."""
        return Operations()

    def taken(self, arrivals: tuple[np.ndarray, ...], place: int, *xs: Tensor) -> np.ndarray:
        """Computes the cycles in which a layer with several inputs takes the beats of input
        ``place``, (beats,).

        ``arrivals`` has the cycles in which each input's beats are offered, (beats,)."""
        return self.schedule(arrivals, *xs) - 1

    def latest(self, leave: np.ndarray, *xs: Tensor) -> np.ndarray | None:
        """Computes the latest cycles in which input beats may be offered so that output beats leave
        at ``leave`` (beats,); None if they are not known."""
        return None


class Lanewise(HardwareOp):
    """A layer that works on each element of a beat alone, in ``pe`` lanes.

    Subclasses are dataclasses with a field ``pe``, and a field ``stages`` if they can have
    registers for a clock.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    pe: int
    stages: int = 0

    @property
    def i_lanes(self) -> int:
        return self.pe

    @property
    def o_lanes(self) -> int:
        return self.pe

    def interval(self, *xs: Tensor) -> int:
        return xs[0].size // self.pe

    def latest(self, leave: np.ndarray, *xs: Tensor) -> np.ndarray | None:
        """Returns ``leave`` minus the latency, if a beat goes out for each beat that comes in."""
        x, *others = xs
        if others or x.size // self.i_lanes != len(leave):
            return None
        late = self.schedule(np.arange(len(leave)), x)
        return just_in_time(leave - int(late.min()))

    def widened(self, lanes: int, cycles: int, *xs: Tensor) -> "Lanewise":
        """Returns this layer for a stream of ``lanes`` lanes, in at most ``cycles`` cycles if it
        can choose."""
        return self.at(fitting(lanes, self.divided(*xs), lambda pe: self.at(pe).interval(*xs),
                               cycles))

    def folds(self, *xs: Tensor) -> Sequence[Fold]:
        return [Lanes(n) for n in divisors(self.divided(*xs))]

    @property
    def most_stages(self) -> int:
        """Most registers for a clock that the layer can have with its lanes."""
        return 0

    def staged(self) -> Sequence[Fold]:
        return [Lanes(self.pe, n) for n in range(self.most_stages + 1)] if self.most_stages else ()

    def wrong(self, fold: Fold, *xs: Tensor) -> str:
        if not isinstance(fold, Lanes) or not fold.stages:
            return super().wrong(fold, *xs)
        if reason := super().wrong(Lanes(fold.lanes), *xs):
            return reason
        if not (most := self.at(fold.lanes).most_stages):
            return f"a {self.kind} layer of {fold.lanes} lanes has no stages"
        return "" if 0 < fold.stages <= most else (
            f"stages must be 0 to {most}, and {fold.stages} is not")

    def folded(self, fold: Fold, family: str = "") -> "HardwareOp":
        assert isinstance(fold, Lanes)
        one = self.at(fold.lanes)
        return one if one.stages == fold.stages else replace(one, stages=fold.stages)

    def at(self, pe: int) -> "Lanewise":
        """Returns this layer with ``pe`` lanes."""
        return replace(self, pe=pe)

    def divided(self, *xs: Tensor) -> int:
        """Returns the number of elements that the number of lanes must divide."""
        return xs[0].channels


def fitting(lanes: int, whole: int, cycles: Callable[[int], int], most: int) -> int:
    """Selects the lanes of a layer behind a stream of ``lanes`` lanes: a divisor of ``whole``.

    It is ``lanes`` if these are fast enough, otherwise the fewest that are, otherwise the largest
    divisor.

    Parameters
    ----------
    lanes : lanes of the stream before it
    whole : number of elements that the lanes must divide
    cycles : function from lanes to cycles
    most : limit of the cycles"""
    if whole % lanes == 0 and cycles(lanes) <= most:
        return lanes
    every = divisors(whole)
    return next((d for d in every if cycles(d) <= most), every[-1])


def divisors(n: int) -> list[int]:
    """Lists the divisors of ``n``, rising."""
    return [d for d in range(1, n + 1) if n % d == 0]


def counts(n: int) -> list[int]:
    """Lists the numbers of elements a cycle that ``n`` elements can have, rising: for each number
    of cycles the fewest."""
    return sorted({-(-n // cycles) for cycles in range(1, n + 1)})

"""What a layer answers that becomes hardware, besides what every ``Op`` answers.

A stream carries a tensor channels last, ``lanes`` elements a beat. Times are in cycles; a beat
moves in the cycle in which valid and ready are both set.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from amaranth.lib import wiring

from ..graph import Op, Tensor
from ..schedule import Channel, Net

__all__ = ["HardwareOp", "Lanewise", "Operations", "fitting", "just_in_time", "paced"]


def paced(times: np.ndarray, gap: int = 1) -> np.ndarray:
    """The earliest times not before ``times``, in order and ``gap`` apart."""
    ramp = gap * np.arange(len(times))
    return np.maximum.accumulate(times - ramp) + ramp


def just_in_time(times: np.ndarray) -> np.ndarray:
    """The latest times not after ``times``, in order and one apart."""
    return -paced(-times[::-1])[::-1]


@dataclass(frozen=True)
class Operations:
    """What an inference takes energy for: bits of weights read, bits times bits, bits added."""

    read: int = 0
    multiplied: int = 0
    added: int = 0

    def times(self, count: int) -> "Operations":
        """Returns ``count`` times the operations."""
        return Operations(self.read * count, self.multiplied * count, self.added * count)


class HardwareOp(Op):
    """A layer of integers: the same integers in numpy and in gates."""

    integer = True

    @property
    def product(self) -> Any:
        """Its matrix-vector product; None if it has none."""
        return None

    def folded(self, pe: int, simd: int) -> "HardwareOp":
        """Returns this layer with PE ``pe`` and SIMD ``simd``."""
        return self

    @property
    @abstractmethod
    def i_lanes(self) -> int:
        """Elements in an input beat."""

    @property
    @abstractmethod
    def o_lanes(self) -> int:
        """Elements in an output beat."""

    def takes(self, x: Tensor) -> bool:
        """Tells whether its hardware reads the codes of input ``x`` undecoded.

        It does if they are the integers themselves, or if it only moves them. Other codes are
        decoded first.
        """
        return x.coded is None or self.raw

    @abstractmethod
    def unit(self, *xs: Tensor) -> wiring.Component:
        """Makes the hardware for inputs of these formats: streams ``i`` and ``o``."""

    @abstractmethod
    def interval(self, *xs: Tensor) -> int:
        """Computes the initiation interval in cycles, if nothing else stalls."""

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

    def operations(self, *xs: Tensor) -> Operations:
        """Counts the products and weight reads of an inference, for its energy."""
        return Operations()

    def taken(self, arrivals: tuple[np.ndarray, ...], place: int, *xs: Tensor) -> np.ndarray:
        """Computes the cycles in which a layer with several inputs takes the beats of input
        ``place``."""
        return self.schedule(arrivals, *xs) - 1

    def latest(self, leave: np.ndarray, *xs: Tensor) -> np.ndarray | None:
        """Computes the latest cycles in which input beats may be offered for outputs at ``leave``
        (beats,).

        None if they are not known.
        """
        return None


class Lanewise(HardwareOp):
    """A layer that works on each element of a beat alone, in ``pe`` lanes.

    Subclasses are dataclasses with a field ``pe``.
    """

    pe: int

    @property
    def i_lanes(self):
        return self.pe

    @property
    def o_lanes(self):
        return self.pe

    def interval(self, *xs):
        return xs[0].size // self.pe

    def latest(self, leave, *xs):
        """With as many beats out as in, all are as late."""
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

    def at(self, pe: int) -> "Lanewise":
        """Returns this layer with ``pe`` lanes."""
        return replace(self, pe=pe)     # type: ignore[type-var]

    def divided(self, *xs: Tensor) -> int:
        """Returns the number that its lanes must divide."""
        return xs[0].channels


def fitting(lanes: int, whole: int, cycles: Callable[[int], int], most: int) -> int:
    """Selects a divisor of ``whole`` for a layer behind one of ``lanes`` lanes.

    The same number of lanes if that is fast enough, otherwise the least that is, or else the
    largest.

    Parameters
    ----------
    lanes : lanes of the stream before it
    whole : the number to divide, in elements
    cycles : function from lanes to cycles
    most : limit of the cycles
    """
    if whole % lanes == 0 and cycles(lanes) <= most:
        return lanes
    every = [d for d in range(1, whole + 1) if whole % d == 0]
    return next((d for d in every if cycles(d) <= most), every[-1])

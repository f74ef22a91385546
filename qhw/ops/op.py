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
        """The same ``count`` times."""
        return Operations(self.read * count, self.multiplied * count, self.added * count)


class HardwareOp(Op):
    """A layer of integers: the same integers in numpy and in gates."""

    integer = True

    @property
    def product(self) -> Any:
        """Its matrix-vector product, if it has one."""
        return None

    def folded(self, pe: int, simd: int) -> "HardwareOp":
        """With so many outputs and inputs of the product a cycle."""
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
        """Whether its hardware reads the codes of an input as they are: those that are integers
        themselves, or that it only moves. Others are decoded before it."""
        return x.coded is None or self.raw

    @abstractmethod
    def unit(self, *xs: Tensor) -> wiring.Component:
        """The hardware: streams ``i`` and ``o``."""

    @abstractmethod
    def interval(self, *xs: Tensor) -> int:
        """Cycles between two inferences in steady state (II), if nothing else stalls."""

    @abstractmethod
    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        """What the unit does to beats: adds its parts behind the streams ``ins``, exactly as the
        gates are, and returns the stream that they offer."""

    @abstractmethod
    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        """When output beats leave an idle unit, given when input beats are offered: an array of
        times, or a tuple of them if it joins streams."""

    def operations(self, *xs: Tensor) -> Operations:
        """What an inference takes energy for, of that which is counted: products and their
        weights."""
        return Operations()

    def taken(self, arrivals: tuple[np.ndarray, ...], place: int, *xs: Tensor) -> np.ndarray:
        """When a layer that joins streams takes the beats of one of them."""
        return self.schedule(arrivals, *xs) - 1

    def latest(self, leave: np.ndarray, *xs: Tensor) -> np.ndarray | None:
        """When input beats must be offered so that outputs leave when they do; None if that is
        not known."""
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
        """This layer for a stream of so many lanes, done in so many cycles if it can choose."""
        return self.at(fitting(lanes, self.divided(*xs), lambda pe: self.at(pe).interval(*xs),
                               cycles))

    def at(self, pe: int) -> "Lanewise":
        """This layer with so many lanes."""
        return replace(self, pe=pe)     # type: ignore[type-var]

    def divided(self, *xs: Tensor) -> int:
        """What its lanes must divide."""
        return xs[0].channels


def fitting(lanes: int, whole: int, cycles: Callable[[int], int], most: int) -> int:
    """A divisor of ``whole`` for a layer behind one of ``lanes`` lanes: the same, or else the least
    that takes at most so many cycles, or the largest."""
    if whole % lanes == 0 and cycles(lanes) <= most:
        return lanes
    every = [d for d in range(1, whole + 1) if whole % d == 0]
    return next((d for d in every if cycles(d) <= most), every[-1])

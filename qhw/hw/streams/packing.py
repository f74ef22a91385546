"""How a tensor's elements lie in the beats of a stream, and the way from one packing to another."""

from math import lcm
from typing import NamedTuple

import numpy as np

from .stream import resize

__all__ = ["Packing", "converted", "parts", "port"]


class Packing(NamedTuple):
    """``lanes`` elements a beat, and a beat of its own for the first of every ``vector`` elements.

    The last beat of a vector may therefore have fewer elements, in its lowest lanes; the others
    have no meaning. If every beat is full, ``vector`` is ``lanes``."""

    lanes: int
    vector: int

    @classmethod
    def of(cls, lanes: int, vector: int) -> "Packing":
        """Packs vectors of ``vector`` elements, ``lanes`` a beat."""
        return cls(lanes, vector if vector % lanes else lanes)

    @property
    def full(self) -> bool:
        """Whether every beat is full."""
        return self.vector == self.lanes

    @property
    def each(self) -> int:
        """Beats of a vector."""
        return -(-self.vector // self.lanes)

    def beats(self, size: int) -> int:
        """Computes the beats of a tensor of ``size`` elements."""
        return size // self.vector * self.each

    def firsts(self, size: int) -> np.ndarray:
        """Computes for each beat the index of its first element, (beats,), in a tensor of ``size``
        elements."""
        vectors = self.vector * np.arange(size // self.vector)
        return (vectors[:, None] + self.lanes * np.arange(self.each)).ravel()


def converted(i: Packing, o: Packing) -> list[tuple[Packing, int]]:
    """Lists the packings on the way from ``i`` to ``o``; each step runs at the rate of the slower
    end.

    With each comes the vector within which the step counts its beats, 0 if all of them are full."""
    if i == o:
        return []
    if i.full and o.full:
        return [(Packing(lanes, lanes), 0) for lanes in resize(i.lanes, o.lanes)]
    vector = o.vector if i.full else i.vector
    across = vector % i.lanes if i.full else vector % o.lanes if o.full else i.vector != o.vector
    if across:
        whole = Packing(vector, vector)
        return converted(i, whole) + converted(whole, o)
    lanes = [min(lcm(i.lanes, o.lanes), vector), o.lanes]
    before, steps = i.lanes, list[tuple[Packing, int]]()
    for to in lanes:
        if to != before:
            steps.append((Packing.of(to, vector), vector))
        before = to
    return steps


def parts(i_lanes: int, o_lanes: int, vector: int) -> tuple[int, int]:
    """Computes the narrow beats of a wide one and of a vector, which is a wide beat if
    ``vector`` is 0."""
    narrow, wide = sorted((i_lanes, o_lanes))
    return -(-wide // narrow), -(-(vector or wide) // narrow)


def port(inside: Packing) -> Packing:
    """Selects the packing at a port of the network: full beats, at least as wide as those inside.

    Of these it is the one with the narrowest converters, and the fewest."""
    if inside.full:
        return inside

    def size(lanes: int) -> tuple[int, int]:
        steps = converted(Packing(lanes, lanes), inside)
        return max(lanes, *(step.lanes for step, _ in steps)), len(steps)

    lanes = min((n for n in range(inside.lanes, inside.vector + 1) if inside.vector % n == 0),
                key=size)
    return Packing(lanes, lanes)

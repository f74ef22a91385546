"""Positions of a picture's labels: each label is as near to its point as the other labels allow.

All lengths are in points of print; x grows to the right and y upwards."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, product
from math import cos, hypot, pi, sin
from typing import NamedTuple

import numpy as np

__all__ = ["Box", "Label", "along", "placed"]

NEAR = 7
"""A label so near needs no line to its point."""
AWAY = (NEAR, *range(12, 48, 5), *range(48, 300, 9))
TURNS = (0, 8, 14, 2, 4, 12, 10, 6, 1, 15, 7, 9, 3, 13, 5, 11)
"""Directions by preference, in sixteenths of a turn; to the right first."""
MARK, GAP, STEP = 5, 1, 3

Place = tuple[float, float]


class Box(NamedTuple):
    """A rectangle, in points of print."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Tells whether the two rectangles overlap."""
        return (self.left < other.right and other.left < self.right
                and self.bottom < other.top and other.bottom < self.top)

    def within(self, other: "Box") -> bool:
        """Tells whether this rectangle lies inside ``other``."""
        return (self.left >= other.left and self.right <= other.right
                and self.bottom >= other.bottom and self.top <= other.top)

    def distances(self, points: np.ndarray) -> np.ndarray:
        """Computes the distances of points (n, 2) from the rectangle; 0 inside."""
        low, high = np.array(self).reshape(2, 2)
        sides = np.maximum(np.maximum(low - points, points - high), 0)
        return np.hypot(sides[:, 0], sides[:, 1]).round(3)


class Label(NamedTuple):
    """The position of a label beside its point.

    Lengths are in points of print."""

    point: int
    """Index of its point."""
    offset: Place
    """From its point to the side, or the corner, of it that is nearest."""
    across: int
    """Which side that is: 0 left, 1 its middle, 2 right."""
    up: int
    """0 bottom, 1 its middle, 2 top."""
    led: bool
    """Whether a line leads to its point."""


def placed(points: Sequence[Place], sizes: Sequence[tuple[float, float]], order: Sequence[int],
           area: Box, lines: Sequence[Place] = ()) -> Iterator[Label]:
    """Places labels; a label without room is left out.

    A label overlaps no other label, no point and no line, and no leading line crosses a label. If
    there is room, a label is nearer to its own point than to any other point.

    Parameters
    ----------
    points : (x, y) of all points, in points of print
    sizes : (width, height) of the label of each point, in points of print
    order : indices of the points with labels, the most important first
    area : where labels may be
    lines : corners (x, y) of a line that no label may cover"""
    marks = np.array(points, float).reshape(-1, 2)
    taken: list[Box] = []
    dots = np.array([*chain.from_iterable(along(a, b) for a, b in pairwise(lines))]).reshape(-1, 2)
    leaders = np.empty((0, 2))
    for k in order:
        for alone, (offset, side, box) in product((True, False), _around(points[k], sizes[k])):
            far = box.distances(marks)
            path = np.array(along(points[k], (points[k][0] + offset[0], points[k][1] + offset[1])))
            if (box.within(area) and not any(box.meets(other) for other in taken)
                    and far.min() >= MARK and not (alone and far.min() < far[k])
                    and not (box.distances(np.concatenate([dots, leaders])) < GAP).any()
                    and not any((other.distances(path) == 0).any() for other in taken)):
                led = hypot(*offset) > NEAR + 1
                taken.append(box)
                leaders = np.concatenate([leaders, path]) if led else leaders
                yield Label(k, offset, *side, led)
                break


def _around(point: Place, size: tuple[float, float]
            ) -> Iterator[tuple[Place, tuple[int, int], Box]]:
    """The places of a label around its point, the nearest first."""
    (x, y), (width, height) = point, size
    for away, turn in product(AWAY, TURNS):
        dx, dy = away * cos(turn * pi / 8), away * sin(turn * pi / 8)
        across = 0 if dx > .1 * away else 2 if dx < -.1 * away else 1
        up = 1 if across != 1 else 0 if dy > 0 else 2
        left, bottom = x + dx - width * across / 2, y + dy - height * up / 2
        yield (dx, dy), (across, up), Box(left, bottom, left + width, bottom + height)


def along(begin: Place, end: Place) -> list[Place]:
    """Lists points close together on the straight line from ``begin`` to ``end``."""
    count = max(round(hypot(end[0] - begin[0], end[1] - begin[1]) / STEP), 1)
    return [(begin[0] + (end[0] - begin[0]) * k / count, begin[1] + (end[1] - begin[1]) * k / count)
            for k in range(count + 1)]

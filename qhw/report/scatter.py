"""Accuracy against LUTs as a drawing: a point a scheme, the Pareto front, labels that are apart.

Both axes are logarithmic; the accuracy is drawn as its distance from 100 %, where schemes differ.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, cos, floor, hypot, log10, pi, sin
from typing import NamedTuple

from .page import Size, number, wide
from .rows import Row

__all__ = ["Label", "Point", "Scatter", "scatter"]

LEFT, RIGHT, TOP, BOTTOM = 54, 14, 12, 42
DOT = 4.5
BOLD, HEIGHT = 1.12, 13
NEAR = 9            # a label so near needs no line to its point
AWAY = (NEAR, *range(14, 60, 6), *range(60, 320, 12))
TURNS = (0, 8, 14, 2, 4, 12, 10, 6, 1, 15, 7, 9, 3, 13, 5, 11)

Place = tuple[float, float]


class Point(NamedTuple):
    """A scheme's place."""

    x: float
    y: float
    pareto: bool
    fits: bool


class Label(NamedTuple):
    """A scheme's name, where on its baseline it is held, and the line that leads to its point."""

    x: float
    y: float
    anchor: str
    said: str
    point: Point
    leader: tuple[float, float, float, float] | None


class Scatter(NamedTuple):
    """The drawing for one size of page."""

    size: Size
    frame: tuple[float, float, float, float]
    """Left, top, right, bottom."""
    columns: list[tuple[float, str]]
    rows: list[tuple[float, str]]
    points: list[Point]
    front: str
    labels: list[Label]


class _Text(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Text") -> bool:
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)

    def near(self, point: Place, away: float = 0) -> bool:
        return (self.left - away < point[0] < self.right + away
                and self.top - away < point[1] < self.bottom + away)


def scatter(schemes: Sequence[Row], size: Size) -> Scatter:
    """Schemes that have an accuracy, in a frame that all of them fill."""
    frame = (LEFT, TOP, size.width - RIGHT, size.height - BOTTOM)
    luts = [log10(max(one.size, 1)) for one in schemes]
    missing = [100 * (one.loss) for one in schemes]
    least = min((error for error in missing if error > 0), default=1) / 2
    errors = [log10(max(error, least)) for error in missing]
    x_range, y_range = _padded(luts), _padded(errors)
    rows = [least] * (min(missing) <= 0) + [
        error for error in _marks(*y_range, size.height // 45) if error > 1.2 * least]

    def x(value: float) -> float:
        return round(_on(value, x_range, frame[0], frame[2]), 1)

    def y(value: float) -> float:
        return round(_on(value, y_range, frame[1], frame[3]), 1)

    points = [Point(x(a), y(b), one.pareto, one.fits is not False)
              for a, b, one in zip(luts, errors, schemes, strict=True)]
    return Scatter(size, frame, [(x(log10(value)), number(value))
                                 for value in _marks(*x_range, size.width // 65)],
                   [(y(log10(error)), f"{100 - (error > least) * error:.6g}%") for error in rows],
                   points,
                   " ".join(f"{x:g},{y:g}" for x, y in _corners(points)),
                   list(_labels([one.scheme for one in schemes], points, frame)))


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = max((high - low) * .07, .02)
    return low - room, high + room


def _on(value: float, of: tuple[float, float], begin: float, end: float) -> float:
    return begin + (value - of[0]) / (of[1] - of[0]) * (end - begin)


def _marks(low: float, high: float, most: int) -> list[float]:
    """Selects at most ``most`` round numbers between two powers of ten."""
    if high - low < .8:
        return [value for value in _steps(10 ** low, 10 ** high, min(most, 8)) if value > 0]
    tens = range(floor(low), ceil(high) + 1)
    options = [[digit * 10. ** ten for ten in tens for digit in digits
                if low <= log10(digit) + ten <= high] for digits in (
                    (1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,))]
    return next((option for option in options if len(option) <= most), options[-1])


def _steps(low: float, high: float, most: int = 6) -> list[float]:
    """Selects at most ``most`` round numbers in a range."""
    raw = (high - low) / (most - 1)
    unit = 10 ** floor(log10(raw))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw)
    return [round(step * k, 6) for k in range(ceil(low / step), floor(high / step) + 1)]


def _corners(points: Sequence[Point]) -> list[Place]:
    """Makes the steps of the best accuracy within a number of LUTs."""
    best = sorted(point for point in points if point.pareto)
    return [(best[0].x, best[0].y), *(
        corner for a, b in pairwise(best) for corner in ((b.x, a.y), (b.x, b.y)))] if best else []


def _labels(names: Sequence[str], points: Sequence[Point],
            frame: tuple[float, float, float, float]) -> Iterator[Label]:
    """Each name as near to its point as those that came first allow; the front's come first. What
    finds no place is only in the table."""
    texts: list[_Text] = []
    leaders = [_along(a, b) for a, b in pairwise(_corners(points))]
    inside = _Text(*frame)
    order = sorted(range(len(points)), key=lambda k: (not points[k].pareto, points[k]))
    for k in order:
        for text, end in _candidates(points[k], wide(names[k]) * (BOLD if points[k].pareto else 1)):
            path = _along((points[k].x, points[k].y), end)
            if (inside.near((text.left, text.top)) and inside.near((text.right, text.bottom))
                    and not any(text.meets(other) for other in texts)
                    and not any(text.near((p.x, p.y), DOT + 1) for p in points)
                    and not any(text.near(p, 1) for line in leaders for p in line)
                    and not any(other.near(p) for other in texts for p in path)):
                texts.append(text)
                far = hypot(end[0] - points[k].x, end[1] - points[k].y) > NEAR + 1
                leaders += [path] if far else []
                left, right = end[0] < text.right - 1, end[0] > text.left + 1
                anchor = "middle" if left and right else "start" if left else "end"
                yield Label(end[0], text.bottom - 3, anchor, names[k], points[k],
                            (*path[0], *end) if far else None)
                break


def _candidates(point: Point, width: float) -> Iterator[tuple[_Text, Place]]:
    """Places for a text, the nearest first, each with its point that is nearest."""
    for away in AWAY:
        for turn in TURNS:
            across, down = cos(turn * pi / 8), -sin(turn * pi / 8)
            x, y = round(point.x + away * across, 1), round(point.y + away * down, 1)
            left = x if across > .1 else x - width if across < -.1 else x - width / 2
            top = y if down > .9 else y - HEIGHT if down < -.9 else y - HEIGHT / 2
            yield _Text(left, top, left + width, top + HEIGHT), (x, y)


def _along(begin: Place, end: Place) -> list[Place]:
    """Points close together on the way."""
    count = max(round(hypot(end[0] - begin[0], end[1] - begin[1]) / 3), 1)
    return [(begin[0] + (end[0] - begin[0]) * k / count, begin[1] + (end[1] - begin[1]) * k / count)
            for k in range(count + 1)]

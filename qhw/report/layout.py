"""Positions of the boxes and lines of a block diagram.

Boxes stand in ranks, in order; the rank of a box is as late as its readers allow. Beside each other
they stand in lanes. A line has a lane of its own in every rank that it passes, so it crosses no
box. Long diagrams continue in another row, like text. Positions are *along* the streams and
*across* them; the drawing decides whether streams run to the right or down.

Graphviz (pygraphviz, 112 MB installed) draws a ResNet as one row of 6,506 pixels, because it does
not break rows, and its orthogonal lines run through their labels, because they ignore ports."""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import NamedTuple

__all__ = ["PORT", "Arrangement", "Box", "arrange"]

STEP = 8        # between lines that run beside each other, and the room for their corners
ARROW = 16      # the last piece of a line
SPACE = 26      # between lanes
THIN = 10       # a lane that only lines pass
PORT = 13       # between the inputs of a box

Point = tuple[float, float]
Edge = tuple[int, int]


class Box(NamedTuple):
    """A box of a diagram with its size along and across, in pixels; no box reads a later box.

    Across it has room for its inputs: the first in the middle, the others ``PORT`` apart to one
    side."""

    along: float
    across: float
    label: float
    """The room along its output for the label of the line."""
    sources: tuple[int, ...]


class Arrangement(NamedTuple):
    """The geometry of a diagram: positions of boxes, corners of lines, extents of rows, in
    pixels."""

    places: list[Point]
    """Start along and middle across of each box."""
    lines: list[list[Point]]
    """The corners from one box to another."""
    rows: list[tuple[float, float]]
    """Each row's begin and end across; where it ends the next one begins."""
    length: float


def arrange(boxes: Sequence[Box], limit: float = inf) -> Arrangement:
    """Arranges boxes in rows no longer than ``limit`` pixels, if one box and its line fit."""
    return _Arranger(boxes, limit).arrangement()


def ranked(sources: Sequence[Sequence[int]]) -> list[int]:
    """Computes each box's rank: the boxes before it on the longest path, counted from the end."""
    far = [0] * len(sources)
    for box in reversed(range(len(sources))):
        for source in sources[box]:
            far[source] = max(far[source], far[box] + 1)
    return [max(far, default=0) - f for f in far]


def laned(sources: Sequence[Sequence[int]], ranks: Sequence[int]
          ) -> tuple[list[int], dict[Edge, int]]:
    """Computes the lane of each box, and of each line behind its first rank.

    A box continues the lane of the box that it reads, if it is that box's next reader. The lines to
    other readers take the first lane that is free all the way. Where lines join, the first line's
    lane continues."""
    lanes, taken, lines = [0] * len(sources), set[Edge](), dict[Edge, int]()
    readers = {box: sorted((k for k, many in enumerate(sources) if box in many),
                           key=lambda k: ranks[k]) for box in range(len(sources))}

    def free(lane: int, edge: Edge) -> bool:
        return all((rank, lane) not in taken
                   for rank in range(ranks[edge[0]] + 1, ranks[edge[1]] + 1))

    def run(edge: Edge) -> None:
        lane, own = 0, lanes[edge[0]]
        while not free(lane, edge):
            lane += 1
        lines[edge] = own if free(own, edge) else lane
        taken.update((rank, lines[edge])
                     for rank in range(ranks[edge[0]] + 1, ranks[edge[1]] + 1))

    for rank in range(max(ranks, default=-1) + 1):
        here = [box for box, its in enumerate(ranks) if its == rank]
        for box in here:
            arriving = [lines[source, box] for source in set(sources[box])]
            taken -= {(rank, lane) for lane in arriving}
            lanes[box] = min(arriving, default=0)
            while (rank, lanes[box]) in taken:
                lanes[box] += 1
            taken.add((rank, lanes[box]))
        for place in range(max((len(readers[box]) for box in here), default=0)):
            for box in here:
                if place < len(readers[box]):
                    run((box, readers[box][place]))
    return lanes, lines


def broken(lengths: Sequence[float], crossings: Sequence[int], limit: float) -> list[int]:
    """Selects the ranks that begin a row: few full rows, split where few lines cross.

    Parameters
    ----------
    lengths : length of each rank, in pixels
    crossings : number of lines after each rank
    limit : length of a row in pixels
    """
    best: list[tuple[float, list[int]]] = [(0, [])]
    for end in range(1, len(lengths) + 1):
        options: list[tuple[float, list[int]]] = []
        for begin in range(end):
            length = sum(lengths[begin:end])
            if length > limit and end - begin > 1:
                continue
            spare = 0 if end == len(lengths) else max(1 - length / limit, 0)
            cost, begins = best[begin]
            options.append((cost + 1 + spare ** 2 + crossings[begin] ** 2 / 16, [*begins, begin]))
        best.append(min(options))
    return best[-1][1]


class _Arranger:
    """Works out an arrangement."""

    def __init__(self, boxes: Sequence[Box], limit: float):
        self.boxes = boxes
        sources = [sorted(set(box.sources)) for box in boxes]
        self.ranks = ranked(sources)
        self.lanes, self.edges = laned(sources, self.ranks)
        self.count = max(self.ranks, default=-1) + 1
        crossings = [len(self._crossing(rank)) for rank in range(self.count)]
        lengths = [self.deep[rank] + self.gaps[rank] for rank in range(self.count)]
        self.begins, self.margin = [0], 0
        for beside in range(1, max(crossings, default=0) + 1):
            if sum(lengths) <= limit or STEP * max(crossings[b] for b in self.begins
                                                   ) + ARROW <= self.margin:
                break
            self.margin = STEP * beside + ARROW
            self.begins = broken(lengths, crossings, limit - 2 * self.margin)

    @cached_property
    def deep(self) -> list[float]:
        """How much of the way each rank's boxes take."""
        return [max(box.along for box, its in zip(self.boxes, self.ranks, strict=True)
                    if its == rank) for rank in range(self.count)]

    @cached_property
    def gaps(self) -> list[float]:
        """The way from each rank to the next: what lines carry, their tracks, their arrows."""
        return [max(box.label for box, its in zip(self.boxes, self.ranks, strict=True)
                    if its == rank) + STEP * len(self._turning(rank)) + ARROW
                if rank + 1 < self.count else 0 for rank in range(self.count)]

    def _crossing(self, rank: int) -> list[Edge]:
        """The lines that come to a rank from before."""
        return [edge for edge in self.edges if self.ranks[edge[0]] < rank <= self.ranks[edge[1]]]

    def _lane(self, edge: Edge, rank: int) -> tuple[int, int]:
        """A line's lane where it passes a rank, and the place among the inputs of its end."""
        source, to = edge
        if rank == self.ranks[source]:
            return self.lanes[source], 0
        if rank < self.ranks[to]:
            return self.edges[edge], 0
        arriving = sorted((self.edges[e], e) for e in self.edges if e[1] == to)
        return self.lanes[to], [e for _, e in arriving].index(edge)

    def _turning(self, rank: int) -> list[Edge]:
        """The tracks behind a rank, by the line that turns there; lines of one box share a
        track. Lines that turn back stand first, and none crosses one that turns the same way."""
        found: dict[tuple[int, int], Edge] = {}
        for edge in self._crossing(rank + 1):
            if self._lane(edge, rank) != self._lane(edge, rank + 1):
                found.setdefault(edge if self.ranks[edge[0]] < rank else (edge[0], -1), edge)

        def order(edge: Edge) -> tuple[bool, int]:
            lane, after = self._lane(edge, rank)[0], self._lane(edge, rank + 1)[0]
            return after >= lane, lane if after < lane else -lane

        return sorted(found.values(), key=order)

    def arrangement(self) -> Arrangement:
        ends = [*self.begins[1:], self.count]
        self.row = [row for row, (begin, end) in enumerate(zip(self.begins, ends, strict=True))
                    for _ in range(begin, end)]
        self.start: list[float] = []
        for begin, end in zip(self.begins, ends, strict=True):
            at = self.margin
            for rank in range(begin, end):
                self.start.append(at)
                at += self.deep[rank] + self.gaps[rank]
        self.end = max((self.start[end - 1] + self.deep[end - 1]
                        + (self.gaps[end - 1] if end < self.count else 0) for end in ends
                        if end), default=0)
        self.middles: list[dict[int, float]] = []
        tops, bottoms, at = list[float](), list[float](), 0.
        for row, begin in enumerate(self.begins):
            self.gutter = STEP * len(self._crossing(begin)) + SPACE if row else 0.
            at += self.gutter
            tops.append(at)
            at = self._stack(begin, ends[row], at)
            bottoms.append(at)
        self.tops = tops
        cuts = [0., *(bottom + SPACE / 2 - 3 for bottom in bottoms[:-1]), at]
        return Arrangement([self._place(k) for k in range(len(self.boxes))],
                           [self._line(edge) for edge in sorted(self.edges)],
                           list(pairwise(cuts)), self.end + self.margin)

    def _stack(self, begin: int, end: int, at: float) -> float:
        """Gives a row's lanes their middles; returns where the row ends."""
        sizes: dict[int, float] = {}
        for rank in range(begin, end):
            for edge in self._crossing(rank):
                lane, _ = self._lane(edge, rank)
                sizes[lane] = max(sizes.get(lane, 0), THIN)
        for box, rank, lane in zip(self.boxes, self.ranks, self.lanes, strict=True):
            if begin <= rank < end:
                sizes[lane] = max(sizes.get(lane, 0), box.across)
        middles: dict[int, float] = {}
        for place, lane in enumerate(sorted(sizes)):
            at += SPACE if place else 0
            middles[lane] = at + sizes[lane] / 2
            at += sizes[lane]
        self.middles.append(middles)
        return at

    def _across(self, edge: Edge, rank: int) -> float:
        lane, port = self._lane(edge, rank)
        return self.middles[self.row[rank]][lane] + PORT * port

    def _place(self, box: int) -> Point:
        rank = self.ranks[box]
        return self.start[rank], self.middles[self.row[rank]][self.lanes[box]]

    def _line(self, edge: Edge) -> list[Point]:
        source, to = edge
        begin, middle = self._place(source)
        points: list[Point] = [(begin + self.boxes[source].along, middle)]
        for rank in range(self.ranks[source], self.ranks[to]):
            now, after = self._across(edge, rank), self._across(edge, rank + 1)
            if self.row[rank] != self.row[rank + 1]:
                points += self._return(edge, rank + 1, now, after)
            elif now != after:
                tracks = self._turning(rank)
                mine = next(k for k, e in enumerate(tracks) if e == edge or (
                    e[0] == source and self.ranks[source] == rank))
                track = self.start[rank + 1] - ARROW - STEP * (len(tracks) - mine - 1)
                points += [(track, now), (track, after)]
        return [*points, (self.start[self.ranks[to]], self._across(edge, self.ranks[to]))]

    def _return(self, edge: Edge, rank: int, now: float, after: float) -> list[Point]:
        """From the end of a row to the begin of the next, beside the others that do."""
        crossing = sorted(self._crossing(rank), key=lambda e: (
            self._across(e, rank - 1), self._across(e, rank), e))
        place, last = crossing.index(edge), len(crossing) - 1
        out = self.end + STEP * (last - place)
        back = self.margin - ARROW - STEP * place
        between = self.tops[self.row[rank]] - SPACE / 2 - STEP * place
        return [(out, now), (out, between), (back, between), (back, after)]

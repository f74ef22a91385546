"""The scheduler of the model: it visits parts until none of them can move a beat.

The result does not depend on the order of the visits. Parameters: see ``channel``."""

import numpy as np

from ..tools.compiled import Ints, njit
from . import codes, joins, parts
from .channel import I0, INFERENCE, MOVED, O0, Kind, ask, asked, at

__all__ = ["run"]


@njit
def _step(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
          period: int) -> None:
    kind = cells[p, 0]
    if kind == Kind.QUEUE:
        parts.queue(cells, p, ch, ring, todo, marks, period)
    elif kind == Kind.EXCHANGE:
        parts.exchange(cells, p, ch, ring, todo, marks, period)
    elif kind == Kind.PIPELINE:
        parts.pipeline(cells, p, tab, ch, ring, todo, marks, period)
    elif kind == Kind.ROWS:
        parts.rows(cells, p, tab, ch, ring, todo, marks, period)
    elif kind == Kind.SLIDE:
        parts.slide(cells, p, tab, ch, ring, todo, marks, period)
    elif kind == Kind.BANKS:
        parts.banks(cells, p, ch, ring, todo, marks, period)
    elif kind == Kind.FORK:
        joins.fork(cells, p, tab, ch, ring, todo, marks, period)
    elif kind == Kind.JOIN:
        joins.join(cells, p, ch, ring, todo, marks, period)
    elif kind == Kind.CONCAT:
        joins.concat(cells, p, tab, ch, ring, todo, marks, period)
    elif kind == Kind.TAKE:
        joins.take(cells, p, ch, ring, todo, marks, period)
    elif kind == Kind.RUNTIME:
        joins.runtime(cells, p, ch, ring, todo, marks, period)
    elif kind == Kind.START:
        joins.start(cells, p, ch, ring, todo, marks, period)
    elif kind == Kind.DECODER:
        codes.decoder(cells, p, tab, ch, ring, todo)
    else:
        codes.expand(cells, p, tab, ch, ring, todo, marks, period)


@njit
def run(cells: Ints, tab: Ints, ch: Ints, ring: Ints, ends: Ints, marks: Ints, count: int,
        period: int, gaps: Ints, later: Ints, latest: Ints) -> tuple[int, int]:
    """Plays all moves; returns the cycle of the first input beat, and the number of completed
    inferences."""
    size = len(cells)
    todo = np.zeros(3 + 2 * size, np.int64)
    todo[2] = size
    source, sink = -1, -1
    for k in range(size):
        ask(todo, k)
        if cells[k, 0] == Kind.SOURCE:
            source = cells[k, O0]
        elif cells[k, 0] == Kind.SINK:
            sink = cells[k, I0]
    first, place = -1, 0
    while todo[0]:
        p = asked(todo, place)
        place = place + 1 if place + 1 < size else 0
        if cells[p, 0] == Kind.SOURCE:
            parts.source(cells, p, ch, ring, todo, count, period, gaps)
        elif cells[p, 0] == Kind.SINK:
            parts.sink(cells, p, ch, ring, todo, marks, period, later, ends, latest)
        else:
            _step(cells, p, tab, ch, ring, todo, marks, period)
        if first < 0 and ch[source, MOVED]:
            first = at(ch, ring, source, 0)
    return first, ch[sink, INFERENCE]

"""The rules of forks and joins, and of units that work on whole vectors.

Parameters: see ``channel``.
"""


from ..tools.compiled import Ints, njit
from .channel import (
    I0,
    I1,
    MOVED,
    O0,
    O1,
    OFFERED,
    OFFERS,
    S0,
    TABLE,
    A,
    B,
    C,
    after,
    at,
    free,
    move,
    offer,
)

__all__ = ["concat", "fork", "join", "runtime", "start", "take"]


@njit
def fork(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
         period: int) -> None:
    """Offers a beat to each output, and takes it when the last output has."""
    i, outs = cells[p, I0], tab[cells[p, TABLE]:cells[p, TABLE] + cells[p, A]]
    if free(ch, i):
        return
    n = ch[i, MOVED]
    if ch[outs[0], OFFERS] == n:
        for o in outs:
            offer(ch, todo, o, max(ch[i, OFFERED], cells[p, B]))
    t = -1
    for o in outs:
        if ch[o, MOVED] == n:
            return
        t = max(t, at(ch, ring, o, n))
    move(ch, ring, todo, marks, period, i, t)


@njit
def join(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints, period: int) -> None:
    """Takes one beat of each of two channels together into a register."""
    i, j, o = cells[p, I0], cells[p, I1], cells[p, O0]
    n = ch[i, MOVED]
    if not free(ch, i) and not free(ch, j) and ch[o, MOVED] >= n:
        t = max(ch[i, OFFERED], ch[j, OFFERED])
        if n:
            t = max(t, at(ch, ring, o, n - 1))
        move(ch, ring, todo, marks, period, i, t)
        move(ch, ring, todo, marks, period, j, t)
    if free(ch, o) and ch[o, OFFERS] < ch[i, MOVED]:
        offer(ch, todo, o, after(ch, ring, o, at(ch, ring, i, ch[o, OFFERS]) + 1))


@njit
def concat(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
           period: int) -> None:
    """Passes on beats of several inputs in turn.

    States: the current input; its beats passed on in this turn; the beats of all inputs passed on.
    """
    o = cells[p, O0]
    if ch[o, MOVED] > cells[p, S0 + 2]:
        turn = cells[p, TABLE] + 2 * cells[p, S0]
        i, count = int(tab[turn]), tab[turn + 1]
        move(ch, ring, todo, marks, period, i, at(ch, ring, o, cells[p, S0 + 2]))
        cells[p, S0 + 2] += 1
        cells[p, S0 + 1] += 1
        if cells[p, S0 + 1] == count:
            cells[p, S0 + 1] = 0
            cells[p, S0] = (cells[p, S0] + 1) % cells[p, A]
    i = int(tab[cells[p, TABLE] + 2 * cells[p, S0]])
    if free(ch, o) and ch[o, MOVED] == cells[p, S0 + 2] and not free(ch, i):
        offer(ch, todo, o, after(ch, ring, o, ch[i, OFFERED]))


@njit
def take(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints, period: int) -> None:
    """Passes on beats ``A`` to ``A + B - 1`` of every ``C`` beats, and drops the others.

    States: the index of the next beat in its group of ``C``; whether that beat is offered."""
    i, o = cells[p, I0], cells[p, O0]
    if free(ch, i):
        return
    if cells[p, A] <= cells[p, S0] < cells[p, A] + cells[p, B]:
        if not cells[p, S0 + 1]:
            offer(ch, todo, o, ch[i, OFFERED])
            cells[p, S0 + 1] = 1
            return
        if not free(ch, o):
            return
        t = at(ch, ring, o, ch[o, MOVED] - 1)
    else:
        t = ch[i, OFFERED]
    move(ch, ring, todo, marks, period, i, t)
    cells[p, S0 + 1] = 0
    cells[p, S0] = (cells[p, S0] + 1) % cells[p, C]


@njit
def start(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints, period: int) -> None:
    """Offers ``A`` beats after reset, and then passes on those that come."""
    i, o, first = cells[p, I0], cells[p, O0], cells[p, A]
    if not free(ch, o):
        return
    n = ch[o, MOVED]
    if n > first + ch[i, MOVED]:
        move(ch, ring, todo, marks, period, i, at(ch, ring, o, n - 1))
    if n < first:
        offer(ch, todo, o, after(ch, ring, o, 0))
    elif not free(ch, i):
        offer(ch, todo, o, ch[i, OFFERED])


@njit
def runtime(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
            period: int) -> None:
    """Receives a vector, then emits a factor and the vector, before it receives the next."""
    i, o, f, length = cells[p, I0], cells[p, O0], cells[p, O1], cells[p, A]
    before = ch[i, MOVED] // length * length
    if not free(ch, i) and ch[o, MOVED] >= before:
        t = ch[i, OFFERED]
        if before:
            t = max(t, at(ch, ring, o, before - 1) + 1)
        move(ch, ring, todo, marks, period, i, t)
    v = ch[f, OFFERS]
    if free(ch, f) and ch[i, MOVED] >= (v + 1) * length:
        offer(ch, todo, f, at(ch, ring, i, (v + 1) * length - 1) + 1 + cells[p, B])
    m = ch[o, OFFERS]
    if free(ch, o) and ch[f, MOVED] > m // length:
        offer(ch, todo, o, after(ch, ring, o, at(ch, ring, f, m // length)))

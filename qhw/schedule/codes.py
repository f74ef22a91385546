"""The rules of weight decoders: symbols of different lengths, and gaps between values.

Parameters: see ``channel``.
"""

from ..tools.compiled import Ints, njit
from .channel import (
    I0,
    I1,
    MOVED,
    O0,
    OFFERED,
    OFFERS,
    S0,
    TABLE,
    A,
    B,
    C,
    D,
    E,
    after,
    at,
    free,
    move,
    offer,
)

__all__ = ["decoder", "expand"]


@njit
def _bits(cells: Ints, p: int, tab: Ints, n: int) -> int:
    """Computes the bits of the first ``n`` symbols of the repeated sequence."""
    count = cells[p, A]
    return n // count * tab[cells[p, TABLE] + count] + tab[cells[p, TABLE] + n % count]


@njit
def decoder(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints) -> None:
    """Decodes one symbol a cycle from words of ``B`` bits.

    A symbol needs as many buffered bits as the longest code has; the last symbol of the sequence
    also needs the padding of its word. States: words received; the cycle of the last one; symbols
    whose bits had left the buffer in that cycle."""
    o, count, word = cells[p, O0], cells[p, A], cells[p, B]
    if not free(ch, o):
        return
    n = ch[o, OFFERS]
    used = cells[p, TABLE] + count + 1
    mask = cells[p, E] - 1
    need = _bits(cells, p, tab, n) + cells[p, C]
    if n % count == count - 1:
        need += tab[used + cells[p, E]]
    while cells[p, S0] * word < need:
        t = cells[p, S0 + 1] + 1 if cells[p, S0] else cells[p, D]
        room = word * (cells[p, S0] - 2)
        if room > 0:
            while _bits(cells, p, tab, cells[p, S0 + 2]) < room:
                cells[p, S0 + 2] += 1
            t = max(t, tab[used + (cells[p, S0 + 2] - 1 & mask)] + 1)
        cells[p, S0], cells[p, S0 + 1] = cells[p, S0] + 1, t
    t = cells[p, S0 + 1] + 1
    if n:
        t = max(t, at(ch, ring, o, n - 1))
    tab[used + (n & mask)] = t
    offer(ch, todo, o, t + 1)


@njit
def expand(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
           period: int) -> None:
    """Emits as many beats for each pair of input beats as the repeated table tells.

    State: the number of output beats of all pairs before the last one."""
    i, j, o, count = cells[p, I0], cells[p, I1], cells[p, O0], cells[p, A]
    n = ch[i, MOVED]
    given = ch[o, MOVED]
    whole = cells[p, S0]
    if n:
        whole += tab[cells[p, TABLE] + (n - 1) % count]
    if given >= whole and not free(ch, i) and not free(ch, j):
        t = max(ch[i, OFFERED], ch[j, OFFERED])
        if n:
            t = max(t, at(ch, ring, o, given - 1))
        cells[p, S0] = whole
        move(ch, ring, todo, marks, period, i, t)
        move(ch, ring, todo, marks, period, j, t)
        whole += tab[cells[p, TABLE] + n % count]
    if free(ch, o) and ch[o, OFFERS] < whole:
        offer(ch, todo, o, after(ch, ring, o, at(ch, ring, i, ch[i, MOVED] - 1) + 1))

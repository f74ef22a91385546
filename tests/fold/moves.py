"""Steps of moves by hand, and their limits."""

import numpy as np

from qhw.fold.limits import Limits
from qhw.fold.trellis import Move, Trellis

__all__ = ["INF", "limits", "move", "steps", "two"]

INF = np.inf


def move(to, cycles, luts, brams=0, dsps=0, choice=None):
    return Move(to, cycles, np.array([luts, brams, dsps], float), choice)


def limits(*most, weights=(1, 1, 1)):
    return Limits(np.array(most, float), np.array(weights, float))


def steps(*every):
    """A trellis from moves by state, a dictionary a step."""
    made = Trellis("start")
    for moves in every:
        made.add(moves.__getitem__)
    return made


def two():
    """Two steps: A (4 cycles, 5 LUTs) or B (2, 9), then from A c (1, 2), from B d (3, 1), e (2, 4).

    Paths: A c 4 cycles 7 LUTs; B d 3 cycles 10 LUTs; B e 2 cycles 13 LUTs.
    """
    return steps({"start": [move("a", 4, 5, choice="A"), move("b", 2, 9, choice="B")]},
                 {"a": [move("end", 1, 2, choice="c")],
                  "b": [move("end", 3, 1, choice="d"), move("end", 2, 4, choice="e")]})

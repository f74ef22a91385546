"""A random file by its number."""

from itertools import count

from .forms import Qdq, Qonnx
from .maker import Impossible, Made
from .networks import network
from .operators import operators

__all__ = ["made"]

AGAIN = 1 << 40
"""Added to a number whose file cannot be finished, until it can."""


def made(seed: int) -> Made:
    """Two files in five of QDQ, two of QONNX, one of operators on codes."""
    for other in count(seed, AGAIN):
        try:
            kind = seed % 5
            return operators(other) if kind == 4 else network(other, Qdq if kind < 2 else Qonnx)
        except Impossible:
            continue
    raise AssertionError("unreachable")

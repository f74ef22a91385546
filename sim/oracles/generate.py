"""A random file by its number."""

from .forms import Qdq, Qonnx
from .maker import Made
from .networks import network
from .operators import operators

__all__ = ["made"]


def made(seed: int) -> Made:
    """Two files in five of QDQ, two of QONNX, one of operators on codes."""
    kind = seed % 5
    return operators(seed) if kind == 4 else network(seed, Qdq if kind < 2 else Qonnx)

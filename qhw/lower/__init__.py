"""From the network as described to integer layers: an ordered list of passes, a function each.

``PASSES`` up to ``tail`` take the real numbers out; those after leave the integers as they are.
"""

from ..graph import Graph
from ..tools.members import members
from .activations import activations
from .decode import decode
from .ending import ending
from .fold import EVERY, Folds, fold, for_family
from .head import head
from .largest import largest
from .pools import pools
from .products import products
from .start import start
from .tail import tail

__all__ = ["EVERY", "INTEGER_PASSES", "REAL_PASSES", "Folds", "lower"]

members(__name__, __path__)     # those with rules register them: see ``as_integers``

REAL_PASSES = (ending, head, pools, products, activations, largest, tail)
INTEGER_PASSES = (decode, start, fold)


def lower(graph: Graph, folds: Folds | None = None, *, cycles: int | None = None,
          family: str = "") -> Graph:
    """The integer layers, ready to become hardware, and after them the host's tail.

    ``folds`` gives (PE, SIMD) for layers by name, or (lanes,); the others keep what the model asks
    for, or get the default of ``fold``, or the least that makes an inference every ``cycles``
    cycles. ``family`` names the chips whose cells weights that are logic become.
    """
    graph = graph.check()
    for step in (*REAL_PASSES, decode, start):
        graph = step(graph).check()
    return fold(for_family(graph, family), folds, cycles).check()

"""Lowering: an ordered list of passes from the described network to integer layers.

The passes up to ``tail`` replace real numbers by integers; the passes after it do not change the
integers."""

from ..graph import AnyFolds, Graph
from ..tools.members import members
from .activations import activations
from .apart import apart
from .decode import decode
from .early import early
from .ending import ending
from .floats import floats
from .fold import EVERY, fold
from .head import head
from .heads import heads
from .largest import largest
from .pools import pools
from .products import products
from .start import start
from .tail import tail

__all__ = ["EVERY", "INTEGER_PASSES", "REAL_PASSES", "lower"]

members(__name__)     # modules with rules register them: see ``as_integers``

REAL_PASSES = (floats, apart, ending, head, early, pools, products, activations, largest, heads,
               tail)
INTEGER_PASSES = (decode, start)
"""Before ``fold``, which has options."""


def lower(graph: Graph, folds: AnyFolds | None = None, *, cycles: int | None = None,
          family: str = "") -> Graph:
    """Lowers a graph to integer layers, with the host's layers after them.

    ModelError if a layer cannot become hardware, or a fold does not fit.

    Parameters
    ----------
    graph : the described network
    folds : folds by layer; other layers keep the model's fold
    cycles : most cycles of an inference; layers without a fold get the fewest lanes that reach it
    family : chip family whose cells implement weights in logic; empty for none"""
    graph = graph.check()
    for step in (*REAL_PASSES, *INTEGER_PASSES):
        graph = step(graph).check()
    return fold(graph, folds, cycles, family).check()

"""Cycles of a product behind whole windows, which move pixels only while the product takes them."""

from functools import lru_cache

from ..graph import Tensor
from ..hw.streams.packing import converted, parts
from ..ops import MatVec, Windows
from ..schedule import Net

__all__ = ["together"]

INFERENCES = 4
"""Inferences that are played until they follow each other in equal distances."""


@lru_cache(maxsize=1024)
def together(window: Windows, product: MatVec, image: Tensor, vectors: Tensor) -> int:
    """Computes the interval of a window and the product behind it, in cycles, by playing both.

    Parameters
    ----------
    window, product : the layers at their folds
    image, vectors : their inputs
    """
    net = Net()
    o = window.stream(net, (net.source(image.size // window.i_lanes),), image)
    before = window.o_packing
    for to, vector in converted(before, product.i_packing):
        resized = net.widen if to.lanes > before.lanes else net.narrow
        o, before = resized(o, *parts(before.lanes, to.lanes, vector)), to
    net.sink(product.stream(net, (o,), vectors))
    ends = net.play(INFERENCES).ends
    return int(ends[-1] - ends[-2])

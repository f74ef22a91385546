"""Cycles of a product behind whole windows, which move pixels only while the product takes them."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..graph import Tensor
from ..hw.streams.packing import converted, parts
from ..hw.streams.wide_window import WideWindow
from ..ops import MatVec, Windows
from ..schedule import Net

__all__ = ["together"]

INFERENCES = 4
"""Inferences that are played until they follow each other in equal distances."""


@lru_cache(maxsize=4096)
def together(window: Windows, product: MatVec, image: Tensor, vectors: Tensor) -> int:
    """Computes the interval of a window and the product behind it, in cycles.

    It is that of the slower one, if a product never waits for a window, or takes one in each cycle;
    otherwise both are played.

    Parameters
    ----------
    window, product : the layers at their folds
    image, vectors : their inputs
    """
    unit = window.unit(image)
    assert isinstance(unit, WideWindow)
    gives = np.flatnonzero(unit.steps[1])
    farthest = np.diff([*gives, gives[0] + len(unit.steps[1])]).max()
    cycles = product.interval(vectors)
    if product.regular and cycles > farthest * len(gives):
        return cycles
    if cycles == len(gives) and window.o_packing == product.i_packing:
        return window.interval(image)
    return _interval(_Pair(net := _net(window, product, image, vectors), net.parts))


def _net(window: Windows, product: MatVec, image: Tensor, vectors: Tensor) -> Net:
    """Makes the net of both, with the width converter between them."""
    net = Net()
    o = window.stream(net, (net.source(image.size // window.i_lanes),), image)
    before = window.o_packing
    for to, vector in converted(before, product.i_packing):
        resized = net.widen if to.lanes > before.lanes else net.narrow
        o, before = resized(o, *parts(before.lanes, to.lanes, vector)), to
    net.sink(product.stream(net, (o,), vectors))
    return net


@dataclass(frozen=True)
class _Pair:
    """A net, equal to others of the same parts."""

    net: Net = field(compare=False)
    parts: tuple[object, ...]


@lru_cache(maxsize=1024)
def _interval(pair: _Pair) -> int:
    ends = pair.net.play(INFERENCES).ends
    return int(ends[-1] - ends[-2])

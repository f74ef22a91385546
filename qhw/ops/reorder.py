"""Other orders of elements: upsampling, depth to space, transposition."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd, prod
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .. import limits
from ..errors import ModelError
from ..graph import Op
from ..graph.tensor import Tensor
from ..hw.streams.reorder import Loop, ReorderUnit
from ..layers.spec import Arrays, Said, Spec, Strict, Whole
from ..schedule import Channel, Net, paced
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["Reorder", "depth_to_space", "enlarge", "space_to_depth", "tiled", "transpose"]


@dataclass(frozen=True)
class Reorder(Lanewise):
    """Reads each block of ``block`` elements by nested loops of (count, stride), the last loop
    innermost, from its element ``start`` on; a loop may have offsets in place of a stride.

    An element may be read several times or never. ``shape`` is the output's shape."""

    kind = "reorder"
    raw = True
    moves = True

    block: int
    loops: tuple[Loop, ...]
    shape: tuple[int, ...]
    pe: int = 1
    start: int = 0

    @property
    def made(self) -> int:
        """Number of output elements of a block."""
        return prod(count for count, _ in self.loops)

    @cached_property
    def order(self) -> np.ndarray:
        """For each output element, its index in the block, (elements,)."""
        places = np.array(self.start)
        for loop in self.loops:
            places = places[..., None] + _offsets(loop)
        return places.ravel()

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if x.size % self.block or x.size // self.block * self.made != prod(self.shape):
            raise ModelError(f"blocks of {self.block} in {x.shape} do not become {self.shape}")
        return replace(x, shape=self.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x.reshape(len(x), -1, self.block)[:, :, self.order].reshape(len(x), *self.shape)

    def divided(self, *xs: Tensor) -> int:
        """Returns the number of neighbouring elements that stay neighbours in the output."""
        *outer, (count, stride) = self.loops
        apart = [s for loop in outer for s in _offsets(loop).tolist()]
        return gcd(count, self.block, self.start, *apart) if stride == 1 else 1

    def _beats(self) -> tuple[Loop, ...]:
        *outer, (count, stride) = self.loops
        return (*((n, s // self.pe if isinstance(s, int) else tuple(v // self.pe for v in s))
                  for n, s in outer), (count // self.pe, stride))

    def unit(self, *xs: Tensor) -> Component:
        return ReorderUnit(xs[0].integer.shape, self.pe, self.block // self.pe, self._beats(),
                           self.start // self.pe)

    def interval(self, *xs: Tensor) -> int:
        return xs[0].size // self.block * max(self.block, self.made) // self.pe

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        return net.banks(ins[0], self.block // self.pe, self.made // self.pe, whole=True)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        block, made = self.block // self.pe, self.made // self.pe
        there = paced(arrivals)[block - 1::block]
        return (paced(there + 1, made)[:, None] + 1 + np.arange(made)).ravel()


def _offsets(loop: Loop) -> np.ndarray:
    """Where each step of a loop begins, (steps,)."""
    count, stride = loop
    return np.arange(count) * stride if isinstance(stride, int) else np.array(stride)


def enlarge(shape: tuple[int, ...], rows: int, columns: int) -> Reorder:
    """Repeats each pixel ``rows`` times vertically and ``columns`` times horizontally (nearest
    neighbour); ``shape`` is (height, width, channels)."""
    h, w, c = shape
    return Reorder(w * c, ((rows, 0), (w, c), (columns, 0), (c, 1)), (h * rows, w * columns, c))


def depth_to_space(shape: tuple[int, ...], size: int, *, columns_first: bool) -> Reorder:
    """Moves channels into ``size`` x ``size`` pixels: ONNX's mode DCR, or CRD if ``columns_first``.

    ``shape`` is (height, width, channels); ``size`` is in pixels.
    """
    h, w, c = shape
    left = c // size**2
    i, j, k = (size, 1, size**2) if columns_first else (size * left, left, 1)
    return Reorder(w * c, ((size, i), (w, c), (size, j), (left, k)), (h * size, w * size, left))


def tiled(shape: tuple[int, int, int], rows: int, columns: int) -> Reorder:
    """Makes the operation that moves channels into blocks of ``rows`` x ``columns`` pixels;
    ``shape`` is (height, width, channels)."""
    h, w, c = shape
    left = c // (rows * columns)
    loops = ((rows, columns * left), (w, c), (columns, left), (left, 1))
    return Reorder(w * c, loops, (h * rows, w * columns, left))


def space_to_depth(shape: tuple[int, ...], size: int) -> Reorder:
    """Moves the ``size`` x ``size`` pixels of each block into channels; ``shape`` is (height,
    width, channels)."""
    h, w, c = shape
    return Reorder(size * w * c, ((w // size, size * c), (size, w * c), (size, c), (c, 1)),
                   (h // size, w // size, size**2 * c))


def transpose(shape: tuple[int, ...], axes: tuple[int, ...]) -> Reorder:
    """Reorders the dimensions to ``axes``; the unit holds a whole tensor."""
    strides = [prod(shape[a + 1:]) for a in range(len(shape))]
    return Reorder(prod(shape), tuple((shape[a], strides[a]) for a in axes),
                   tuple(shape[a] for a in axes))


Offset = Annotated[Whole, Field(ge=-limits.LAYER_ELEMENTS, le=limits.LAYER_ELEMENTS)]


class LoopSpec(Strict):
    """A loop, with a stride or with the offset of each step."""

    count: Annotated[Whole, Field(ge=1, le=limits.LAYER_ELEMENTS)]
    stride: Offset | None = None
    offsets: list[Offset] | None = None

    @property
    def loop(self) -> Loop:
        """The loop; ValueError if it is none."""
        if (self.stride is None) == (self.offsets is None):
            raise ValueError("A loop has either a stride or offsets")
        if self.offsets is not None and len(self.offsets) != self.count:
            raise ValueError(f"A loop of {self.count} has {len(self.offsets)} offsets")
        return self.count, tuple(self.offsets or ()) if self.stride is None else self.stride


class ReorderSpec(Spec):
    type: Literal["reorder"]
    block: Annotated[Whole, Field(ge=1, le=limits.LAYER_ELEMENTS)]
    start: Annotated[Whole, Field(ge=0)] = 0
    shape: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1, max_length=4)]
    loops: Annotated[list[LoopSpec], Field(min_length=1, max_length=8)]

    def op(self, arrays: Arrays) -> Reorder:
        """Makes the layer; ValueError if its loops leave the block, or make too much."""
        made = Reorder(self.block, tuple(loop.loop for loop in self.loops), tuple(self.shape),
                       start=self.start)
        if made.made > limits.LAYER_ELEMENTS:
            raise ValueError(f"Its loops make {made.made} elements, more than "
                             f"{limits.LAYER_ELEMENTS}")
        ends = [(int(found.min()), int(found.max())) for found in map(_offsets, made.loops)]
        least, most = (made.start + sum(end) for end in zip(*ends, strict=True))
        if least < 0 or most >= self.block:
            raise ValueError(f"Its loops read the elements {least} to {most} of {self.block}")
        return made

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Reorder):
            return None
        loops = [{"count": n} | ({"stride": s} if isinstance(s, int) else {"offsets": list(s)})
                 for n, s in op.loops]
        start = {"start": op.start} if op.start else {}
        return {"block": op.block, **start, "shape": list(op.shape), "loops": loops}, {}

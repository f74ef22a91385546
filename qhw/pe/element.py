"""What a processing element answers: the gates that make a row of codes and activations a sum.

The families are ``BitPlanes``, ``ShiftAdd``, ``Multiply``, ``Floats``, ``Bins`` and ``Tables``; a
scheme chooses one and gives its parameters. The sum a family computes may be short of the exact
one by what depends on the weights alone, the *rest*, where the accumulator starts for free.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from amaranth.hdl import Module, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ..exact.formats import Wire
from ..exact.num import Int

__all__ = ["Dot", "Element"]


class Element(ABC):
    """One processing element's gates; subclasses are frozen dataclasses."""

    bits: int
    """Bits of one code."""
    group: int = 1
    """Inputs that one code stands for."""
    parts: int = 1
    """Sums an output has; what they are multiplied by comes after the accumulators."""

    @property
    def codes(self) -> np.ndarray:
        """Every code that occurs."""
        return np.arange(1 << self.bits)

    @abstractmethod
    def weights(self, codes: np.ndarray) -> np.ndarray:
        """What inputs are multiplied by: (rows, codes) to int64 (rows, parts, inputs)."""

    @abstractmethod
    def dot(self, x: list[Any], w: list[Value]) -> list[Value]:
        """The gates: ``parts`` sums over the lanes, each less its rest."""

    # -- what follows; a family overrides only what it changes

    def rest(self, codes: np.ndarray, x: Wire) -> np.ndarray:
        """(rows, parts): by how much the exact sums exceed the gates'."""
        return np.zeros((len(codes), self.parts), np.int64)

    def term(self, x: Wire) -> Int:
        """What one code adds to a sum of the gates."""
        codes = self.codes.reshape(-1, 1)
        weights, rest = self.weights(codes), self.rest(codes, x)
        ends = [np.minimum(weights * x.value.lo, weights * x.value.hi).sum(2) - rest,
                np.maximum(weights * x.value.lo, weights * x.value.hi).sum(2) - rest]
        return Int(int(ends[0].min()), int(ends[1].max()))

    def row(self, lanes: int) -> data.ArrayLayout:
        """The codes that one element reads in a cycle."""
        return data.ArrayLayout(self.bits, lanes // self.group)

    def common_layout(self, x: Wire, lanes: int) -> data.ArrayLayout:
        return data.ArrayLayout(x.shape, lanes)

    def common(self, x: list[Value], shared: list[Value]) -> list[Value]:
        """What a tile's elements have in common: the activations, or what is made of them once."""
        return x

    def suited(self, outputs: int) -> "Element":
        """The same sums by the gates that are fewest where so many elements stand in a tile."""
        return self

    def shared(self, inputs: int) -> tuple[np.ndarray, Int] | None:
        """Constants that come with the inputs, (inputs, constants an input), if there are any."""
        return None


class Dot(wiring.Component):
    """One processing element: what its lanes add up to, combinational."""

    x: data.View
    w: data.View
    y: Any

    def __init__(self, element: Element, x: Wire, lanes: int):
        self.element = element
        sum_ = element.term(x).times(lanes // element.group)
        super().__init__({
            "x": In(element.common_layout(x, lanes)),
            "w": In(element.row(lanes)),
            "y": Out(sum_.shape if element.parts == 1 else
                     data.ArrayLayout(sum_.shape, element.parts)),
        })

    @property
    def sums(self) -> list[Any]:
        return [self.y] if self.element.parts == 1 else list(self.y)

    def elaborate(self, platform):
        m = Module()
        sums = self.element.dot(list(self.x), [Value.cast(w) for w in self.w])
        m.d.comb += [y.eq(sum_) for y, sum_ in zip(self.sums, sums, strict=True)]
        return m

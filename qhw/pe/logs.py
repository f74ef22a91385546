"""Shifts weights by activations that are powers of two: the barrel shifter with its operands
swapped.

Hubara et al., "Quantized Neural Networks", 2016 (arXiv 1609.07061), section 3, and Miyashita et
al., 2016 (arXiv 1603.01025), section 3.1, for logarithmic activations."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..exact.formats import Power
from ..tools.typed import computed
from .element import Element
from .gates import adder_tree, masked
from .multiply import decoded
from .shiftadd import present, shifted

if TYPE_CHECKING:
    from amaranth.hdl import Value

__all__ = ["Logs"]


@dataclass(frozen=True, eq=False)
class Logs(Element):
    """The weights are the integers ``values`` by code, of which only ``used`` occur; activations
    have format ``x``."""

    values: np.ndarray
    used: np.ndarray
    x: Power

    @computed
    def bits(self):
        """Bits of one weight code."""
        return max((len(self.values) - 1).bit_length(), 1)

    @property
    def codes(self) -> np.ndarray:
        """Every weight code in use, (codes,)."""
        return self.used

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, inputs) to integers, (rows, 1, inputs)."""
        return self.values[codes.astype(np.int64)][:, None]

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds an adder tree of weights, each shifted and negated by its activation."""
        weights = decoded(w, self.values)
        return [adder_tree(self._product(a, b) for a, b in zip(x, weights, strict=True))]

    def _product(self, x: "Value", weight: "Value") -> "Value":
        from amaranth.hdl import Mux
        signed = Mux(x[-1], -weight, weight) if self.x.signed else weight
        moved, on = shifted(signed, x, self.x), present(x, self.x)
        kept = moved if on is None else masked(moved, on)
        return kept.as_signed() if moved.shape().signed else kept

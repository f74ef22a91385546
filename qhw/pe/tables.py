"""Product quantization: a code selects a vector of weights, and all outputs share the products.

Wu et al., "Quantized Convolutional Neural Networks for Mobile Devices", 2016 (arXiv 1512.06473),
section 3.1: the inner products of a piece of the input with all codewords form a table, computed
once for all outputs; each output adds the entries that its codes select. If a tile has far fewer
outputs than a table has words, each output multiplies the words that its codes select instead.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..exact.formats import Wire
from ..exact.num import Int
from ..tools.typed import computed
from .element import Element
from .gates import adder_tree, array, selected

if TYPE_CHECKING:
    from amaranth.hdl import Value

    from ..tools.hdl import ArrayLayout

__all__ = ["Tables"]


@dataclass(frozen=True, eq=False)
class Tables(Element):
    """``codewords`` (pieces, words, length): the words for each piece of ``length`` inputs, or one
    set of words for all pieces."""

    codewords: np.ndarray
    table: bool = True
    """Whether the tile computes the products with all words once, for all outputs."""

    @computed
    def bits(self):
        """Bits of one code."""
        return max((self.codewords.shape[1] - 1).bit_length(), 1)

    @computed
    def group(self) -> int:
        """Inputs covered by one code: the length of a piece."""
        return self.codewords.shape[2]

    @property
    def codes(self) -> np.ndarray:
        """Every code, (words,)."""
        words: int = self.codewords.shape[1]
        return np.arange(words)

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, pieces) to integer weights, (rows, 1, inputs)."""
        count: int = codes.shape[1]
        pieces = np.arange(count) if len(self.codewords) > 1 else np.zeros(count, np.int64)
        return self.codewords[pieces, codes.astype(np.int64)].reshape(len(codes), 1, -1)

    def term(self, x: Wire) -> Int:
        """Computes the interval of one piece's inner product."""
        up = np.maximum(self.codewords, 0).sum(2), np.minimum(self.codewords, 0).sum(2)
        lo = up[0] * x.value.lo + up[1] * x.value.hi
        hi = up[0] * x.value.hi + up[1] * x.value.lo
        return Int(int(lo.min()), int(hi.max()))

    def shared(self, inputs: int) -> tuple[np.ndarray, Int] | None:
        """Returns the words' weights for each input of the pieces, (inputs, words), and their
        interval."""
        pieces = -(-inputs // self.group)
        words = np.broadcast_to(self.codewords, (pieces, *self.codewords.shape[1:])) if len(
            self.codewords) == 1 else self.codewords[:pieces]
        return words.swapaxes(1, 2).reshape(inputs, -1), Int.of(self.codewords)

    def suited(self, outputs: int) -> "Tables":
        """Selects the table of products if the tile has at least half as many outputs as a table
        has words, otherwise multipliers."""
        return replace(self, table=2 * outputs >= len(self.codes))

    def common_layout(self, x: Wire, lanes: int) -> "ArrayLayout":
        """Lays out the table of products, or the activations followed by the words' weights."""
        if not self.table:
            words = lanes * len(self.codes)
            return array((x.value | Int.of(self.codewords)).shape, lanes + words)
        return array(self.term(x).shape, lanes // self.group * len(self.codes))

    def common(self, x: "list[Value]", shared: "list[Value]") -> "list[Value]":
        """Builds the table: each piece's product with each of its words; without a table, a copy of
        both."""
        if not self.table:
            return [*x, *shared]
        d, words = self.group, len(self.codes)
        return [adder_tree(x[k] * shared[k * words + word] for k in range(p * d, p * d + d))
                for p in range(len(x) // d) for word in range(words)]

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds an adder tree of selected products, or of activations times selected weights."""
        words = len(self.codes)
        if not self.table:
            x, weights = x[:len(w) * self.group], x[len(w) * self.group:]
            return [adder_tree(
                a * selected(w[k // self.group], weights[k * words:(k + 1) * words])
                for k, a in enumerate(x))]
        return [adder_tree(selected(b, x[p * words:p * words + words]) for p, b in enumerate(w))]

"""Product quantization: a code chooses a vector of weights, and the products are shared.

Wu et al., "Quantized Convolutional Neural Networks for Mobile Devices", 2016 (arXiv 1512.06473),
section 3.1: the inner products of a piece of the input with all codewords go into a table, once
for all outputs, and each output adds up the entries that its codes choose. Where far fewer outputs
are made at a time than a table has words, each multiplies the words that its codes choose.
"""

from dataclasses import dataclass, replace

import numpy as np
from amaranth.lib import data

from ..exact.num import Int
from .element import Element
from .gates import adder_tree, selected

__all__ = ["Tables"]


@dataclass(frozen=True, eq=False)
class Tables(Element):
    """``codewords`` is (pieces, words, length): each piece of ``length`` inputs has its own words,
    or all have the same if there is one piece.
    """

    codewords: np.ndarray
    table: bool = True
    """Whether the products with all words are made, once for all outputs."""

    @property
    def bits(self):
        return max((self.codewords.shape[1] - 1).bit_length(), 1)

    @property
    def group(self):
        return self.codewords.shape[2]

    @property
    def codes(self):
        return np.arange(self.codewords.shape[1])

    def weights(self, codes):
        pieces = np.arange(codes.shape[1]) if len(self.codewords) > 1 else np.zeros(
            codes.shape[1], np.int64)
        return self.codewords[pieces, codes.astype(np.int64)].reshape(len(codes), 1, -1)

    def term(self, x):
        up = np.maximum(self.codewords, 0).sum(2), np.minimum(self.codewords, 0).sum(2)
        lo = up[0] * x.value.lo + up[1] * x.value.hi
        hi = up[0] * x.value.hi + up[1] * x.value.lo
        return Int(int(lo.min()), int(hi.max()))

    def shared(self, inputs):
        """(inputs, words): the words' weights for each input of the pieces."""
        pieces = -(-inputs // self.group)
        words = np.broadcast_to(self.codewords, (pieces, *self.codewords.shape[1:])) if len(
            self.codewords) == 1 else self.codewords[:pieces]
        return words.swapaxes(1, 2).reshape(inputs, -1), Int.of(self.codewords)

    def suited(self, outputs):
        return replace(self, table=2 * outputs >= len(self.codes))

    def common_layout(self, x, lanes):
        if not self.table:
            words = lanes * len(self.codes)
            return data.ArrayLayout((x.value | Int.of(self.codewords)).shape, lanes + words)
        return data.ArrayLayout(self.term(x).shape, lanes // self.group * len(self.codes))

    def common(self, x, shared):
        """The table: the product of each piece with each of its words; or both as they are."""
        if not self.table:
            return [*x, *shared]
        d, words = self.group, len(self.codes)
        return [adder_tree(x[k] * shared[k * words + word] for k in range(p * d, p * d + d))
                for p in range(len(x) // d) for word in range(words)]

    def dot(self, x, w):
        words = len(self.codes)
        if not self.table:
            x, weights = x[:len(w) * self.group], x[len(w) * self.group:]
            return [adder_tree(
                a * selected(w[k // self.group], weights[k * words:(k + 1) * words])
                for k, a in enumerate(x))]
        return [adder_tree(selected(b, x[p * words:p * words + words]) for p, b in enumerate(w))]

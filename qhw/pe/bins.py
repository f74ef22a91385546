"""Add the activations up by code, and multiply each sum once: a gather instead of products.

Han et al., "Deep Compression", 2016 (arXiv 1510.00149), section 3, shares weights by code; an
output then needs as many multiplications as there are codes, not as many as inputs.
"""

from dataclasses import dataclass

import numpy as np

from .element import Element
from .gates import adder_tree, excess, masked, raised

__all__ = ["Bins"]


@dataclass(frozen=True)
class Bins(Element):
    """Codes of ``bits`` bits; a sum for each of those in ``bins``, and none for the others."""

    bits: int
    bins: tuple[int, ...]
    others: tuple[int, ...] = ()
    """Codes that occur and stand for zero."""

    @property
    def parts(self):
        return len(self.bins)

    @property
    def codes(self):
        return np.array(sorted((*self.bins, *self.others)))

    def weights(self, codes):
        return (codes[:, None, :] == np.array(self.bins)[:, None]).astype(np.int64)

    def dot(self, x, w):
        return [adder_tree(raised(masked(a, b == k), a) for a, b in zip(x, w, strict=True))
                for k in self.bins]

    def rest(self, codes, x):
        raised_by, _ = excess(x.value)
        return np.full((len(codes), self.parts), -codes.shape[1] * raised_by)

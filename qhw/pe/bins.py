"""Bins: activations are summed by weight code, then each sum is multiplied once (gather).

Han et al., "Deep Compression", 2016 (arXiv 1510.00149), section 3, shares weights by code. An
output needs one multiplication for each code instead of one for each input."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..exact.formats import Wire
from ..tools.typed import computed
from .element import Element
from .gates import adder_tree, excess, masked, raised

if TYPE_CHECKING:
    from amaranth.hdl import Value

__all__ = ["Bins"]


@dataclass(frozen=True)
class Bins(Element):
    """Codes of ``bits`` bits, with one sum for each code in ``bins`` and none for other codes."""

    bits: int
    bins: tuple[int, ...]
    others: tuple[int, ...] = ()
    """Codes in use that stand for zero."""

    @computed
    def parts(self):
        """Number of sums of an output: one for each bin."""
        return len(self.bins)

    @property
    def codes(self) -> np.ndarray:
        """Every code in use, ascending, (codes,)."""
        return np.array(sorted((*self.bins, *self.others)))

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Returns 1 where a code belongs to a bin, (rows, bins, inputs)."""
        return (codes[:, None, :] == np.array(self.bins)[:, None]).astype(np.int64)

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds one masked adder tree a bin; each sum exceeds the exact one by a constant."""
        return [adder_tree(raised(masked(a, b == k), a) for a, b in zip(x, w, strict=True))
                for k in self.bins]

    def rest(self, codes: np.ndarray, x: Wire) -> np.ndarray:
        """Returns minus the constant that ``raised`` adds in every lane, (rows, bins)."""
        raised_by, _ = excess(x.value)
        return np.full((len(codes), self.parts), -codes.shape[1] * raised_by)

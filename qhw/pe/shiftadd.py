"""Shift and add: barrel shifters for weights that are sums of a few signed powers of two.

Gudovskiy and Rigazio, "ShiftCNN", 2017 (arXiv 1706.02393), section 3, for several terms and for the
shared expansion of each input (ShiftALU). With one term and no shift, weights are ternary."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..exact.formats import Power, Wire
from ..exact.num import Int
from ..tools.typed import computed
from .element import Element
from .gates import adder_tree, array, excess, masked, signed_by

if TYPE_CHECKING:
    from amaranth.hdl import Value

    from ..tools.hdl import ArrayLayout

__all__ = ["ShiftAdd", "present", "shifted"]


def shifted(x: "Value", code: "Value", term: Power) -> "Value":
    """Shifts ``x`` by the power in ``code``; the result is meaningful where the term is not zero.

    Parameters
    ----------
    x : the number to shift, any shape of bits
    code : the term's code, its sign bit ignored
    term : the format of ``code``
    """
    if term.powers == 1:
        return x.shift_left(term.offset)
    field = code[:term.field]
    wide = (x << (~field if term.by_index else field))[:len(x) + term.powers - 1]
    return (wide.as_signed() if x.shape().signed else wide).shift_left(term.offset)


def present(code: "Value", term: Power) -> "Value | None":
    """Builds the bit that is 1 where the term in ``code`` is not zero; None if it never is zero."""
    if not term.zero:
        return None
    return code[:term.field].any() if term.by_index else code[term.field]


@dataclass(frozen=True)
class ShiftAdd(Element):
    """A weight is the sum of its ``terms``; the first term has the lowest bits of the code.

    With ``expand`` the tile makes each activation and its negative once, shifted by constants, and
    an element only selects among them: the precomputed tensor of ShiftCNN.
    """

    terms: tuple[Power, ...]
    expand: bool = False
    chained: bool = False

    @computed
    def bits(self):
        """Bits of one code, all terms together."""
        return sum(t.bits for t in self.terms)

    @property
    def places(self) -> list[int]:
        """The lowest bit of each term's field, and the code's width last."""
        return np.cumsum([0, *(t.bits for t in self.terms)]).tolist()

    @property
    def codes(self) -> np.ndarray:
        """Every code in use, ascending, (codes,)."""
        every = np.zeros(1, np.int64)
        for term, place in zip(self.terms, self.places, strict=False):
            every = (every[:, None] | term.codes << place).ravel()
        return np.sort(every)

    def split(self, codes: np.ndarray) -> list[np.ndarray]:
        """Splits codes, of any shape, into one array of codes for each term."""
        return [codes.astype(np.int64) >> place & (1 << t.bits) - 1
                for t, place in zip(self.terms, self.places, strict=False)]

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes, of any shape, to integers."""
        return np.sum([t.decode(c) for t, c in zip(self.terms, self.split(codes), strict=True)],
                      axis=0)

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, inputs) to integers, (rows, 1, inputs)."""
        return self.values(codes)[:, None]

    def _fields(self, w: "Value") -> "list[tuple[Power, Value]]":
        return [(t, w[place:place + t.bits])
                for t, place in zip(self.terms, self.places, strict=False)]

    # A term shifts x, 0 or ~x = -x - 1, so no summand is negative. The error depends on the weights
    # alone, and `rest` removes it in the accumulator's start value.

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds an adder tree over lanes and terms of shifted, optionally complemented
        activations."""
        if self.expand:
            return [self._selected(x, w)]
        return [adder_tree(shifted(signed_by(a, c[-1], present(c, t)), c, t)
                           for a, b in zip(x, w, strict=True) for t, c in self._fields(b))]

    def rest(self, codes: np.ndarray, x: Wire) -> np.ndarray:
        """Returns exact minus computed sums, (rows, 1): 0 with ``expand``."""
        if self.expand:
            return np.zeros((len(codes), 1), np.int64)
        more, less = excess(x.value)
        values = [t.decode(c) for t, c in zip(self.terms, self.split(codes), strict=True)]
        each = [np.where(v < 0, -v * less, v * more).sum(1) for v in values]
        return -np.sum(each, axis=0)[:, None]

    # -- the shared expansion: each activation and its negative; a shift by a constant is wires

    def common_layout(self, x: Wire, lanes: int) -> "ArrayLayout":
        """Lays out the activations, with ``expand`` each followed by its negative."""
        if not self.expand:
            return super().common_layout(x, lanes)
        return array((x.value | Int(-x.value.hi, -x.value.lo)).shape, 2 * lanes)

    def common(self, x: "list[Value]", shared: "list[Value]") -> "list[Value]":
        """Builds each activation's negative once if ``expand``; shifts by constants are wires."""
        return [v for a in x for v in (a, -a)] if self.expand else x

    def _selected(self, x: "list[Value]", w: "list[Value]") -> "Value":
        pairs = list(zip(x[::2], x[1::2], strict=True))
        return adder_tree(self._choose(t, c, *pair) for pair, b in zip(pairs, w, strict=True)
                          for t, c in self._fields(b))

    def _choose(self, t: Power, code: "Value", plus: "Value", minus: "Value") -> "Value":
        """Builds the multiplexer among the products of one input with this term's powers."""
        from amaranth.hdl import Cat, Const
        width = len(plus) + t.offset + t.powers - 1
        found: Value = Const(0, width)
        for c in t.codes.tolist():
            power = int(abs(t.decode(np.array(c)))).bit_length() - 1
            if power >= 0:
                source = minus if c >> t.bits - 1 else plus
                wide = Cat(Const(0, power), source, source[-1].replicate(
                    width - power - len(source)))
                found |= masked(wide, code == c)
        return found.as_signed()

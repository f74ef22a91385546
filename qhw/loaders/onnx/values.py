"""Values of an ONNX graph's tensors while it is read: constants, and outputs of our layers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ... import limits

__all__ = ["Absent", "Constant", "Flow", "Lost", "Unsupported", "claimed"]


MOST_WHOLE = 1 << 31
"""Beyond which numbers without a quantizer are no integer weights."""


class Unsupported(Exception):
    """A node cannot be read; the message has the reason, ``help`` a remedy if there is one."""

    def __init__(self, reason: str, help: str = ""):
        super().__init__(reason)
        self.help = help


@dataclass(frozen=True, eq=False)
class Constant:
    """A constant parameter. A quantized one is ``scale * integers``; ``scale`` and ``integers``
    broadcast to the shape of ``value``. ``name`` is that of the file's tensor with its elements."""

    value: np.ndarray
    integers: np.ndarray | None = None
    scale: np.ndarray | None = None
    name: str = ""

    @classmethod
    def quantized(cls, integers: np.ndarray, scale: np.ndarray) -> "Constant":
        """Makes a constant of ``integers``, of any shape, times ``scale``, which broadcasts to it.
        """
        scale = np.broadcast_to(scale.astype(np.float64), integers.shape)
        return cls(integers * scale, integers, scale)

    @property
    def weights(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Returns integers and scale; None for float weights: a parameter without a quantizer that
        is not whole numbers."""
        if self.integers is not None and self.scale is not None:
            return self.integers, self.scale
        whole = np.rint(self.value)
        if not np.array_equal(whole, self.value) or np.abs(whole).max(initial=0) >= MOST_WHOLE:
            return None
        return whole.astype(np.int64), np.ones(self.value.shape)

    def moved(self, how: Callable[[np.ndarray], np.ndarray]) -> "Constant":
        """Moves the elements; ``how`` maps an array to a rearranged array."""
        return Constant(how(self.value), None if self.integers is None else how(self.integers),
                        None if self.scale is None else how(self.scale), self.name)

    @property
    def floats(self) -> np.ndarray:
        """Returns float weights, float64; Unsupported if one is not finite or larger than a weight
        may be."""
        found = self.value.astype(np.float64)
        if not (np.abs(found) <= 2.0**limits.EXPONENT).all():
            raise Unsupported(f"its weights are not finite, or reach more than "
                              f"2**{limits.EXPONENT}")
        return found

    @property
    def layer(self) -> str:
        """The name of the layer whose weights these are, if the file's tensor says it: ``fc1`` of
        ``fc1.weight``; empty otherwise."""
        found = re.fullmatch(r"(.+)[./](weight|kernel)(:0)?", self.name)
        return found[1] if found else ""


@dataclass(frozen=True, eq=False)
class Flow:
    """A tensor that layers compute.

    Parameters
    ----------
    node : name of our layer
    places : for each element of ONNX's tensor, without the batch, its index in our layer's output
    codes : (scale, zero) if ONNX's numbers are the codes themselves
    whole : whether ONNX's type is an integer type"""

    node: str
    places: np.ndarray
    codes: tuple[Fraction, Fraction] | None = None
    whole: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of ONNX's tensor, without the batch."""
        return self.places.shape

    def at(self, node: str) -> "Flow":
        """Returns the same elements as outputs of another layer."""
        return replace(self, node=node)


@dataclass(frozen=True)
class Lost:
    """The value of an output of a node that could not be read."""

    node: str


@dataclass(frozen=True)
class Absent:
    """An output that no handler makes; ``what`` names it in messages."""

    what: str


def claimed(values: np.ndarray, bits: int | None, what: str) -> None:
    """Checks ``values``, integers of any shape, against the ``bits`` of an exporter's note.

    Unsupported, with ``what`` as their name, if they do not fit; ``bits`` None is no note.
    """
    if bits is not None and (values.min() < -(1 << bits - 1) or values.max() >= 1 << bits):
        raise Unsupported(f"its {what} {values.min()}..{values.max()} does not fit the {bits} bits "
                          f"that it says")

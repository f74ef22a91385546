"""A TFLite file's tensors and operators, and their values while it is read: constants, our
layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...exact.num import Int
from ...graph.source import Origin

__all__ = ["Coding", "Flow", "Given", "Lost", "Rows", "TFLiteNode", "TFLiteTensor", "Unsupported",
           "Value", "Variable"]


class Unsupported(Exception):
    """An operator cannot be read; the message has the reason, ``help`` a remedy if there is one."""

    def __init__(self, reason: str, help: str = ""):
        super().__init__(reason)
        self.help = help


@dataclass(frozen=True, eq=False)
class TFLiteTensor:
    """A tensor as the file describes it.

    Parameters
    ----------
    name : its name
    type : its elements' type, such as "INT8"
    shape : its dimensions, the batch among them
    scales, zeros : (channels of ``axis``,) or (1,), or (0,) where it is not quantized
    axis : the dimension that has several scales
    data : its elements if it is a constant
    fault : the reason why it cannot be read; empty if it can
    variable : whether it keeps its elements from one inference to the next"""

    name: str
    type: str
    shape: tuple[int, ...]
    scales: np.ndarray
    zeros: np.ndarray
    axis: int = 0
    data: np.ndarray | None = None
    fault: str = ""
    variable: bool = False


@dataclass(frozen=True)
class TFLiteNode(Origin):
    """An operator; ``name`` is that of its first output, or else of its first input, or else the
    operator's."""

    inputs: tuple[int, ...]
    """Tensors by number, -1 where one is left out."""
    outputs: tuple[int, ...]
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    fault: str = ""
    """Why its options cannot be read, if that is so."""

    def __call__(self, name: str) -> Any:
        """An option."""
        return self.options[name]


@dataclass(frozen=True)
class Coding:
    """The coding of an activation: real = ``scale * (code - zero)``."""

    scale: np.float32
    zero: int
    codes: Int

    @property
    def most(self) -> int:
        """The largest magnitude of a code minus the zero point."""
        return max(self.codes.hi - self.zero, self.zero - self.codes.lo)


@dataclass(frozen=True)
class Flow:
    """A tensor that layers compute: the elements of our layer ``node`` in their order.

    Parameters
    ----------
    node : our layer
    shape : the file's shape, the batch of 1 among it
    pads : rows and columns of zeros around it that no layer adds yet (top, left, bottom, right)
    real : whether the file's numbers are real; otherwise they are codes
    blocks : for each dimension but the first, into how many parts the file deals it; our layer has
        the whole. Empty if nothing is dealt"""

    node: str
    shape: tuple[int, ...]
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    real: bool = False
    blocks: tuple[int, ...] = ()

    @property
    def whole(self) -> tuple[int, ...]:
        """The shape before its dimensions are dealt into parts."""
        if not self.blocks:
            return self.shape
        return (1, *(n * b for n, b in zip(self.shape[1:], self.blocks, strict=True)))

    @property
    def own(self) -> tuple[int, ...]:
        """The shape without a batch of 1; one element if nothing is left."""
        return (self.shape[1:] if self.shape[:1] == (1,) else self.shape) or (1,)

    def at(self, node: str) -> "Flow":
        """Returns the same elements as outputs of another layer."""
        return replace(self, node=node)


@dataclass(frozen=True)
class Given:
    """The network's real input before it is quantized: ``given`` is its shape in the file,
    ``shape`` its shape after reshaping."""

    name: str
    shape: tuple[int, ...]
    given: tuple[int, ...]


@dataclass(frozen=True)
class Lost:
    """The value of an output of an operator that could not be read."""

    node: str


@dataclass(eq=False)
class Variable:
    """A state by the file's name, while an inference is read.

    Parameters
    ----------
    name : its name
    initial : its codes before the first inference; None where the file does not say it
    started : whether an operator has read or assigned it
    assigned : its layer from here on, once an operator has assigned it, and that operator
    rows : where it is joined with new rows"""

    name: str
    initial: TFLiteTensor | None = None
    started: bool = False
    assigned: tuple[TFLiteNode, Flow] | None = None
    rows: list["Rows"] = field(default_factory=list["Rows"])


@dataclass(frozen=True)
class Rows:
    """A join of a variable's elements with new ones.

    Parameters
    ----------
    node : the operator that joins them
    first, count : first element of the variable that it joins, and their number
    kept : where those stand that the next inference joins
    parts : our layers of all elements and of the new ones, and where their first element stands"""

    node: TFLiteNode
    first: int
    count: int
    kept: int
    parts: Mapping[str, int]


Value = Flow | Given | Lost | TFLiteTensor | Variable

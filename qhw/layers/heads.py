"""Several outputs of a network, and how the host takes them out of one stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..graph import Graph, Op, Tensor
from .spec import Arrays, Name, Said, Spec

__all__ = ["Branch", "Branches", "Heads", "labelled"]


@dataclass(frozen=True)
class Heads(Op):
    """All elements of the first tensor, then those of the next."""

    kind = "heads"

    def infer(self, *xs: Tensor) -> Tensor:
        return Tensor((sum(x.size for x in xs),))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return np.concatenate([x.reshape(len(x), -1) for x in xs], axis=1)


@dataclass(frozen=True, eq=False)
class Branch:
    """Elements ``first`` and following of a vector, in their ``shape``, behind real ``steps``.

    ``name`` is that of the layer whose output it is.
    """

    name: str
    first: int
    shape: tuple[int, ...]
    steps: Sequence[Op]

    def infer(self) -> Tensor:
        """Derives the tensor of the output."""
        made = Tensor(self.shape)
        for op in self.steps:
            made = op.infer(made)
        return made

    def evaluate(self, x: np.ndarray) -> np.ndarray:
        """Computes the branch of the samples ``x``, (N, elements)."""
        size = int(np.prod(self.shape))
        value = x[:, self.first:self.first + size].reshape(len(x), *self.shape)
        for op in self.steps:
            value = op.evaluate(value)
        return value


@dataclass(frozen=True, eq=False)
class Branches(Op):
    """The results of several branches of one vector, in order."""

    kind = "branches"

    branches: Sequence[Branch]

    def infer(self, *xs: Tensor) -> Tensor:
        return Tensor((sum(branch.infer().size for branch in self.branches),))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return Heads().evaluate(*(branch.evaluate(x) for branch in self.branches))


def labelled(graph: Graph) -> slice | None:
    """Selects the outputs of a sample that the sample's label is about, loaded or lowered.

    They are all elements of the only output, or the element of the only output of one element,
    which is the class. None if several outputs leave that open."""
    op, tensors = graph.output.op, graph.tensors
    match op:
        case Heads():
            sizes = [tensors[name].size for name in graph.output.inputs]
        case Branches():
            sizes = [branch.infer().size for branch in op.branches]
        case _:
            return slice(None)
    if sizes.count(1) != 1:
        return None
    first = sum(sizes[:sizes.index(1)])
    return slice(first, first + 1)


class HeadsSpec(Spec):
    type: Literal["outputs"]
    inputs: Annotated[list[Name], Field(min_length=2, max_length=8)]    # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]

    def op(self, arrays: Arrays) -> Heads:
        return Heads()

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({}, {}) if type(op) is Heads else None

"""Real tensors that are integers times a scale plus an offset, channel by channel."""

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce, singledispatch
from math import gcd, lcm

import numpy as np

from ..errors import ModelError
from ..graph import Graph, Node, Op, Tensor
from ..layers import Affine
from ..layers.real import Straight
from ..names import unused
from ..ops import Concat, Gain

__all__ = ["Line", "Work", "as_integers", "common"]

MOST_BITS = 48
"""Bits of a factor that brings channels to one scale."""


@dataclass(frozen=True)
class Line:
    """The real tensor ``slopes * integers + offsets`` of the integer layer ``source``; both are
    (channels,)."""

    source: str
    slopes: tuple[Fraction, ...]
    offsets: tuple[Fraction, ...]


def _after(line: Line, op: Straight) -> Line:
    """The line behind ``op``, a scale and an offset of each channel."""
    pairs = enumerate(zip(line.slopes, line.offsets, strict=True))
    slopes, offsets = zip(*(op.after(pair, channel) for channel, pair in pairs), strict=True)
    return Line(line.source, slopes, offsets)


class Work:
    """A graph during rewriting: the new nodes, and the nodes that hold the old layers' values."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.nodes: list[Node] = []
        self.by_name: dict[str, Node] = {}
        self.names = set(graph.by_name)
        self.tensors: dict[str, Tensor] = {}
        self.now: dict[str, str] = {}
        self.lines: dict[str, Line | None] = {}

    def add(self, name: str, op: Op, *inputs: str) -> str:
        """Adds a node and returns its name; ModelError names it if its inputs do not fit.

        Parameters
        ----------
        name : name of the node
        op : its operation
        inputs : names of the nodes it reads
        """
        try:
            self.tensors[name] = op.infer(*(self.tensors[i] for i in inputs))
        except (ModelError, OverflowError, ValueError) as e:
            raise ModelError(f"Layer {name!r}: {e}") from None
        self.nodes.append(Node(name, op, inputs))
        self.by_name[name] = self.nodes[-1]
        self.names.add(name)
        return name

    def beside(self, name: str, op: Op, *inputs: str) -> str:
        """Adds a layer that the described graph does not have; its name is ``name``, or one derived
        from it that is free."""
        return self.add(self.fresh(name), op, *inputs)

    def fresh(self, name: str) -> str:
        """Returns ``name``, or the first of ``name_2``, ``name_3``... that no layer has."""
        return unused(name, self.names)

    def finish(self, name: str, line: "Line") -> None:
        """Makes a line the new source of the values of ``name``."""
        x = self.tensors[line.source]
        slopes = tuple(a / x.scale for a in line.slopes)
        offsets = tuple(b + a * x.zero for a, b in zip(line.slopes, line.offsets, strict=True))
        self.now[name] = self.beside(f"{name}.real", Affine(slopes, offsets), line.source)

    def concat(self, name: str, sources: list[str]) -> None:
        """Adds the concatenation of ``sources`` as the new integers of the layer ``name``."""
        self.now[name] = self.add(name, Concat(), *sources)

    def inputs(self, node: Node) -> list[str]:
        """Returns the names of the nodes that hold a layer's inputs now."""
        return [self.now.get(i, i) for i in node.inputs]

    def line(self, name: str) -> Line | None:
        """Finds the integers behind a tensor; None unless only scales and offsets lie between."""
        if name not in self.lines:
            self.lines[name] = self._line(name)
        return self.lines[name]

    def _line(self, name: str) -> Line | None:
        way: list[Straight] = []
        while name not in self.lines and self.tensors[name].codes is None:
            node = self.by_name[name]
            if not isinstance(node.op, Straight):
                return None
            way.append(node.op)
            name, = node.inputs
        if name in self.lines:
            known = self.lines[name]
        else:
            x = self.tensors[name]
            known = Line(name, *((v,) * x.channels for v in x.line))
        return known and reduce(_after, reversed(way), known)

    def lines_of(self, node: Node) -> list[Line]:
        """Finds the integers behind the inputs of a layer; inputs without integers are left out."""
        return [line for name in self.inputs(node) if (line := self.line(name)) is not None]

    def countable(self, node: Node) -> bool:
        """Tells whether all inputs of a layer are integers times a scale plus an offset."""
        return len(self.lines_of(node)) == len(node.inputs)

    def whole(self, node: Node) -> str:
        """Returns the node with the codes of a layer's input, with one scale for all channels.

        Codes with a scale for each channel are first multiplied to a common scale."""
        name, = self.inputs(node)
        line, = self.lines_of(node)
        if name == line.source:
            return name
        scale, (factors,), offset = common([line], node.name)
        return self.beside(f"{node.name}_codes", Gain(factors, offset, scale), line.source)


@singledispatch
def as_integers(op: Op, work: Work, node: Node) -> None:
    """Lowers a layer whose inputs are integers times scales plus offsets; by default the layer
    stays real.

    The modules of this package register a rule for each type of layer.

    Parameters
    ----------
    op : the layer
    work : the graph to add to
    node : the layer's node"""
    work.add(node.name, op, *work.inputs(node))


def common(lines: list[Line], name: str, bits: int = MOST_BITS
           ) -> tuple[Fraction, list[np.ndarray], np.ndarray]:
    """Computes the greatest scale of which all slopes and offsets are integer multiples.

    Returns the scale and the multiples: slopes (channels,) of each line, and offsets (channels,).
    ModelError, with the layer ``name``, if they have more than ``bits`` bits."""
    numbers = [n for line in lines for n in (*line.slopes, *line.offsets) if n]
    below = reduce(lcm, (n.denominator for n in numbers), 1)
    scale = Fraction(reduce(gcd, (int(n * below) for n in numbers), 0) or 1, below)
    if any(abs(n / scale) >= 1 << bits for n in numbers):
        raise ModelError(f"Layer {name!r}: the scales of its inputs have only a far smaller step "
                         f"in common; put a quantize layer before it")
    factors = [np.array([int(s / scale) for s in line.slopes], np.int64) for line in lines]
    offset = np.array([int(o / scale) for line in lines for o in line.offsets], np.int64)
    return scale, factors, offset

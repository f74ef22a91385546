"""The network as frozen nodes in topological order: each node comes after its inputs.

Lowering turns a graph of real layers into a graph of integer layers, with a tail of real layers for
the host.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ..errors import ModelError
from ..names import trouble, unused
from .op import Op
from .tensor import MOST_BITS, Tensor

__all__ = ["Graph", "Node"]


@dataclass(frozen=True)
class Node:
    """One layer with its name; its output tensor has the same name."""

    name: str
    op: Op
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order; the last node is the output."""

    name: str
    nodes: tuple[Node, ...]
    prefix: str = ""
    """Prefix of module and memory file names; derived from the name if empty."""
    worth: int = 0
    """LUTs that are given for a block RAM, where the search for folds gives any."""
    source: Path | None = field(default=None, compare=False)
    """The file or folder that the network was read from."""

    @cached_property
    def tensors(self) -> Mapping[str, Tensor]:
        """Infers every node's output tensor, by name; ModelError names the layer that does not fit.
        """
        known: dict[str, Tensor] = {}
        for node in self.nodes:
            try:
                known[node.name] = node.op.infer(*(known[i] for i in node.inputs))
            except KeyError as e:
                raise ModelError(f"Layer {node.name!r}: its input {e} is no layer before it"
                                 ) from None
            except (ModelError, OverflowError, ValueError) as e:
                raise ModelError(f"Layer {node.name!r}: {e}") from None
            codes = known[node.name].codes
            if codes is not None and codes.size >= 1 << MOST_BITS:
                raise ModelError(f"Layer {node.name!r}: its integers reach {codes.size}, more than "
                                 f"{MOST_BITS} bits")
        return known

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Every node by its name."""
        return {node.name: node for node in self.nodes}

    def fresh(self, name: str) -> str:
        """Returns ``name``, or the first of ``name_2``, ``name_3``... that no layer has."""
        return unused(name, self.by_name)

    @property
    def output(self) -> Node:
        """The last node."""
        return self.nodes[-1]

    @cached_property
    def users(self) -> Mapping[str, tuple[Node, ...]]:
        """The nodes that read each node's output, by name."""
        found: dict[str, list[Node]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                if name in found:
                    found[name].append(node)
        return {name: tuple(readers) for name, readers in found.items()}

    @cached_property
    def hardware(self) -> "Graph":
        """The graph of the integer layers alone."""
        return replace(self, nodes=tuple(n for n in self.nodes if n.op.integer))

    @property
    def answer(self) -> Tensor:
        """The tensor that leaves the hardware."""
        return self.tensors[self.hardware.output.name]

    @property
    def host(self) -> tuple[Node, ...]:
        """The real layers after the hardware; the host computes them."""
        return tuple(n for n in self.nodes if not n.op.integer)

    def replaced(self, nodes: Iterable[Node]) -> "Graph":
        """Makes the same network from other nodes and drops those that no other node reads."""
        nodes = list(nodes)
        needed = {nodes[-1].name}
        for node in reversed(nodes):
            if node.name in needed:
                needed.update(node.inputs)
        return replace(self, nodes=tuple(n for n in nodes if n.name in needed))

    def check(self) -> "Graph":
        """Returns this graph; ModelError if it is not well formed."""
        if not self.nodes:
            raise ModelError("A network must have layers")
        for what, name in (("Model", self.name), *(("Layer", n.name) for n in self.nodes)):
            if wrong := trouble(name):
                raise ModelError(f"{what} {name[:40]!r}: its name {wrong}")
        name, count = Counter(n.name for n in self.nodes).most_common(1)[0]
        if count > 1:
            raise ModelError(f"Layer {name!r}: {count} layers have this name")
        for node in self.nodes:
            tensor = self.tensors[node.name]
            if not tensor.shape or min(tensor.shape) < 1:
                raise ModelError(f"Layer {node.name!r}: its output has shape {tensor.shape}, "
                                 f"and dimensions must be at least 1")
            if node.op.integer and node.inputs and not node.op.raw and tensor.codes is None:
                raise ModelError(f"Layer {node.name!r}: its output has no interval")
        for node in self.nodes[:-1]:
            if not self.users[node.name]:
                raise ModelError(f"Layer {node.name!r}: nothing reads its output")
        return self

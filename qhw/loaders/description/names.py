"""Names of layers that a description can have."""

import re
from dataclasses import replace

from ...graph import Graph, Node
from ...names import unused

__all__ = ["allowed"]

MOST = 40
"""Characters of a layer's name."""
MOST_OF_MODEL = 60
FIRST = "input"
"""The name of a description's input."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def allowed(graph: Graph) -> Graph:
    """Gives a graph and its layers names that a description can have; names that are allowed
    already stay. Words that all names begin with are left out if a name is too long."""
    names = [node.name for node in graph.nodes[1:]]
    words = [name.split("_") for name in names]
    common = _common(words) if any(len(name) > MOST for name in names) else 0
    taken, found = {FIRST}, {graph.nodes[0].name: FIRST}
    for name, parts in zip(names, words, strict=True):
        found[name] = unused(_fitting("_".join(parts[common:]) or parts[-1]), taken)
        taken.add(found[name])
    nodes = [Node(found[n.name], n.op, tuple(found[i] for i in n.inputs)) for n in graph.nodes]
    model = re.sub(r"[^A-Za-z0-9_-]+", "_", graph.name).strip("_-")[:MOST_OF_MODEL]
    return replace(graph, name=model if model[:1].isalpha() else f"net_{model}"[:MOST_OF_MODEL],
                   nodes=tuple(nodes))


def _common(words: list[list[str]]) -> int:
    """How many words all names begin with."""
    alike = (len(set(column)) == 1 for column in zip(*words, strict=False))
    return next((k for k, same in enumerate(alike) if not same), 0)


def _fitting(name: str) -> str:
    """A name of allowed characters, short enough for a number behind it; its end says most."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") if not NAME.fullmatch(name) else name
    most = MOST - 5
    if len(name) > MOST:
        name = name[-most:]
        name = name[name.find("_") + 1:] if "_" in name[:most // 2] else name
    return name if NAME.fullmatch(name) else f"t{name}"[:MOST]

"""Writes a network as a description: each layer's table says its layer."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import tomli_w

from ... import layers, ops
from ...errors import ModelError
from ...graph import Graph, Node
from ...layers import Input
from ...layers.input import InputSpec
from ...layers.spec import Said, Spec
from .names import allowed

__all__ = ["packed", "written"]

_ROOMS = layers, ops
"""Their members register the tables that describe them: see ``Spec``."""


def written(graph: Graph) -> tuple[str, bytes]:
    """Returns the contents of ``model.toml`` and ``weights.npz`` that make the network again.

    Layers get names as in ``allowed``. ModelError names a layer that no description has."""
    graph = allowed(graph)
    first, *rest = graph.nodes
    table = InputSpec.table(first.op) if isinstance(first.op, Input) else None
    if table is None:
        raise ModelError(f"Layer {first.name!r}: a description has no such input")
    tables: list[dict[str, Any]] = []
    arrays = {f"{first.name}.{what}": array for what, array in table[1].items()}
    for before, node in zip(graph.nodes, rest, strict=False):
        word, (keys, own) = _said(node)
        reads = {} if node.inputs == (before.name,) else {"inputs": list(node.inputs)}
        tables.append({"name": node.name, "type": word, **reads, **keys})
        arrays |= {f"{node.name}.{what}": array for what, array in own.items()}
    text = {"schema": 1, "name": graph.name, "input": table[0], "layer": tables}
    return tomli_w.dumps(text), packed(arrays)


def packed(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Packs arrays by name as an ``.npz`` file."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # pyright: ignore[reportArgumentType]
    return content.getvalue()


def _said(node: Node) -> tuple[str, Said]:
    """The type of a layer's table, its keys and its arrays."""
    for word, spec in Spec.types.items():
        if (found := spec.said(node.op)) is not None:
            return word, found
    raise ModelError(f"Layer {node.name!r}: a description has no {node.op.kind} layer of this kind")

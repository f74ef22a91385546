"""qhw's own network description: a folder with ``model.toml`` and ``weights.npz``.

See docs/reference/model-format.md.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, reduce
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, ValidationError, create_model

from ... import layers, limits, ops
from ...errors import ModelError
from ...graph import Graph, Node
from ...layers.input import InputSpec
from ...layers.spec import Spec, Strict
from ...tools.members import excuse
from ...tools.outside import plain, read_text
from ...tools.typed import Json, is_table
from .weights import Weights

__all__ = ["layer_types", "load_description", "read_toml"]

_ROOMS = layers, ops
"""Their members register the tables that describe them: see ``Spec``."""


def layer_types() -> Mapping[str, type[Spec]]:
    """Lists the tables of all layers, by their ``type``."""
    return Spec.types


class Head(Strict):
    """The keys of a ``model.toml`` besides those of its layers."""

    schema_version: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
    description: str = ""
    input: InputSpec
    layer: list[Spec]


@cache
def _description(tables: tuple[type[Spec], ...]) -> type[Head]:
    """The whole file, whose layers are these tables, told apart by ``type``."""
    kinds = reduce(lambda one, other: one | other, cast(Sequence[Any], tables))
    one: Any = Annotated[kinds, Field(discriminator="type")]
    every: Any = Annotated[list[one], Field(min_length=1, max_length=limits.NODES)]
    return create_model("Description", __base__=Head, layer=(every, ...))


def load_description(path: Path, arrays: Path) -> Graph:
    """Loads the network of a text file and of the ``.npz`` file with its arrays; ModelError names
    the file, the key and the value."""
    text = read_toml(path)
    model = _description(tuple(layer_types().values()))
    try:
        description = model.model_validate(text)
    except ValidationError as e:
        raise ModelError(f"{path}: {_first(e, text)}{_left_out(text)}") from None
    weights = Weights(arrays)
    nodes = [Node("input", description.input.op(weights))]
    for layer in description.layer:
        inputs = tuple(layer.inputs) if layer.inputs else (nodes[-1].name,)
        try:
            op = layer.op(weights)
        except ModelError:
            raise
        except ValueError as e:
            raise ModelError(f"{path}: layer {layer.name!r}: {e}") from None
        nodes.append(Node(layer.name, op, inputs))
    weights.all_used()
    try:
        return Graph(description.name, tuple(nodes)).check()
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from None


def _left_out(text: Mapping[str, Json]) -> str:
    """Says which layers of other packages are left out, of those that a file has."""
    tables = text.get("layer")
    types = [str(one.get("type")) for one in tables if is_table(one)] if isinstance(
        tables, list) else []
    return "".join(excuse(one, *(room.__name__ for room in _ROOMS))
                   for one in dict.fromkeys(types))


def read_toml(path: Path) -> dict[str, Json]:
    """Reads the tables of a ``model.toml``; ModelError if it is not valid TOML."""
    text = read_text(path)
    try:
        return plain(tomllib.loads(text))
    except RecursionError:
        raise ModelError(f"{path}: its tables and arrays are nested more than "
                         f"{limits.TEXT_NESTING} levels deep") from None
    except ValueError as e:     # Python refuses integers with thousands of digits too
        raise ModelError(f"{path}: {e}") from None


def _first(error: ValidationError, text: Mapping[str, Any]) -> str:
    """The first of pydantic's complaints in a line: where, what, and the value."""
    found = error.errors()[0]
    where = [str(part) for part in found["loc"]]
    if len(where) > 1 and where[0] == "layer":
        layer = text["layer"][int(where[1])]
        name = layer.get("name", f"number {int(where[1]) + 1}") if is_table(layer) else "?"
        where = [f"layer {name!r}", *where[3:]]
    shown = "" if found["type"] == "missing" else f", not {found['input']!r:.80}"
    return f"{': '.join([*where, found['msg']])}{shown}"

"""Replaces the float weights of a description by the codes of a scheme."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from ...graph.source import Recoded
from .description import read_toml
from .weights import open_npz
from .writer import packed

__all__ = ["recoded"]


def recoded(tables: Path, weights: Path, layers: Mapping[str, Recoded]) -> tuple[str, bytes]:
    """Returns the contents of both files, with codes in place of some layers' weights.

    Parameters
    ----------
    tables : the text file
    weights : the file of arrays
    layers : schemes and arrays by layer
    """
    text: dict[str, Any] = read_toml(tables)
    arrays = open_npz(weights)
    for spec in text["layer"]:
        if layer := layers.get(spec["name"]):
            spec["scheme"] = layer.scheme
            arrays.pop(f"{spec['name']}.weight")
            arrays |= {f"{spec['name']}.{what}": array for what, array in layer.arrays.items()}
    return tomli_w.dumps(text), packed(arrays)

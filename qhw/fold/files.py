"""Reads files of folds."""

from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..graph import Fold
from ..graph.fold import KINDS
from ..tools.outside import json_of
from ..tools.typed import is_table

__all__ = ["fold_of", "read_folds"]

FOLDS = [(keys, kind) for kind in KINDS for keys in kind.keys]
"""Keys that belong together, and the kind of fold that they make."""
WORDS = ("multiply", "memory")
"""Keys whose values are words."""


def read_folds(path: Path) -> dict[str, Fold]:
    """Reads folds by layer from a JSON file such as ``{"fc1": {"pe": 8, "simd": 4}}``.

    Layers without a product have ``{"lanes": 2}``. Layers whose weights become logic have
    ``{"spatial": true}``, or ``{"spatial": true, "levels": 2}`` for at most 2 adders between
    registers. A product has ``{"pe": 8, "simd": 4, "multiply": "digits"}`` for another way to
    multiply than its scheme's, and ``"memory": "luts"`` or ``"block"`` for where its weights lie.
    ModelError names file, layer and key.
    """
    given = json_of(path)
    try:
        if not is_table(given):
            raise ValueError("it should be an object, a fold for each layer")
        return {name: fold_of(name, fold) for name, fold in given.items()}
    except ValueError as e:
        raise ModelError(f'{path}: must be like {{"fc1": {{"pe": 8, "simd": 4}}}}: {e}') from None


def fold_of(name: str, fold: Any) -> Fold:
    """Makes the fold of a layer from its entry in a file of folds; ValueError if it is none."""
    says = f"the fold of {name[:80]!r}"
    if not name:
        raise ValueError(f"{says}: no layer has an empty name")
    if not is_table(fold):
        raise ValueError(f"{says} should be an object, not {str(fold)[:80]}")
    if fold.get("spatial", True) is not True:
        raise ValueError(f"{says}: spatial can only be true")
    for keys, kind in FOLDS:
        if set(keys) <= fold.keys() <= {*keys, *kind.optional}:
            return kind(**{key: (_word if key in WORDS else _whole)(says, value)
                           for key, value in fold.items() if key != "spatial"})
    raise ValueError(f"{says} should have {' or '.join(' and '.join(keys) for keys, _ in FOLDS)}, "
                     f"not {', '.join(fold)[:80] or 'nothing'}")


def _whole(says: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{says}: {str(value)[:80]} is no whole number of at least 1")
    return value


def _word(says: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{says}: {str(value)[:80]!r} is no word")
    return value

"""Files of folds."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelError
from ..lower.fold import SPATIAL, Fold

__all__ = ["read_folds"]


def read_folds(path: Path) -> dict[str, Fold]:
    """Folds by layer from a JSON file such as ``{"fc1": {"pe": 8, "simd": 4}}``; layers without a
    product have ``{"lanes": 2}``, those whose weights become logic ``{"spatial": true}``,
    with ``{"spatial": true, "levels": 2}`` so many adders between registers."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        return {name: _pair(fold) for name, fold in given.items()}
    except (OSError, UnicodeDecodeError) as e:
        raise ModelError(f"{path}: {e}") from None
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise ModelError(f'{path}: must be like {{"fc1": {{"pe": 8, "simd": 4}}}}: {e!r}') from None


def _pair(fold: Mapping[str, Any]) -> Fold:
    if fold.get("spatial") is True:
        return (_whole(fold["levels"]),) if "levels" in fold else SPATIAL
    return tuple(_whole(fold[part]) for part in (("lanes",) if "lanes" in fold else ("pe", "simd")))


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is no whole number")
    return value

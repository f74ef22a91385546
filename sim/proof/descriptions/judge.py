"""A description through the golden and through exact rationals."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

import qhw
from qhw.errors import QhwError
from qhw.graph import Graph

from ...strict import strict
from .drawn import Drawn
from .meaning import Description

__all__ = ["judge"]

CLOSE = 1e-9
"""Of the largest output: the host's part is float64."""


def judge(drawn: Drawn, folder: Path) -> tuple[str, str]:
    """exact, refused, wrong or broken, and why."""
    path = drawn.write(folder)
    try:
        with warnings.catch_warnings():
            strict()
            graph = qhw.load(path)
            y = qhw.simulate(graph, drawn.x).y
    except QhwError as e:
        return "refused", str(e)
    except Exception as e:
        return "broken", f"{type(e).__name__}: {e}"[:200]
    meaning = Description(path, {name: dequantized(graph, name) for name in drawn.taken})
    for k, x in enumerate(drawn.x):
        want = np.asarray(meaning(x), np.float64).ravel()
        got = y[k].ravel()
        if want.shape != got.shape or (
                abs(want - got) > CLOSE * max(abs(want).max(initial=0), 1e-300)).any():
            return "wrong", f"sample {k}: {got[:6]} where rationals give {want[:6]}"
    return "exact", ""


def dequantized(graph: Graph, name: str) -> np.ndarray:
    """A layer's real weights."""
    op: Any = graph.by_name[name].op
    integers = op.scheme.decode(op.weights.codes, op.weights.table)
    return integers * np.reshape(op.weights.scale, (-1, 1))

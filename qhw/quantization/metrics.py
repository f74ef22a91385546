"""Measures of a network's answers: the share of right classes, the area under the ROC curve, the
mean squared error, or a function of one's own."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import ModelError

__all__ = ["METRICS", "Metric", "metric"]

Kind = Literal["share", "error", "score"]
Function = Callable[[np.ndarray, np.ndarray], Any]


@dataclass(frozen=True)
class Metric:
    """A measure of real outputs (N, *shape) against labels, one number.

    ``kind`` is "share" for 0 to 1, of which 1 is best; "error" if smaller is better; "score" if
    larger is better without an end. ``classes`` says whether a sample is labelled with a class."""

    name: str
    kind: Kind
    classes: bool = True

    @property
    def file(self) -> Path | None:
        """The file of a function of one's own; ModelError if it cannot be imported."""
        if self.name in BUILT_IN:
            return None
        _function(self.name)
        found = getattr(sys.modules[self.name.partition(":")[0]], "__file__", None)
        return Path(found) if found else None

    def __call__(self, outputs: np.ndarray, labels: np.ndarray) -> float:
        """Measures ``outputs`` (N, *shape) by ``labels``, (N,) or (N, *shape); ModelError if that
        is not possible or gives no number."""
        function = BUILT_IN.get(self.name) or _function(self.name)
        try:
            value = float(function(outputs, labels))
        except Exception as e:      # the function may be anyone's
            raise ModelError(f"metric {self.name}: {e}") from None
        if not np.isfinite(value):
            raise ModelError(f"metric {self.name}: it is {value}")
        return value

    def loss(self, value: float) -> float:
        """A number that is smaller where ``value`` is better."""
        return 1 - value if self.kind == "share" else -value if self.kind == "score" else value

    def said(self, value: float) -> str:
        """Writes a value for people: a share in percent, 100 % only if nothing is missing."""
        if self.kind != "share":
            return f"{value:.5g}"
        return f"{value if value == 1 else min(value, .9999):.2%}"


def right(outputs: np.ndarray, labels: np.ndarray, most: int = 1) -> np.ndarray:
    """Whether each of ``labels`` (N,) is among the ``most`` largest ``outputs`` (N, classes), the
    first among equals; bool (N,). One output a sample is the class itself.

    ValueError if that is all there is and ``most`` is above 1."""
    scores = outputs.reshape(len(outputs), -1)
    labels = labels.astype(np.int64)
    if scores.shape[1] == 1:
        if most > 1:
            raise ValueError("it needs a score of each class, and there is the class alone")
        return scores[:, 0] == labels
    known = (labels >= 0) & (labels < scores.shape[1])
    own = np.take_along_axis(scores, np.where(known, labels, 0)[:, None], 1)
    before = (scores > own) | (scores == own) & (np.arange(scores.shape[1]) < labels[:, None])
    return known & (before.sum(1) < most)


def _share(outputs: np.ndarray, labels: np.ndarray, *, most: int) -> float:
    return float(right(outputs, labels, most).mean())


def area(outputs: np.ndarray, labels: np.ndarray) -> float:
    """Computes the area under the ROC curve, 0 to 1: the probability that a sample of the class
    has a larger score than another sample, ties half (Hanley and McNeil, Radiology 143, 1982).

    One output is the score of class 1 against 0, of two it is their difference; of more it is the
    mean over the classes against all others.

    Parameters
    ----------
    outputs : scores (N, classes)
    labels : classes (N,)
    """
    scores = outputs.reshape(len(outputs), -1)
    if scores.shape[1] <= 2:
        return _area(scores[:, -1] - (scores[:, 0] if scores.shape[1] == 2 else 0), labels == 1)
    return float(np.mean([_area(scores[:, k], labels == k) for k in np.unique(labels)]))


def _area(scores: np.ndarray, of: np.ndarray) -> float:
    if of.all() or not of.any():
        raise ValueError("all samples are of one class")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (count.cumsum() - (count - 1) / 2)[place]
    ones = int(of.sum())
    return float((rank[of].sum() - ones * (ones + 1) / 2) / (ones * (len(of) - ones)))


def squares(outputs: np.ndarray, labels: np.ndarray) -> float:
    """Computes the mean squared error of ``outputs`` (N, *shape) against ``labels`` of as many
    numbers."""
    if outputs.size != labels.size:
        raise ValueError(f"the network's outputs are {outputs.shape}, and y is {labels.shape}")
    return float(np.square(outputs.reshape(-1) - labels.reshape(-1)).mean())


BUILT_IN: Mapping[str, Function] = {
    "top-1": partial(_share, most=1), "top-5": partial(_share, most=5), "auc": area,
    "mse": squares}
METRICS = {made.name: made for made in (
    Metric("top-1", "share"), Metric("top-5", "share"), Metric("auc", "share"),
    Metric("mse", "error", classes=False))}
"""The built-in ones."""


def metric(text: str) -> Metric:
    """Finds a built-in metric by name, or a function ``module:function`` of outputs (N, *shape)
    and labels, larger is better; ``module:function:min`` if smaller is.

    A function is imported when it is called or asked for its file. ModelError for another text."""
    if text not in METRICS and not re.fullmatch(r"[\w.]+:\w+(:min)?", text):
        raise ModelError(f"Metric {text!r}: it is one of {', '.join(METRICS)}, or a function of "
                         f"yours, such as module:function, or module:function:min if smaller is "
                         f"better")
    return METRICS.get(text) or Metric(text, "error" if text.endswith(":min") else "score", False)


def _function(name: str) -> Function:
    """Imports a function; its module is looked for in the current folder too."""
    module, function = name.removesuffix(":min").split(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)
    try:
        return getattr(import_module(module), function)
    except Exception as e:      # the module may be anyone's
        raise ModelError(f"Metric {name!r}: {e}") from None

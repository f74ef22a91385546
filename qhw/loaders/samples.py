"""Reads samples and labels from files."""

from pathlib import Path

import numpy as np

from ..errors import ModelError
from .description.weights import open_samples

__all__ = ["read_input"]


def read_input(path: Path, limit: int | None = None, *, classes: bool = True
               ) -> tuple[np.ndarray, np.ndarray | None]:
    """Reads the samples ``x`` (N, *shape) of the ``.npz`` file ``path``, at most ``limit`` of them,
    and the labels ``y`` (N,), or None; an ``.npy`` file is ``x`` alone.

    ModelError if there is no ``x``, if it is no array of finite numbers, or if the labels are not
    one whole number for each sample; with ``classes`` false they are finite numbers (N, *shape)."""
    arrays = open_samples(path)
    if "x" not in arrays:
        names = ", ".join(list(arrays)[:8]) or "none"
        raise ModelError(f"{path}: there is no array x (it has {names:.200})")
    x, labels = arrays["x"], arrays.get("y")
    if x.ndim < 2 or not x.size:
        raise ModelError(f"{path}: x must be (samples, *shape), not {x.shape}")
    if x.dtype.kind not in "fiub":
        raise ModelError(f"{path}: x must be integer or floating point, not {x.dtype}")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(x))[0])
        raise ModelError(f"{path}: x{list(place)} is {x[place]}, not finite")
    if labels is not None:
        labels = _labels(path, labels, len(x)) if classes else _wanted(path, labels, len(x))
    return x[:limit], None if labels is None else labels[:limit]


def _labels(path: Path, y: np.ndarray, samples: int) -> np.ndarray:
    if y.shape not in ((samples,), (samples, 1)):
        raise ModelError(f"{path}: the labels y must be one number for each of the {samples} "
                         f"samples x, and have the shape {y.shape}; leave y out if it is "
                         f"something else")
    if y.dtype.kind not in "iub" and not (y.dtype.kind == "f" and (y == np.rint(y)).all()):
        raise ModelError(f"{path}: the labels y must be whole numbers, and are {y.dtype}")
    return y.reshape(samples)


def _wanted(path: Path, y: np.ndarray, samples: int) -> np.ndarray:
    if y.ndim < 1 or len(y) != samples or y.dtype.kind not in "fiub":
        raise ModelError(f"{path}: y must be numbers for each of the {samples} samples x, and is "
                         f"{y.dtype} of the shape {y.shape}")
    if not np.isfinite(y).all():
        raise ModelError(f"{path}: y must be finite")
    return y

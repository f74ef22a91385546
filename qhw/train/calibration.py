"""First scales of activations, with the least squared error on samples."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..tools.typed import JsonObject
from .exact import short

__all__ = ["levels", "step"]

MOST = 1 << 14
"""Numbers that are looked at."""
SHARES = torch.linspace(0.02, 1, 50).tolist()
"""Shares of the largest number that are tried as the largest level."""


def seen(x: Tensor) -> Tensor:
    """Takes at most ``MOST`` numbers of ``x``, evenly, as a vector."""
    flat = x.detach().float().flatten()
    return flat[::max(len(flat) // MOST, 1)]


def step(x: Tensor, low: int, top: int) -> Tensor:
    """Finds the scale of even steps ``low`` .. ``top`` for samples ``x``, a scalar."""
    x = seen(x)
    reach = torch.maximum(x.max() / top, x.min() / low if low else x.max() / top)
    if reach <= 0:
        return torch.tensor(1.0 / top)

    def error(scale: Tensor) -> float:
        return float((x - scale * (x / scale).round().clamp(low, top)).square().mean())

    return min((short(share * reach) for share in SHARES), key=error)


def levels(table: JsonObject, x: Tensor, rounded: Callable[[JsonObject, Tensor], Tensor]
           ) -> JsonObject:
    """Chooses the keys of a table: a step, thresholds, scales or an exponent.

    Parameters
    ----------
    table : the keys so far
    x : samples of any shape
    rounded : computes the levels of samples by a table
    """
    x = seen(x)
    if "step" in table:
        return {"step": float(step(x.clamp(min=0), 0, 2**int(table["bits"]) - 1))}
    if "high" in table:
        return _trits(x)
    if "scales" in table:
        return {"scales": _planes(x, len(table["scales"]))}
    if "full_scale" not in table:
        return {}
    target = x if table["signed"] else x.clamp(min=0)
    highest = int(torch.frexp(target.abs().max().clamp(min=2.0**-30))[1]) + 1
    return {"full_scale": min(range(highest - 6, highest + 1), key=lambda e: float(
        (rounded({**table, "full_scale": e}, target) - target).square().mean()))}


def _trits(x: Tensor) -> JsonObject:
    """Thresholds and scale of ternary weight networks (arXiv 1605.04711), for activations."""
    edge = short(0.7 * x.abs().mean())
    above = x.abs()[x.abs() > edge]
    scale = short(above.mean()) if len(above) else edge
    return {"high": float(edge), "low": -float(edge), "scale": float(scale)}


def _planes(x: Tensor, count: int) -> list[float]:
    """The mean magnitudes of the residuals (HORQ, arXiv 1708.08687, section 3), falling enough that
    the signs of the planes are those of the residuals."""
    found: list[float] = []
    for _ in range(count):
        scale = short(x.abs().mean())
        if found:
            scale = torch.minimum(scale, torch.tensor(found[-1] / 2))
        found.append(float(scale))
        x = x - scale * torch.where(x >= 0, 1.0, -1.0)
    return found

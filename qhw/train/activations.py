"""Activations that are quantized in the forward pass."""

import torch
from torch import Tensor, nn

from .layers import straight_through

__all__ = ["Sign", "Uniform"]


class Sign(nn.Module):
    """-1 below zero, otherwise +1; the gradient passes where the input is in -1..1.

    Hubara et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), eq. 4; ``stochastic`` draws
    +1 with the probability clip((x + 1) / 2, 0, 1) in training (eq. 2)."""

    def __init__(self, *, stochastic: bool = False):
        super().__init__()
        self.stochastic = stochastic

    def forward(self, x: Tensor) -> Tensor:
        """Computes the signs of ``x``, of any shape."""
        moved = x + 2 * torch.rand_like(x) - 1 if self.stochastic and self.training else x
        return straight_through(torch.where(moved >= 0, 1.0, -1.0), x.clamp(-1, 1))


class Uniform(nn.Module):
    """Steps 0 .. 2**``bits`` - 1 of a learned scale; ties round to even."""

    def __init__(self, bits: int, scale: float | None = None):
        super().__init__()
        self.bits, self.top = bits, 2**bits - 1
        self.scale = nn.Parameter(torch.tensor(2.0 / self.top if scale is None else scale))

    def forward(self, x: Tensor) -> Tensor:
        """Rounds ``x``, of any shape, to steps of the scale, clamped to 0 and the last step."""
        scale = self.scale.abs()
        steps = (x / scale).clamp(0, self.top)
        return scale * straight_through(steps.round(), steps)

"""Activations with a scale of each sample, found at run time; a dense layer comes behind them.

Residual planes: Li et al., HORQ, 2017 (arXiv 1708.08687), section 3; one plane is XNOR-Net's K.
Block floating point: Koster et al., "Flexpoint", 2017 (arXiv 1711.02213). Both read the codes of a
quantizer of 8 bits of their own."""

import torch
from torch import Tensor

from ..tools.typed import JsonObject
from .activations import Activation, Uniform
from .exact import straight_through

__all__ = ["BlockFloat", "Residual"]

CODE_BITS = 8


class _RunTime(Activation):
    """A quantizer and a function of each sample's codes; the gradient is the quantizer's."""

    relu = True

    def __init__(self):
        super().__init__()
        self.inner = Uniform(CODE_BITS, signed=True)

    def calibrate(self, x: Tensor) -> None:
        """Chooses the scale of the codes."""
        self.inner.calibrate(x)

    def forward(self, x: Tensor) -> Tensor:
        """Quantizes vectors ``x`` (N, inputs)."""
        y = self.inner(x)
        step = self.inner.step().detach().to(x.dtype)
        return straight_through(step * self.whole((y.detach() / step).round()), y)

    def whole(self, v: Tensor) -> Tensor:
        """Computes the numbers that stand for whole numbers ``v`` (N, inputs)."""
        raise NotImplementedError


class BlockFloat(_RunTime):
    """Mantissas of ``bits`` bits, and one exponent a sample, the least that holds its largest
    element."""

    def __init__(self, bits: int = 8):
        super().__init__()
        self.bits = bits

    def whole(self, v: Tensor) -> Tensor:
        top = 2**(self.bits - 1) - 1
        peak = v.abs().amax(1, keepdim=True)
        unit = torch.ones_like(peak)
        while (over := torch.floor(peak / unit) > top).any():
            unit = torch.where(over, 2 * unit, unit)
        steps = torch.floor((v + torch.floor(unit / 2)) / unit)
        return steps.clamp(-top - 1, top) * unit

    def tables(self) -> list[JsonObject]:
        return [*self.inner.tables(), {"type": "block_float", "bits": self.bits}]


class Residual(_RunTime):
    """The sum of ``planes`` planes; each is the residual's sign times its mean magnitude."""

    relu = False

    def __init__(self, planes: int = 1):
        super().__init__()
        self.planes = planes

    def whole(self, v: Tensor) -> Tensor:
        """Computes in whole numbers but for one division, so that float64 is exact to its last
        bit."""
        n, made = v.shape[1], torch.zeros_like(v)
        for p in range(self.planes):
            sign = torch.where(v >= 0, 1.0, -1.0).to(v.dtype)
            total = v.abs().sum(1, keepdim=True)
            made = made + sign * total * n**(self.planes - 1 - p)
            v = n * v - total * sign
        return made / n**self.planes

    def tables(self) -> list[JsonObject]:
        return [*self.inner.tables(), {"type": "residual", "planes": self.planes}]

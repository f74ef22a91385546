"""Dense layers whose weights are quantized in the forward pass.

Courbariaux et al., "BinaryConnect", 2015 (arXiv 1511.00363), define the straight-through estimator;
gradients of learned scales follow Zhu et al., TTQ, 2016 (arXiv 1612.01064).
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..schemes import Codes, Scheme
from ..schemes.scheme import scales, to_integers

__all__ = ["QuantLinear", "clip_weights", "round_weights", "straight_through"]

ENTRY_BITS = 8
"""Bits of learned scales, if the scheme has no ``entry_bits``."""


def straight_through(value: Tensor, surrogate: Tensor) -> Tensor:
    """Returns ``value`` with the gradient of ``surrogate``, both of the same shape."""
    return value.detach() + (surrogate - surrogate.detach())


class QuantLinear(nn.Linear):
    """A dense layer with weights of a scheme, or float weights if ``scheme`` is None.

    Parameters
    ----------
    inputs, outputs : units before and after the layer
    scheme : the weight format
    bias : whether the layer has one
    per_channel : one scale an output, or one for all
    stochastic : in training, weights are moved by a uniform number in -1..1 first; weights in that
        range then become +1 in ``binary`` with the probability (w + 1) / 2 (BinaryConnect, eq. 2)
    clipped : no gradient for weights beyond -1..1 (BNN)
    learned : the factors of the scheme's parts are parameters (TTQ's Wp and Wn)
    every : training steps between two quantizations, for slow quantizers"""

    def __init__(self, inputs: int, outputs: int, scheme: Scheme | None, *, bias: bool = False,
                 per_channel: bool = True, stochastic: bool = False, clipped: bool = False,
                 learned: bool = False, every: int = 1):
        super().__init__(inputs, outputs, bias=bias)
        self.scheme, self.per_channel = scheme, per_channel
        self.stochastic, self.clipped, self.every, self.steps = stochastic, clipped, every, 0
        self.kept: Tensor | None = None
        self.register_buffer("frozen", torch.zeros(outputs, inputs, dtype=torch.bool))
        self.register_buffer("fixed", torch.zeros(outputs, inputs))
        self.factors: nn.Parameter | None = None
        if learned:
            self.factors = nn.Parameter(self._first_factors())

    # -- the scheme's quantizer

    def _numpy(self, noise: bool = False) -> np.ndarray:
        weight = self.weight.detach()
        if noise:
            weight = weight + 2 * torch.rand_like(weight) - 1
        return weight.numpy().astype(np.float64)

    def codes(self, *, noise: bool = False) -> Codes:
        """Quantizes the weights; frozen weights keep their values.

        ``noise`` adds a uniform number in -1..1 to each weight first.
        """
        assert self.scheme is not None
        weight = self._numpy(noise)
        if self.frozen.any():
            weight = np.where(self.frozen.numpy(), self.fixed.numpy().astype(np.float64), weight)
        found = self.scheme.quantize(weight, per_channel=self.per_channel)
        if self.factors is None:
            return found
        bits = getattr(self.scheme, "entry_bits", ENTRY_BITS)
        table, scale = to_integers(self.factors.detach().numpy().astype(np.float64), bits)
        return Codes(found.codes, scales(scale, self.per_channel), scales(table, self.per_channel))

    def real(self, codes: Codes) -> np.ndarray:
        """Decodes ``codes`` to real weights (outputs, inputs), float64."""
        assert self.scheme is not None
        integers = self.scheme.decode(codes.codes, codes.table)
        return integers * np.reshape(codes.scale, (-1, 1))

    def _first_factors(self) -> Tensor:
        assert self.scheme is not None
        found = self.scheme.quantize(self._numpy(), per_channel=self.per_channel)
        if found.table is None or self.scheme.element(found.table).parts < 2:
            raise ValueError(f"{self.scheme.name} weights have no factors that could be learned")
        rows = 1 if not self.per_channel else self.out_features
        factors = self.scheme.factors(rows, found.table)
        return torch.tensor(factors * np.reshape(found.scale, (-1, 1)), dtype=torch.float32)

    # -- the forward pass

    def effective(self) -> Tensor:
        """Computes the weights of the forward pass (outputs, inputs), with straight-through
        gradients."""
        if self.scheme is None:
            return self.weight
        weight = self.weight
        if self.clipped:
            weight = torch.where(weight.abs() <= 1, weight, weight.detach())
        if self.factors is not None:
            return self._with_factors(weight)
        if self.kept is None or not self.training or self.steps % self.every == 0:
            noise = self.stochastic and self.training
            self.kept = torch.tensor(self.real(self.codes(noise=noise)), dtype=torch.float32)
        self.steps += self.training
        if self.frozen.any() and self.training:    # the other weights are still real
            return torch.where(self.frozen, self.fixed, weight)
        return straight_through(self.kept, weight)

    def _with_factors(self, weight: Tensor) -> Tensor:
        """Computes weights from learned factors.

        The gradient of a part goes to its factor; the gradient of a weight is scaled by its
        factor's size.
        """
        assert self.scheme is not None and self.factors is not None
        found = self.scheme.quantize(self._numpy(), per_channel=self.per_channel)
        parts = torch.tensor(self.scheme.element(found.table).weights(found.codes),
                             dtype=torch.float32)
        value = torch.einsum("rpi,rp->ri", parts, self.factors.expand(len(parts), -1))
        size = torch.where(value == 0, torch.ones_like(value), value.abs()).detach()
        return value + size * (weight - weight.detach())

    def forward(self, input: Tensor) -> Tensor:
        """Multiplies ``input`` (..., inputs) by the effective weights."""
        return functional.linear(input, self.effective(), self.bias)

    # -- frozen weights

    @torch.no_grad()
    def freeze(self, chosen: Tensor) -> None:
        """Freezes the weights of the mask ``chosen`` (outputs, inputs) at their quantized values.
        """
        real = torch.tensor(self.real(self.codes()), dtype=torch.float32)
        self.fixed = torch.where(chosen & ~self.frozen, real, self.fixed)
        self.frozen = self.frozen | chosen
        self.weight.copy_(torch.where(self.frozen, self.fixed, self.weight))


@torch.no_grad()
def clip_weights(model: nn.Module) -> None:
    """Clips all weights to -1..1 as BNN does; call it after each step of the optimizer."""
    for layer in model.modules():
        if isinstance(layer, QuantLinear):
            layer.weight.clamp_(-1, 1)


@torch.no_grad()
def round_weights(model: nn.Module, step: float) -> None:
    """Rounds stored weights stochastically to multiples of ``step``; call it after each step.

    Li et al., "Training Quantized Nets", 2017 (arXiv 1706.02379), eq. 2.
    """
    for layer in model.modules():
        if isinstance(layer, QuantLinear):
            layer.weight.copy_(torch.floor(layer.weight / step + torch.rand_like(layer.weight))
                               * step)

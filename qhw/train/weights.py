"""Weights of a scheme in the forward pass, for any layer whose weights are rows of outputs.

Courbariaux et al., "BinaryConnect", 2015 (arXiv 1511.00363), define the straight-through estimator;
gradients of learned scales follow Zhu et al., TTQ, 2016 (arXiv 1612.01064).
"""

from typing import TypedDict

import numpy as np
import torch
from torch import Tensor, nn

from ..schemes import Codes, Scheme
from ..schemes.scheme import scales, to_integers
from .exact import short, straight_through

__all__ = ["Options", "Quantized", "clip_weights", "round_weights"]

ENTRY_BITS = 8
"""Bits of learned scales, if the scheme has no ``entry_bits``."""


class Options(TypedDict, total=False):
    """How weights are quantized.

    Keys
    ----
    per_channel : one scale an output (the default), or one for all
    stochastic : in training, weights are moved by a uniform number in -1..1 first; weights in that
        range then become +1 in ``binary`` with the probability (w + 1) / 2 (BinaryConnect, eq. 2)
    clipped : no gradient for weights beyond -1..1 (BNN)
    learned : the factors of the scheme's parts are parameters (TTQ's Wp and Wn)
    every : training steps between two quantizations, for slow quantizers"""

    per_channel: bool
    stochastic: bool
    clipped: bool
    learned: bool
    every: int


class Quantized(nn.Module):
    """The common part of layers with weights of a scheme, a base class before PyTorch's layer.

    A row of the scheme is an output's weights with channels last; ``channels`` are those of the
    image that a dense layer's inputs were, 1 for a vector."""

    weight: nn.Parameter
    channels = 1

    def quantized(self, scheme: Scheme | None, *, per_channel: bool = True,
                  stochastic: bool = False, clipped: bool = False, learned: bool = False,
                  every: int = 1) -> None:
        """Ends the construction. ``scheme`` None leaves the weights float; ``per_channel``,
        ``stochastic``, ``clipped``, ``learned`` and ``every`` are those of ``Options``."""
        self.scheme, self.per_channel = scheme, per_channel
        self.stochastic, self.clipped, self.every, self.steps = stochastic, clipped, every, 0
        self.kept: Tensor | None = None
        self.known: tuple[tuple[int, ...], Tensor] | None = None
        self.register_buffer("frozen", torch.zeros(self.weight.shape, dtype=torch.bool))
        self.register_buffer("fixed", torch.zeros(self.weight.shape))
        self.factors: nn.Parameter | None = None
        if learned:
            self.factors = nn.Parameter(self._first_factors())

    # -- rows of the scheme

    def rows(self, weight: Tensor) -> Tensor:
        """Lays weights out as rows (outputs, inputs of one output), channels last."""
        return self._images(weight).movedim(1, -1).flatten(1)

    def shaped(self, rows: Tensor) -> Tensor:
        """Gives rows of ``rows`` the shape of the weights again."""
        outputs, channels, *pixels = self._images(self.weight).shape
        return rows.reshape(outputs, *pixels, channels).movedim(-1, 1).reshape(self.weight.shape)

    def _images(self, weight: Tensor) -> Tensor:
        """Weights (outputs, channels, ...)."""
        if weight.ndim > 2:
            return weight
        return weight.reshape(len(weight), self.channels, -1)

    def _numpy(self, noise: bool = False) -> np.ndarray:
        weight = self.weight.detach()
        if noise:
            weight = weight + 2 * torch.rand_like(weight) - 1
        return weight.cpu().numpy().astype(np.float64)

    # -- the scheme's quantizer

    def codes(self, *, noise: bool = False) -> Codes:
        """Quantizes the weights to codes of rows; frozen weights keep their values.

        ``noise`` adds a uniform number in -1..1 to each weight first.
        """
        weight = torch.from_numpy(self._numpy(noise))
        if self.frozen.any():
            weight = torch.where(self.frozen.cpu(), self.fixed.cpu().double(), weight)
        return self.projected(weight)

    def projected(self, weight: Tensor) -> Codes:
        """Quantizes any weights of this layer's shape."""
        assert self.scheme is not None
        found = self.scheme.quantize(self.rows(weight).detach().cpu().numpy().astype(np.float64),
                                     per_channel=self.per_channel)
        if self.factors is not None:
            table, scale = self._integers()
            return Codes(found.codes, scales(scale, self.per_channel),
                         scales(table, self.per_channel))
        scale = short(torch.as_tensor(found.scale, dtype=torch.float64)).numpy()
        return Codes(found.codes, scale, found.table)

    def real(self, codes: Codes) -> Tensor:
        """Decodes ``codes`` to real weights in the shape of the weights, float64."""
        assert self.scheme is not None
        integers = self.scheme.decode(codes.codes, codes.table)
        return self.shaped(torch.from_numpy(integers * np.reshape(codes.scale, (-1, 1))))

    def _integers(self) -> tuple[np.ndarray, np.ndarray]:
        """The learned factors as integers (rows, factors), and the scale of each row."""
        assert self.factors is not None
        bits = getattr(self.scheme, "entry_bits", ENTRY_BITS)
        return to_integers(self.factors.detach().cpu().numpy().astype(np.float64), bits)

    def _first_factors(self) -> Tensor:
        assert self.scheme is not None
        found = self.scheme.quantize(self.rows(torch.from_numpy(self._numpy())).numpy(),
                                     per_channel=self.per_channel)
        if found.table is None or self.scheme.element(found.table).parts < 2:
            raise ValueError(f"{self.scheme.name} weights have no factors that could be learned")
        rows = 1 if not self.per_channel else len(self.weight)
        factors = self.scheme.factors(rows, found.table)
        return torch.tensor(factors * np.reshape(found.scale, (-1, 1)), dtype=torch.float32)

    # -- the forward pass

    def effective(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Computes the weights of the forward pass in their shape, with straight-through
        gradients."""
        if self.scheme is None:
            return self.weight.to(dtype)
        if not self.training:
            return straight_through(self._evaluated().to(dtype), self.weight.to(dtype))
        weight = self.weight
        if self.clipped:
            weight = torch.where(weight.abs() <= 1, weight, weight.detach())
        if self.factors is not None:
            return self._with_factors(weight).to(dtype)
        if self.kept is None or self.steps % self.every == 0:
            self.kept = self.real(self.codes(noise=self.stochastic)).to(weight)
        self.steps += 1
        if self.frozen.any():    # the other weights are still real
            return torch.where(self.frozen, self.fixed, weight).to(dtype)
        return straight_through(self.kept, weight).to(dtype)

    def _evaluated(self) -> Tensor:
        """The weights that are exported, float64; kept until a parameter changes."""
        given = [self.weight, *([] if self.factors is None else [self.factors])]
        key = tuple(n for p in given for n in (p._version, p.data_ptr()))
        if self.known is None or self.known[0] != key:
            self.known = key, self.real(self.codes()).to(self.weight.device)
        return self.known[1]

    def _with_factors(self, weight: Tensor) -> Tensor:
        """Computes weights from learned factors.

        The gradient of a part goes to its factor; the gradient of a weight is scaled by its
        factor's size.
        """
        assert self.scheme is not None and self.factors is not None
        found = self.projected(weight.detach().cpu())
        parts = torch.tensor(self.scheme.element(found.table).weights(found.codes)).to(weight)
        table, scale = self._integers()
        factors = straight_through(torch.tensor(table * scale[:, None]).to(weight), self.factors)
        value = self.shaped(torch.einsum("rpi,rp->ri", parts, factors.expand(len(parts), -1)))
        size = torch.where(value == 0, torch.ones_like(value), value.abs()).detach()
        return value + size * (weight - weight.detach())

    # -- frozen weights

    @torch.no_grad()
    def freeze(self, chosen: Tensor) -> None:
        """Freezes the weights of the mask ``chosen``, of their shape, at their quantized values."""
        real = self.real(self.codes()).to(self.weight)
        self.fixed = torch.where(chosen & ~self.frozen, real, self.fixed)
        self.frozen = self.frozen | chosen
        self.weight.copy_(torch.where(self.frozen, self.fixed, self.weight))


@torch.no_grad()
def clip_weights(model: nn.Module) -> None:
    """Clips all weights to -1..1 as BNN does; call it after each step of the optimizer."""
    for layer in model.modules():
        if isinstance(layer, Quantized):
            layer.weight.clamp_(-1, 1)


@torch.no_grad()
def round_weights(model: nn.Module, step: float) -> None:
    """Rounds stored weights stochastically to multiples of ``step``; call it after each step.

    Li et al., "Training Quantized Nets", 2017 (arXiv 1706.02379), eq. 2.
    """
    for layer in model.modules():
        if isinstance(layer, Quantized):
            layer.weight.copy_(torch.floor(layer.weight / step + torch.rand_like(layer.weight))
                               * step)

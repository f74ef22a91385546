"""Training schedules: INQ's and SLQ's, which quantize the weights in portions, and ADMM."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from .layers import QuantLinear

__all__ = ["Admm", "incremental"]

INQ = (0.5, 0.75, 0.875, 1.0)


def layers_of(model: nn.Module) -> list[QuantLinear]:
    """Lists the quantized layers of ``model``."""
    return [m for m in model.modules() if isinstance(m, QuantLinear) and m.scheme is not None]


def incremental(model: nn.Module, train: Callable[[], None], portions: Sequence[float] = INQ, *,
                by: Callable[[QuantLinear], Tensor] | None = None) -> None:
    """Freezes larger and larger portions of the weights at their quantized values.

    This is INQ's schedule (Zhou et al., 2017, arXiv 1702.03044, section 2.2). SLQ's (Xu et al.,
    2018, arXiv 1803.03289) freezes the kernels of zero and of the largest magnitude first: pass
    ``kernels_first``.

    Parameters
    ----------
    model : a module with ``QuantLinear`` layers
    train : called after each portion but the last, to train the weights that are not frozen
    portions : rising fractions of the weights, the last 1
    by : ranks a layer's weights (outputs, inputs), the largest first; the magnitude by default"""
    for portion in portions:
        for layer in layers_of(model):
            rank = layer.weight.detach().abs() if by is None else by(layer)
            rank = torch.where(layer.frozen, torch.full_like(rank, torch.inf), rank)
            count = max(round(portion * rank.numel()), 1)
            edge = rank.flatten().topk(count).values[-1]
            layer.freeze(rank >= edge)
        if portion < 1:
            train()


def kernels_first(layer: QuantLinear) -> Tensor:
    """Ranks weights (outputs, inputs) as SLQ does: kernel zero first, then by falling kernel."""
    kernel = torch.tensor(layer.real(layer.codes()), dtype=torch.float32).abs()
    return torch.where(kernel == 0, 1 + kernel.max(), kernel)


class Admm:
    """Trains weights towards their quantized values with a growing penalty.

    Leng et al., 2017 (arXiv 1707.09870), section 3: with G the projection of W + L onto the
    scheme's weights, each round trains with the penalty rho / 2 |W - G + L|^2 and then adds W - G
    to the multipliers L.
    """

    def __init__(self, layers: Iterable[QuantLinear], rho: float = 1e-3):
        self.rho = rho
        self.layers = list(layers)
        self.multiplier = [torch.zeros_like(layer.weight) for layer in self.layers]
        self.target = [self._project(layer, m) for layer, m in zip(self.layers, self.multiplier,
                                                                   strict=True)]

    @staticmethod
    @torch.no_grad()
    def _project(layer: QuantLinear, multiplier: Tensor) -> Tensor:
        assert layer.scheme is not None
        found = layer.scheme.quantize((layer.weight + multiplier).numpy().astype("float64"),
                                      per_channel=layer.per_channel)
        return torch.tensor(layer.real(found), dtype=torch.float32)

    def penalty(self) -> Tensor:
        """Computes the penalty to add to the loss, a scalar."""
        terms = [(layer.weight - g + m).square().sum() for layer, g, m in zip(
            self.layers, self.target, self.multiplier, strict=True)]
        return self.rho / 2 * torch.stack(terms).sum()

    @torch.no_grad()
    def update(self) -> None:
        """Ends a round: projects the weights, then updates the multipliers."""
        for k, layer in enumerate(self.layers):
            self.target[k] = self._project(layer, self.multiplier[k])
            self.multiplier[k] += layer.weight - self.target[k]

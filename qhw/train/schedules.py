"""Schedules and losses of training loops: weights that are quantized in portions (INQ and SLQ),
ADMM's penalty, and a teacher's classes."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .weights import Quantized

__all__ = ["Admm", "distillation", "incremental", "kernels_first"]

INQ = (0.5, 0.75, 0.875, 1.0)


def layers_of(model: nn.Module) -> list[Quantized]:
    """Lists the quantized layers of ``model``."""
    return [m for m in model.modules() if isinstance(m, Quantized) and m.scheme is not None]


def incremental(model: nn.Module, train: Callable[[], None], portions: Sequence[float] = INQ, *,
                by: Callable[[Quantized], Tensor] | None = None) -> None:
    """Freezes larger and larger portions of the weights at their quantized values.

    This is INQ's schedule (Zhou et al., 2017, arXiv 1702.03044, section 2.2). SLQ's (Xu et al.,
    2018, arXiv 1803.03289) freezes the kernels of zero and of the largest magnitude first: pass
    ``kernels_first``.

    Parameters
    ----------
    model : a module with quantized layers
    train : called after each portion but the last, to train the weights that are not frozen
    portions : rising fractions of the weights, the last 1
    by : ranks a layer's weights, in their shape, the largest first; the magnitude by default"""
    for portion in portions:
        for layer in layers_of(model):
            rank = layer.weight.detach().abs() if by is None else by(layer)
            rank = torch.where(layer.frozen, torch.full_like(rank, torch.inf), rank)
            count = max(round(portion * rank.numel()), 1)
            edge = rank.flatten().topk(count).values[-1]
            layer.freeze(rank >= edge)
        if portion < 1:
            train()


def kernels_first(layer: Quantized) -> Tensor:
    """Ranks weights, in their shape, as SLQ does: kernel zero first, then by falling kernel."""
    kernel = layer.real(layer.codes()).to(layer.weight.detach()).abs()
    return torch.where(kernel == 0, 1 + kernel.max(), kernel)


class Admm:
    """Trains weights towards their quantized values with a growing penalty.

    Leng et al., 2017 (arXiv 1707.09870), section 3: with G the projection of W + L onto the
    scheme's weights, each round trains with the penalty rho / 2 |W - G + L|^2 and then adds W - G
    to the multipliers L.
    """

    def __init__(self, layers: Iterable[Quantized], rho: float = 1e-3):
        self.rho = rho
        self.layers = list(layers)
        self.multiplier = [torch.zeros_like(layer.weight) for layer in self.layers]
        self.target = [self._project(layer, m) for layer, m in zip(self.layers, self.multiplier,
                                                                   strict=True)]

    @staticmethod
    @torch.no_grad()
    def _project(layer: Quantized, multiplier: Tensor) -> Tensor:
        return layer.real(layer.projected(layer.weight + multiplier)).to(layer.weight)

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


def distillation(student: Tensor, teacher: Tensor, labels: Tensor, temperature: float = 4.0,
                 weight: float = 0.9) -> Tensor:
    """Computes the loss of a student that learns from a teacher's scores, a scalar.

    Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015 (arXiv 1503.02531):
    the divergence of the softened classes times the squared temperature, and the cross entropy.

    Parameters
    ----------
    student, teacher : scores (N, classes); no gradient goes to the teacher's
    labels : classes (N,)
    temperature : divides the scores
    weight : weight of the divergence; the cross entropy has the rest
    """
    soft = functional.kl_div(functional.log_softmax(student / temperature, 1),
                             functional.log_softmax(teacher.detach() / temperature, 1),
                             reduction="batchmean", log_target=True)
    return weight * temperature**2 * soft + (1 - weight) * functional.cross_entropy(student, labels)

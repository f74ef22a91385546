"""Dense layers and convolutions whose weights are quantized in the forward pass, and batch norms
that compute in float64 in evaluation, if their input is of that type."""

from typing import Unpack

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..schemes import Scheme
from .weights import Options, Quantized

__all__ = ["BatchNorm1d", "BatchNorm2d", "QuantConv1d", "QuantConv2d", "QuantLinear", "exact_norm",
           "quantized"]

Size = int | tuple[int, ...]


class QuantLinear(Quantized, nn.Linear):
    """A dense layer with weights of a scheme, or float weights if ``scheme`` is None.

    Parameters
    ----------
    inputs, outputs : units before and after the layer
    scheme : the weight format
    bias : whether the layer has one
    channels : channels of the image that was flattened before the layer; 1 for a vector
    how : see ``Options``"""

    def __init__(self, inputs: int, outputs: int, scheme: Scheme | None, *, bias: bool = False,
                 channels: int = 1, **how: Unpack[Options]):
        super().__init__(inputs, outputs, bias=bias)
        if inputs % channels:
            raise ValueError(f"{inputs} inputs are no image of {channels} channels")
        self.channels = channels
        self.quantized(scheme, **how)

    def forward(self, input: Tensor) -> Tensor:
        """Multiplies ``input`` (..., inputs) by the effective weights."""
        return functional.linear(input, self.effective(input.dtype), _as(self.bias, input))


class _QuantConv(Quantized):
    """The common part of convolutions, a base class before PyTorch's."""

    def __init__(self, inputs: int, outputs: int, kernel: Size, scheme: Scheme | None, *,
                 stride: Size = 1, padding: Size | str = 0, dilation: Size = 1, groups: int = 1,
                 bias: bool = False, **how: Unpack[Options]):
        super().__init__(inputs, outputs, kernel, stride, padding, dilation, groups, bias)
        self.quantized(scheme, **how)

    def forward(self, input: Tensor) -> Tensor:
        """Convolves ``input`` (N, inputs, *pixels) with the effective weights."""
        return self._conv_forward(input, self.effective(input.dtype), _as(self.bias, input))


class QuantConv2d(_QuantConv, nn.Conv2d):
    """A convolution with weights of a scheme, or float weights if ``scheme`` is None.

    Parameters
    ----------
    inputs, outputs : channels before and after the layer
    kernel, stride, padding, dilation : pixels, one number or (rows, columns)
    scheme : the weight format
    groups : of channels; ``inputs`` for a depthwise convolution
    bias : whether the layer has one
    how : see ``Options``"""


class QuantConv1d(_QuantConv, nn.Conv1d):
    """A convolution of one dimension; see ``QuantConv2d``."""


def _as(bias: Tensor | None, x: Tensor) -> Tensor | None:
    return None if bias is None else bias.to(x.dtype)


@torch.no_grad()
def quantized(layer: nn.Linear | nn.Conv1d | nn.Conv2d, scheme: Scheme | None, channels: int = 1,
              **how: Unpack[Options]) -> Quantized:
    """Makes the quantized layer of an ordinary ``layer``, whose weights and bias are copied.

    ``scheme``, ``channels`` and ``how`` are those of ``QuantLinear``. ValueError if the scheme
    cannot represent weights of this shape."""
    bias = layer.bias is not None
    if isinstance(layer, nn.Linear):
        made = QuantLinear(layer.in_features, layer.out_features, scheme, bias=bias,
                           channels=channels)
    else:
        kind = QuantConv1d if isinstance(layer, nn.Conv1d) else QuantConv2d
        made = kind(layer.in_channels, layer.out_channels, layer.kernel_size, scheme,
                    stride=layer.stride, padding=layer.padding, dilation=layer.dilation,
                    groups=layer.groups, bias=bias)
        made.padding_mode = layer.padding_mode
    made.load_state_dict(layer.state_dict(), strict=False)
    made.quantized(scheme, **how)       # learned factors start from these weights
    if scheme is not None:
        made.codes()
    return made.train(layer.training)


class _Double(nn.Module):
    """PyTorch's own norm takes a float64 input with float64 parameters alone."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalizes ``input`` (N, channels, ...)."""
        if self.training or input.dtype == self.running_mean.dtype:
            return super().forward(input)
        shape = (1, -1, *[1] * (input.ndim - 2))
        mean, variance = (b.to(input.dtype).reshape(shape)
                          for b in (self.running_mean, self.running_var))
        normal = (input - mean) / torch.sqrt(variance + self.eps)
        if self.weight is None:
            return normal
        gamma, beta = (p.to(input.dtype).reshape(shape) for p in (self.weight, self.bias))
        return gamma * normal + beta


class BatchNorm1d(_Double, nn.BatchNorm1d):
    """PyTorch's ``BatchNorm1d`` with the parameters it has there."""


class BatchNorm2d(_Double, nn.BatchNorm2d):
    """PyTorch's ``BatchNorm2d`` with the parameters it has there."""


def exact_norm(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> BatchNorm1d | BatchNorm2d:
    """Copies a norm with its parameters and statistics; ValueError if it keeps no statistics."""
    if norm.running_mean is None:
        raise ValueError("a norm without running statistics depends on the batch; use "
                         "track_running_stats=True")
    kind = BatchNorm1d if isinstance(norm, nn.BatchNorm1d) else BatchNorm2d
    made = kind(norm.num_features, norm.eps, norm.momentum, norm.affine)
    made.load_state_dict(norm.state_dict())
    return made.train(norm.training)

"""Numbers of few bits, whose sums of products are exact in float64.

Scales of 8 bits (12 at the input) times codes leave room for the sums of any layer in the 53 bits
of a float64, so that PyTorch decides as integers do on which side of a step a number lies."""

import torch
from torch import Tensor

__all__ = ["INPUT_BITS", "SCALE_BITS", "short", "straight_through"]

SCALE_BITS = 8
"""Bits of the scales of weights and activations."""
INPUT_BITS = 12
"""Bits of the input's scale: 1/255 becomes 257/65536."""
LEAST = 2.0**-30
"""Scales are at least this."""


def straight_through(value: Tensor, surrogate: Tensor) -> Tensor:
    """Returns ``value`` with the gradient of ``surrogate``, both of the same shape."""
    return value.detach() + (surrogate - surrogate.detach())


def short(values: Tensor, bits: int = SCALE_BITS) -> Tensor:
    """Rounds positive numbers of any shape to ``bits`` bits; the gradient is the identity's."""
    values = values.clamp(min=LEAST)
    mantissa, exponent = torch.frexp(values.detach())
    rounded = torch.ldexp((mantissa * 2**bits).round(), exponent - bits)
    return straight_through(rounded, values)

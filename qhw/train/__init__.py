"""Training with any weight scheme, in PyTorch: the extra ``train``.

``prepare`` makes a quantized network of an ordinary one, and ``export`` describes it for hardware.
One mechanism serves every scheme: the forward pass uses the weights as the scheme's own quantizer
rounds them, and the backward pass treats quantization as the identity. See docs/guides/training.md.
"""

from .activations import Input, Levels, Sign, Uniform
from .adamax import ShiftAdaMax
from .check import differences
from .export import export
from .layers import BatchNorm1d, BatchNorm2d, QuantConv1d, QuantConv2d, QuantLinear
from .prepare import prepare
from .runtime import BlockFloat, Residual
from .schedules import Admm, distillation, incremental
from .weights import Options, clip_weights, round_weights
from .words import activation

__all__ = ["Admm", "BatchNorm1d", "BatchNorm2d", "BlockFloat", "Input", "Levels", "Options",
           "QuantConv1d", "QuantConv2d", "QuantLinear", "Residual", "ShiftAdaMax", "Sign",
           "Uniform", "activation", "clip_weights", "differences", "distillation", "export",
           "incremental", "prepare", "round_weights"]

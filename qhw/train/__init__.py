"""Training with any weight scheme, in PyTorch: the extra ``train``.

One mechanism serves every scheme: the forward pass uses the weights as the scheme's own quantizer
rounds them, and the backward pass treats quantization as the identity. See docs/training.md.
"""

from .activations import Sign, Uniform
from .adamax import ShiftAdaMax
from .export import export
from .layers import QuantLinear, clip_weights, round_weights
from .schedules import Admm, incremental

__all__ = ["Admm", "QuantLinear", "ShiftAdaMax", "Sign", "Uniform", "clip_weights", "export",
           "incremental", "round_weights"]

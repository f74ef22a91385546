"""Layers, one a file: those of the network as it is described, and the integer ones they become."""

from .affine import Affine
from .argmax import ArgMax, Largest
from .batch_norm import BatchNorm
from .combine import Combine
from .dense import Dense
from .flatten import Flatten
from .gain import Gain
from .input import Input
from .levels import Levels, Ternarize
from .linear import Linear
from .lookup import Lookup
from .matvec import MatVec
from .op import HardwareOp, Lanewise, paced
from .quantize import Quantize, Quantizer, Sign
from .relu import Relu
from .requantize import Requantize
from .shift_norm import ShiftNorm
from .threshold import Threshold

__all__ = [
    "Affine", "ArgMax", "BatchNorm", "Combine", "Dense", "Flatten", "Gain", "HardwareOp",
    "Input", "Lanewise", "Largest", "Levels", "Linear", "Lookup", "MatVec", "Quantize",
    "Quantizer", "Relu", "Requantize", "ShiftNorm", "Sign", "Ternarize", "Threshold", "paced",
]

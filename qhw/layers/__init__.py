"""Layers as people describe them: real-valued, one a file; the host computes some."""

from .affine import Affine
from .batch_norm import BatchNorm
from .conv import Conv
from .dense import Dense
from .flatten import Flatten
from .functions import Clamp, Divide, Function, LeakyRelu
from .input import Input
from .levels import Levels, Ternarize
from .linear import Linear
from .quantize import Codes, Quantize, Quantizer, Sign
from .relu import Relu
from .shapes import Arrange, Recode, Reshape
from .shift_norm import ShiftNorm
from .softmax import Softmax
from .steps import MultiThreshold, ShiftRound, Truncate

__all__ = [
    "Affine", "Arrange", "BatchNorm", "Clamp", "Codes", "Conv", "Dense", "Divide", "Flatten",
    "Function", "Input", "LeakyRelu", "Levels", "Linear", "MultiThreshold", "Quantize",
    "Quantizer", "Recode", "Relu", "Reshape", "ShiftNorm", "ShiftRound", "Sign", "Softmax",
    "Ternarize", "Truncate",
]

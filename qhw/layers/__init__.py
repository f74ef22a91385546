"""Layers as people describe them, real-valued, one file each; the host computes some.

The package finds its files by scanning. It names only those that several other packages use."""

from ..tools.members import members
from .add import Add
from .affine import Affine
from .argmax import ArgMax
from .batch_norm import BatchNorm
from .conv import Conv
from .dense import Dense
from .flatten import Flatten
from .float_conv import FloatConv
from .floating import Floating
from .functions import Clamp, Divide, Function, LeakyRelu, Round
from .input import Input
from .join import Join
from .levels import Levels, Ternarize
from .linear import Linear
from .quantize import Codes, Quantize, Quantizer, Sign
from .relu import Relu
from .rescale import Rescale
from .run_time import BlockFloat, Residual, RunTime
from .shapes import Arrange, Recode, Reshape
from .shift_norm import ShiftNorm
from .softmax import Softmax
from .steps import MultiThreshold, ShiftRound, Truncate

__all__ = [
    "Add", "Affine", "ArgMax", "Arrange", "BatchNorm", "BlockFloat", "Clamp",
    "Codes", "Conv", "Dense", "Divide", "Flatten", "FloatConv", "Floating", "Function", "Input",
    "Join", "LeakyRelu", "Levels", "Linear", "MultiThreshold", "Quantize", "Quantizer", "Recode",
    "Relu", "Rescale", "Reshape", "Residual", "Round", "RunTime", "ShiftNorm", "ShiftRound", "Sign",
    "Softmax", "Ternarize", "Truncate",
]

members(__name__)

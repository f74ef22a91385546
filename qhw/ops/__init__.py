"""Layers, one a file: those of the network as it is described, and the integer ones they become."""

from .affine import Affine
from .argmax import ArgMax, Largest
from .batch_norm import BatchNorm
from .combine import Combine
from .conv import Conv
from .dense import Dense
from .flatten import Flatten
from .functions import Clamp, Divide, Function, LeakyRelu
from .gain import Gain
from .input import Input
from .join import Add, Concat, Join, Sum, Take
from .levels import Levels, Ternarize
from .linear import Linear
from .lookup import Decoder, Lookup
from .matvec import MatVec
from .op import HardwareOp, Lanewise, paced
from .pool import AveragePool, MaxPool, Pooling
from .quantize import Codes, Quantize, Quantizer, Sign
from .relu import Relu
from .reorder import Reorder
from .requantize import Requantize
from .shapes import Arrange, Recode, Reshape
from .shift_norm import ShiftNorm
from .softmax import Softmax
from .steps import MultiThreshold, ShiftRound, Truncate
from .threshold import Threshold
from .windows import Windows

__all__ = [
    "Add", "Affine", "ArgMax", "Arrange", "AveragePool", "BatchNorm", "Clamp", "Codes",
    "Combine", "Concat", "Conv", "Decoder", "Dense", "Divide", "Flatten", "Function", "Gain",
    "HardwareOp", "Input", "Join", "Lanewise", "Largest", "LeakyRelu", "Levels", "Linear",
    "Lookup", "MatVec",
    "MaxPool", "MultiThreshold", "Pooling", "Quantize", "Quantizer", "Recode", "Relu",
    "Reorder", "Requantize", "Reshape", "ShiftNorm", "ShiftRound", "Sign", "Softmax", "Sum",
    "Take", "Ternarize", "Threshold", "Truncate", "Windows", "paced",
]

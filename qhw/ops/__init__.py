"""Operations on integers that become hardware, one a file."""

from .argmax import ArgMax, Largest
from .combine import Combine
from .gain import Gain
from .join import Add, Concat, Join, Sum, Take
from .lookup import Decoder, Lookup
from .matvec import MatVec
from .op import HardwareOp, Lanewise, paced
from .pool import AveragePool, MaxPool, Pooling
from .reorder import Reorder
from .requantize import Requantize
from .threshold import Threshold
from .windows import Windows

__all__ = [
    "Add", "ArgMax", "AveragePool", "Combine", "Concat", "Decoder", "Gain", "HardwareOp", "Join",
    "Lanewise", "Largest", "Lookup", "MatVec", "MaxPool", "Pooling", "Reorder", "Requantize", "Sum",
    "Take", "Threshold", "Windows", "paced",
]

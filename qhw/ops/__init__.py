"""Operations on integers that become hardware, one a file."""

from importlib import import_module
from pkgutil import iter_modules

from .combine import Combine
from .concat import Concat
from .decoder import Decoder
from .gain import Gain
from .largest import Largest
from .lookup import Lookup
from .matvec import MatVec
from .op import HardwareOp, Lanewise, paced
from .pooling import Pooling
from .reorder import Reorder
from .requantize import Requantize
from .sum import Sum
from .take import Take
from .threshold import Threshold
from .windows import Windows

__all__ = [
    "Combine", "Concat", "Decoder", "Gain", "HardwareOp", "Lanewise", "Largest", "Lookup", "MatVec",
    "Pooling", "Reorder", "Requantize", "Sum", "Take", "Threshold", "Windows", "paced",
]

for _module in iter_modules(__path__):     # each registers what it describes
    import_module(f"{__name__}.{_module.name}")

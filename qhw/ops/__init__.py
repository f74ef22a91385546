"""Operations on integers that become hardware, one file each.

The package finds its files by scanning. It names only those that several other packages use."""

import re
import warnings

from amaranth.hdl import UnusedElaboratable

from ..tools.members import members, plugins
from .combine import Combine
from .concat import Concat
from .decoder import Decoder
from .gain import Gain
from .history import History
from .largest import Largest
from .lookup import Lookup
from .matvec import MatVec
from .op import HardwareOp, Lanewise
from .reorder import Reorder
from .requantize import Requantize
from .sum import Sum
from .take import Take
from .threshold import Threshold
from .windows import Windows

__all__ = [
    "Combine", "Concat", "Decoder", "Gain", "HardwareOp", "History", "Lanewise", "Largest",
    "Lookup", "MatVec", "Reorder", "Requantize", "Sum", "Take", "Threshold", "Windows",
]

# Schedules, streams and prices make units only to ask them.
for _package in ("qhw", *(one.module.split(".")[0] for one in plugins())):
    warnings.filterwarnings("ignore", category=UnusedElaboratable,
                            module=rf".*[/\\]{re.escape(_package)}[/\\]")

members(__name__)

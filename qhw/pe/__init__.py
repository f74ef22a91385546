"""Processing elements (PE): the gates of a dot product, one family a file. A scheme selects one."""

from .bins import Bins
from .bitplanes import BitPlanes
from .element import Dot, Element
from .floats import Floats
from .logs import Logs
from .multiply import Multiply
from .shiftadd import ShiftAdd
from .tables import Tables
from .tile import Tile

__all__ = ["Bins", "BitPlanes", "Dot", "Element", "Floats", "Logs", "Multiply", "ShiftAdd",
           "Tables", "Tile"]

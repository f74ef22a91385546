"""Processing elements: one file a family of gates. A scheme chooses; see ``element.py``."""

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

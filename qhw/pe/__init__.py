"""Processing elements (PE): the gates of a dot product, one family a file. A scheme selects one.

A family imports Amaranth only in the methods that make gates, and only ``tile`` has components, so
that codes can be decoded without Amaranth."""

from typing import TYPE_CHECKING

from ..tools.lazy import lazily
from .bins import Bins
from .bitplanes import BitPlanes, Parities
from .digits import Digits, Pairs
from .element import Element
from .floats import Floats
from .logs import Logs
from .multiply import Multiply
from .shiftadd import ShiftAdd
from .tables import Tables

if TYPE_CHECKING:
    from .tile import Dot, Tile

__all__ = ["Bins", "BitPlanes", "Digits", "Dot", "Element", "Floats", "Logs", "Multiply",
           "Pairs", "Parities", "ShiftAdd", "Tables", "Tile"]

__getattr__, __dir__ = lazily(__name__, {"Dot": "tile", "Tile": "tile"})

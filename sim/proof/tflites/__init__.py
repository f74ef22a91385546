"""TFLite files made table by table, at random too, and TensorFlow Lite Micro's answers to them."""

from .filters import filtered
from .loops import recurrent
from .made import Made, answers, table
from .network import compared, differing, grown, network
from .streams import streaming

__all__ = ["Made", "answers", "compared", "differing", "filtered", "grown", "network", "recurrent",
           "streaming", "table"]

"""TFLite files made table by table, at random too, and TensorFlow Lite Micro's answers to them."""

from .made import Made, answers, table
from .network import compared, grown, network
from .streams import streaming

__all__ = ["Made", "answers", "compared", "grown", "network", "streaming", "table"]

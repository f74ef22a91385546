"""Quantized neural networks to exact, measured hardware with open tools only."""

__version__ = "0.1.0"

"""ONNX files: QONNX, QuantizeLinear and DequantizeLinear, operators on codes, integers."""

from .format import Onnx

__all__ = ["FORMAT"]

FORMAT = Onnx()

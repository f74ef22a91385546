"""ONNX files: QONNX, QuantizeLinear and DequantizeLinear, operators on codes, integers."""

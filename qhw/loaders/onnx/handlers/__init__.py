"""Handlers: they turn ONNX operators into our layers. Each file has a group of operators."""

"""What each ONNX operator becomes: a file a group of operators."""

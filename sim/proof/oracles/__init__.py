"""Random ONNX files at the corners, held against executors that nobody here wrote."""

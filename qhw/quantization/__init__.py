"""Quantization of float networks: a scheme for each layer."""

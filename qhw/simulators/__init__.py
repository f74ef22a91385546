"""Inference: the golden, and the simulators that must equal it."""

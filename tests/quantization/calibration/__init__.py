"""Calibration methods against tables, other implementations and exhaustive search."""

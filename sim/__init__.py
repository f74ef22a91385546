"""Benches that are too slow or too native for the package: cocotb and speed."""

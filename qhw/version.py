"""The version of the package, which is written to every output."""

__version__ = "0.1.0"

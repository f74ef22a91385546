"""The version of the package, which is written to every output."""

__version__ = "0.2.0"

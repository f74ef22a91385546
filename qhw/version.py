"""The version of the package, which stands in everything that it writes."""

__version__ = "0.1.0"

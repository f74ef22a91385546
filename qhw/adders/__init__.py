"""Constant weights as logic: a matrix becomes a network of adders that outputs share."""

from .network import Network
from .search import compile

__all__ = ["Network", "compile"]

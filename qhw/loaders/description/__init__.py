"""qhw's own description of a network: a folder with ``model.toml`` and ``weights.npz``."""

from .format import Description

__all__ = ["FORMAT"]

FORMAT = Description()

"""A table of what codes stand for, before hardware that reads the integers themselves."""

from dataclasses import dataclass

from .lookup import Lookup

__all__ = ["Decoder"]


@dataclass(frozen=True, eq=False)
class Decoder(Lookup):
    """A table that no layer of the network as described asks for: what codes stand for, or their
    order. It becomes one with a table before it."""

"""Tables from codes to the integers that hardware reads."""

from dataclasses import dataclass

from .lookup import Lookup

__all__ = ["Decoder"]


@dataclass(frozen=True, eq=False)
class Decoder(Lookup):
    """A table that lowering adds: from codes to their integers, or to their rank. It is merged with
    a table before it."""

"""A network behind a processor's bus: registers, and the buses that reach them."""

from typing import Literal, get_args

__all__ = ["WRAPS", "Wrap"]

Wrap = Literal["axi-lite", "wishbone"]
WRAPS: tuple[Wrap, ...] = get_args(Wrap)

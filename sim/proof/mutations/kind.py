"""A kind of file: where whole ones come from, how they are damaged, and what reads them."""

import random
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar

from .damage import bytes_damaged

__all__ = ["Kind"]

SEEDS = 40


class Kind(ABC):
    """Files of one kind in a folder of its own."""

    name: ClassVar[str]
    file: ClassVar[str]

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def whole(self, seed: int) -> bytes:
        """A file that is right."""

    @abstractmethod
    def damaged(self, data: bytes, rng: random.Random) -> bytes:
        """The file with something in its structure that is not right."""

    @abstractmethod
    def read(self, path: Path) -> None:
        """Reads it; QhwError if it cannot be read."""

    def write(self, rng: random.Random) -> Path:
        """A damaged file."""
        data, other = (self.seed(rng.randrange(SEEDS)) for _ in range(2))
        path = self.folder / self.file
        path.write_bytes(self.changed(data, other, rng))
        return path

    def changed(self, data: bytes, other: bytes, rng: random.Random) -> bytes:
        """The file with damage to its bytes, or to its structure where that can be written."""
        if rng.random() < .6:
            with suppress(IndexError, OverflowError, RecursionError, TypeError, ValueError):
                return self.damaged(data, rng)
        return bytes_damaged(data, other, rng)

    @cached_property
    def seed(self) -> Any:
        """Whole files, each made once."""
        return cache(self.whole)

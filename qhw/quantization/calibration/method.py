"""The interface of calibration methods."""

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ...tools.members import enrol
from .histogram import Histogram

if TYPE_CHECKING:
    from ...layers import Quantizer

__all__ = ["Family", "Method"]


class Family(Protocol):
    """Quantizers of one format, one for each interval."""

    uniform: ClassVar[bool]
    """Whether steps are even."""
    signed: ClassVar[bool]
    """Whether codes are of both signs."""

    @property
    def top(self) -> int:
        """Steps from 0 to the largest code."""
        ...

    def quantizer(self, lo: float, hi: float) -> "Quantizer":
        """Makes the quantizer that clips reals outside ``lo`` .. ``hi``."""
        ...


class Method(ABC):
    """A way to choose an interval; subclasses are frozen dataclasses with at most one parameter,
    registered by their ``name``."""

    name: ClassVar[str]
    citation: ClassVar[str]
    """Authors, title, year, number."""
    about: ClassVar[str]
    """The interval in a few words."""
    registry: ClassVar[dict[str, type["Method"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        enrol(Method.registry, cls.name, cls)

    def __str__(self) -> str:
        parts = [f"{getattr(self, f.name)}" for f in fields(self)]  # pyright: ignore[reportArgumentType]
        return ":".join([self.name, *parts])

    @abstractmethod
    def interval(self, seen: Histogram, family: Family) -> tuple[float, float]:
        """Chooses the interval, lowest and highest, outside which numbers are clipped.

        ValueError if the method is not for such codes."""

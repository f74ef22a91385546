"""Parts of a Verilog design: modules with text and interface, so that the text need not be
parsed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Contents", "InstanceOf", "Memory", "Module", "ModulePort", "Printed"]


class Contents(str):
    """The words of a constant memory, one a line in hexadecimal, as a parameter of an instance.

    When the instance is printed, the words go to a file, and the parameter is the file's name."""

    __slots__ = ()


class ModulePort(NamedTuple):
    """A port as declared: direction, name, and width in bits."""

    direction: Literal["input", "output"]
    name: str
    bits: int
    """Its width; where parameters tell the width, that with their defaults."""


@dataclass(frozen=True)
class InstanceOf:
    """An instance of a module of the design or of a cell library."""

    name: str
    module: str
    parameters: Mapping[str, int | str]


@dataclass(frozen=True)
class Memory:
    """A memory: ``depth`` words of ``width`` bits."""

    name: str
    """Name of its instance."""
    module: str
    width: int
    depth: int
    file: str = ""
    """Where its words are, one a line in hexadecimal; none if it is written, or if its words stand
    in the Verilog."""


@dataclass(frozen=True)
class Module:
    """A module: its text with the comment above it, its ports, instances and memories."""

    name: str
    ports: tuple[ModulePort, ...]
    text: str
    instances: tuple[InstanceOf, ...] = ()
    memories: tuple[Memory, ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Printed:
    """A component and its submodules as text.

    ``modules`` begins with the component's own module. ``contents`` has the contents of memory
    files by file name."""

    modules: tuple[Module, ...]
    contents: Mapping[str, str]

    @property
    def text(self) -> str:
        """The text of all modules."""
        return "\n\n".join(module.text for module in self.modules) + "\n"

"""Parts of a Verilog design: modules with their text and their interface, so that nobody parses the
text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Contents", "InstanceOf", "Memory", "Module", "ModulePort", "Printed"]


class Contents(str):
    """Words of a constant memory, one a line in hexadecimal, as the parameter of an instance:
    printing gives them a file, and the parameter that file's name."""

    __slots__ = ()


class ModulePort(NamedTuple):
    """A port as it is declared."""

    direction: Literal["input", "output"]
    name: str
    bits: int
    """Its width; where parameters tell the width, that with their defaults."""


@dataclass(frozen=True)
class InstanceOf:
    """An instance of a module, which may be one of a library's."""

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
    """A module: its text with the comment above it, its instances and memories."""

    name: str
    ports: tuple[ModulePort, ...]
    text: str
    instances: tuple[InstanceOf, ...] = ()
    memories: tuple[Memory, ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Printed:
    """A component and all below it: modules, the component's own first, and the contents of files
    that instances name, by file."""

    modules: tuple[Module, ...]
    contents: Mapping[str, str]

    @property
    def text(self) -> str:
        """The text of all modules."""
        return "\n\n".join(module.text for module in self.modules) + "\n"

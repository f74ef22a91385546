"""The submodules of a module: their instances, and the wires between them that can be left out."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from amaranth.hdl import Const, Value

from ..tools.hdl import Instance, Memory, Signal, serial
from .items import Item, Set, every, sets
from .parts import Contents
from .statements import Statements
from .terms import pieces
from .text import WIDTH, Doc, Text, flat, number, size, statement

__all__ = ["Built", "Child", "Connections", "Port"]

INLINE = 48
"""Columns up to which an expression stands in a port's connection instead of a wire."""


class Port(NamedTuple):
    name: str
    signal: Signal
    is_input: bool


class Built(NamedTuple):
    """A module as its parents see it; equal modules have the same ``key``."""

    key: int
    ports: list[Port]
    clk: bool
    rst: bool
    domain: Any
    """Its clock must be its parent's; its reset may be another one."""


class Parameter(NamedTuple):
    """A parameter of an instance, and its rows of text; memory contents have the text around the
    name of their file."""

    name: str
    value: int | str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Child:
    """An instance without the name of its module, which is known only when all modules are
    printed."""

    name: str
    kind: int | str
    """``key`` of a module of this design, or the name of another."""
    parameters: tuple[Parameter, ...]
    connections: tuple[str, ...]
    memory: tuple[int, int] | None = None
    """Width and depth, if it is one."""

    def rows(self, module: str, files: Mapping[str, str]) -> list[str]:
        """Prints the lines of the instance; ``files`` has the files of the parameters that are
        contents, by parameter."""
        if not self.parameters:
            return [f"  {module} {self.name} (", *self.connections, "  );"]
        given = [row for parameter in self.parameters for row in (
            [files[parameter.name].join(parameter.rows)] if parameter.name in files
            else parameter.rows)]
        return [f"  {module} #(", *given, f"  ) {self.name} (", *self.connections, "  );"]


class Connections(ABC):
    """The part of a module's printer that prints its instances and their connections."""

    names: dict[int, str]
    children: dict[str, Built | Instance]
    to_child: dict[int, Signal]
    from_child: dict[int, Signal]
    by_signal: dict[int, list[Set]]
    kinds: dict[int, str]
    plain: set[int]
    registers: dict[int, Signal]
    uses: dict[str, bool]
    domain: Any
    statements: Statements

    @abstractmethod
    def where(self) -> str:
        """Path of the component in the design, as text."""

    @abstractmethod
    def name(self, signal: Signal) -> str:
        """Returns the Verilog name of a signal."""

    @abstractmethod
    def _hoisted(self) -> list[Set]:
        """Takes the wires that expressions needed since the last call."""

    def _instances(self, comb: list[Item], sync: list[Item]):
        """Their text, and the bits that external ones drive."""
        rows = {name: self._rows(name, child) for name, child in self.children.items()}
        texts: dict[tuple[str, str], Text] = {}
        bound: dict[int, list[tuple[int, int]]] = {}
        read: Counter[int] = Counter()
        self.statements.target = ""
        every = [(name, *row) for name, found in rows.items() for row in found]
        for name, port, value, is_input in every:
            if isinstance(value, Signal) and (
                    value.duid in self.to_child or value.duid in self.from_child):
                continue
            if is_input:
                texts[name, port], seen = self.statements.reading(self._input, value)
                read.update(seen)
            else:
                texts[name, port] = self._output(value, bound)
        comb[:0] = hoisted = self._hoisted()
        for s in hoisted:
            self.by_signal[s.signal.duid] = [s]
            self.plain.add(s.signal.duid)
        self._shorten(comb, sync, read)
        for name, port, value, _ in every:
            if (name, port) not in texts:
                texts[name, port] = self.inlined.get(serial(value), self.names[serial(value)])
        return [self._instance(name, child, [(row[0], texts[name, row[0]]) for row in rows[name]])
                for name, child in self.children.items()], bound

    def _rows(self, name: str, child: Built | Instance) -> list[tuple[str, Value, bool]]:
        """Yields port, connected value, and whether it is an input."""
        if isinstance(child, Built):
            return [(port.name, port.signal, port.is_input) for port in child.ports]
        for port, (value, kind) in child.ports.items():
            if kind not in ("i", "o") or not isinstance(value, Value):
                raise NotImplementedError(f"{self.where()}: port {port} of instance {name} is "
                                          "neither an input nor an output")
        return [(port, value, kind == "i") for port, (value, kind) in child.ports.items()]

    def _input(self, value: Value) -> Text:
        return self.statements.alone(value).doc if len(value) else ""

    def _output(self, value: Value, bound: dict[int, list[tuple[int, int]]]) -> Text:
        docs = list[tuple[str, Text]]()
        for base, lo, hi in reversed(pieces(value, 0, len(value))):
            if not isinstance(base, Signal):
                raise NotImplementedError(f"{self.where()}: an instance drives {base!r}")
            docs.append(("", self.statements.select(self.name(base), len(base), lo, hi)))
            bound.setdefault(base.duid, []).append((lo, hi))
            self.kinds.setdefault(base.duid, "wire")
        return docs[0][1] if len(docs) == 1 else Doc(docs, ", ", "{", "}")

    def _shorten(self, comb: list[Item], sync: list[Item], read: Counter[int]) -> None:
        """Which wires of submodules are left out, and what their ports connect to instead."""
        self.inlined: dict[int, Text] = {}
        self.dropped: set[int] = set()
        counts = Counter(read)
        for item in every([*comb, *sync]):
            counts.update(item.reads)
        for duid, signal in self.to_child.items():
            drivers = self.by_signal.get(duid, ())
            if counts[duid] or duid in self.registers:
                continue
            if not drivers:
                self.inlined[duid] = number(signal.init, len(signal))
            elif (duid in self.plain and len(drivers) == 1 and drivers[0].whole
                  and drivers[0].exact and size(drivers[0].text) <= INLINE):
                self.inlined[duid] = drivers[0].text
                self.dropped.add(id(drivers[0]))
        names = {self.names[duid]: duid for duid in self.from_child if counts[duid] == 1}
        for s in sets(comb):
            source = names.get(s.text) if isinstance(s.text, str) else None
            if (source is not None and s.signal.duid in self.plain and id(s) not in self.dropped
                    and s.hi - s.lo == len(self.from_child[source])):
                self.inlined[source] = s.target
                self.dropped.add(id(s))
        for duid in self.from_child:
            if not counts[duid]:
                self.inlined[duid] = ""

    def _instance(self, name: str, child: Built | Instance,
                  connections: list[tuple[str, Text]]) -> Child:
        if isinstance(child, Built):
            if (child.clk or child.rst) and child.domain is not None:
                connections = [*self._clocked(name, child, child.domain), *connections]
            return Child(name, child.key, (), _connected(connections))
        parameters = [_parameter(key, value, ")," if k < len(child.parameters) - 1 else ")")
                      for k, (key, value) in enumerate(child.parameters.items())]
        memories = [origin for origin in child.origins or () if isinstance(origin, Memory)]
        sizes = [(len(memory.read_ports[0].data), memory.depth) for memory in memories]
        return Child(name, child.type, tuple(parameters), _connected(connections),
                     sizes[0] if sizes else None)

    def _clocked(self, name: str, child: Built, domain: Any) -> list[tuple[str, Text]]:
        """Connects the clock and the reset of a submodule."""
        if self.domain is None or domain.clk is not self.domain.clk:
            raise NotImplementedError(f"{self.where()}.{name}: domain {domain.name} has another "
                                      "clock, which is not supported")
        used = [("clk", domain.clk)] * child.clk + [("rst", domain.rst)] * child.rst
        return [(port, self.name(signal)) for port, signal in used]


def _parameter(name: str, value: Any, end: str) -> Parameter:
    match value:
        case Const():
            found, text = value.value, number(value.value, len(value))
        case Contents():
            return Parameter(name, value, (f'    .{name}("', f'"{end}'))
        case str():
            found, text = value, f'"{value}"'
        case int():
            found, text = int(value), str(int(value))
        case _:
            raise NotImplementedError(f"parameter {value!r} is not supported")
    return Parameter(name, found, tuple(_row(name, text, end)))


def _connected(pairs: list[tuple[str, Text]]) -> tuple[str, ...]:
    last = len(pairs) - 1
    return tuple(row for k, (name, text) in enumerate(pairs)
                 for row in _row(name, text, ")," if k < last else ")"))


def _row(name: str, text: Text, end: str) -> list[str]:
    if 5 + len(name) + size(text) + len(end) <= WIDTH:
        return [f"    .{name}({flat(text)}{end}"]
    return statement(f".{name}(", text, end, 4)

"""The submodules of a module: their instances, and which wires between them can be left out."""

from collections import Counter
from typing import Any, NamedTuple

from amaranth.hdl import Const, Instance, Signal, Value

from .items import Item, Set, every, sets
from .statements import Statements
from .terms import pieces
from .text import WIDTH, Doc, Text, flat, number, size, statement

__all__ = ["Built", "Connections", "Port"]

INLINE = 48
"""Columns up to which an expression stands in a port's connection instead of a wire."""


class Port(NamedTuple):
    name: str
    signal: Signal
    is_input: bool


class Built(NamedTuple):
    """A module as its parents see it; ``key`` stands for it among those that are alike."""

    key: int
    ports: list[Port]
    clk: bool
    rst: bool


class Connections:
    """The half of a module that deals with what is inside it."""

    names: dict[int, str]
    children: dict[str, Built | Instance]
    to_child: dict[int, Signal]
    from_child: dict[int, Signal]
    by_signal: dict[int, list[Set]]
    kinds: dict[int, str]
    plain: set[int]
    registers: dict[int, Signal]
    uses: dict[str, bool]
    statements: Statements

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
                texts[name, port] = self.inlined.get(value.duid, self.names[value.duid])
        return [self._instance(name, child, [(row[0], texts[name, row[0]]) for row in rows[name]])
                for name, child in self.children.items()], bound

    def _rows(self, name: str, child: Built | Instance) -> list[tuple[str, Value, bool]]:
        """Port, what it connects to, and whether it is an input."""
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
        docs = []
        for base, lo, hi in reversed(pieces(value, 0, len(value))):
            if not isinstance(base, Signal):
                raise NotImplementedError(f"{self.where()}: an instance drives {base!r}")
            docs.append(("", self.statements.select(self.name(base), len(base), lo, hi)))
            bound.setdefault(base.duid, []).append((lo, hi))
            self.kinds.setdefault(base.duid, "wire")
        return docs[0][1] if len(docs) == 1 else Doc(docs, ", ", "{", "}")

    def _shorten(self, comb: list[Item], sync: list[Item], read: Counter) -> None:
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
                  connections: list[tuple[str, Text]]) -> list[str]:
        parameters: list[tuple[str, Text]] = []
        if isinstance(child, Built):
            kind = f"\0{child.key}\0"
            for port in ("rst", "clk"):
                if getattr(child, port):
                    self.uses[port] = True
                    connections = [(port, port), *connections]
        else:
            kind = child.type
            parameters = [(key, _parameter(value)) for key, value in child.parameters.items()]
        head = f"  {kind} {name} ("
        rows = []
        if parameters:
            rows = [f"  {kind} #(", *_connected(parameters)]
            head = f"  ) {name} ("
        return [*rows, head, *_connected(connections), "  );"]


def _parameter(value: Any) -> Text:
    match value:
        case Const():
            return number(value.value, len(value))
        case str():
            return f'"{value}"'
        case int():
            return str(int(value))
    raise NotImplementedError(f"parameter {value!r} is not supported")


def _connected(pairs: list[tuple[str, Text]]) -> list[str]:
    rows: list[str] = []
    for k, (name, text) in enumerate(pairs):
        end = ")," if k < len(pairs) - 1 else ")"
        if 5 + len(name) + size(text) + len(end) <= WIDTH:
            rows.append(f"    .{name}({flat(text)}{end}")
        else:
            rows += statement(f".{name}(", text, end, 4)
    return rows

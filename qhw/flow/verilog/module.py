"""One component as one module: ports, wires, submodules, and logic."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple

from amaranth.hdl import Const, Fragment, Instance, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In

from .expressions import pieces
from .statements import Branch, Item, Set, Statements, groups, lines, sets
from .text import WIDTH, Doc, Names, Text, flat, number, size, statement

__all__ = ["Built", "Module", "Path", "named", "ports_of"]

INLINE = 48
"""Columns up to which an expression stands in a port's connection instead of a wire."""

Path = tuple[str, ...]


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


def named(fragment: Fragment) -> list[tuple[Fragment, str]]:
    """Submodules and their names."""
    return [(sub, name or f"u{k}") for k, (sub, name, _) in enumerate(fragment.subfragments)]


def ports_of(component: wiring.Component) -> list[tuple[str, bool, Signal]]:
    """Name, whether it is an input, and signal."""
    found = []
    for path, member, value in component.signature.flatten(component):
        signal = Value.cast(value)
        if isinstance(signal, Signal) and len(signal):
            found.append(("_".join(map(str, path)), member.flow is In, signal))
    return found


class Module:
    """One component's text; ``modules`` knows where all the others are."""

    def __init__(self, modules: Any, fragment: Fragment, component: wiring.Component,
                 path: Path, children: dict[str, Built | Instance]):
        self.modules, self.fragment, self.path = modules, fragment, path
        self.uses = {"clk": False, "rst": False}
        self.scope = Names()
        self.names: dict[int, str] = {}
        self.locals: dict[int, Signal] = {}
        self.inputs: set[int] = set()
        self.from_child: dict[int, Signal] = {}
        self.to_child: dict[int, Signal] = {}
        self.statements = Statements(self.name)
        self.kinds: dict[int, str] = {}
        self._domain()
        self.ports = self._ports(component)
        self.children = {self.scope.add(name): child for name, child in children.items()}
        for name, child in self.children.items():
            self._child_wires(name, child)

    def where(self) -> str:
        return self.modules.where(self.path)

    # -- names

    def _domain(self) -> None:
        other = set(self.fragment.statements) - {"comb", "sync"}
        if other:
            raise NotImplementedError(f"{self.where()}: domain {min(other)} is not supported, "
                                      "only comb and sync")
        self.domain = domain = self.fragment.domains.get("sync")
        self.scope.taken |= {"clk", "rst"}
        self.special: dict[int, str] = {}
        if domain is None:
            return
        if domain.clk_edge != "pos" or domain.async_reset:
            raise NotImplementedError(f"{self.where()}: domain sync must have a rising edge and "
                                      "a synchronous reset")
        self.special[domain.clk.duid] = "clk"
        if domain.rst is not None:
            self.special[domain.rst.duid] = "rst"

    def _ports(self, component: wiring.Component) -> list[Port]:
        found, wishes = [], set()
        for wish, is_input, signal in ports_of(component):
            if wish in wishes or wish in ("clk", "rst"):
                raise ValueError(f"{self.where()}: two ports are called {wish}")
            wishes.add(wish)
            name = self.names[signal.duid] = self.scope.add(wish)
            if is_input:
                self.inputs.add(signal.duid)
            found.append(Port(name, signal, is_input))
        return found

    def _child_wires(self, name: str, child: Built | Instance) -> None:
        """Names for the ports of a submodule, or of a memory that became an instance."""
        if isinstance(child, Built):
            ports = child.ports
        else:
            inside = {Value.cast(value).duid for origin in child.origins or ()
                      if isinstance(origin, Memory)
                      for port in (*origin.read_ports, *origin.write_ports)
                      for value in (port.addr, port.en, port.data)
                      if isinstance(Value.cast(value), Signal)}
            ports = [Port(port, value, kind == "i") for port, (value, kind) in child.ports.items()
                     if isinstance(value, Signal) and value.duid in inside]
        for port in ports:
            duid = port.signal.duid
            if duid not in self.names:
                self.names[duid] = self.scope.add(f"{name}_{port.name}")
                (self.to_child if port.is_input else self.from_child)[duid] = port.signal

    def name(self, signal: Signal) -> str:
        duid = signal.duid
        if duid in self.special:
            self.uses[self.special[duid]] = True
            return self.special[duid]
        if duid not in self.names:
            if duid in self.modules.owners:
                raise ValueError(f"{self.where()}: uses {signal.name}, a port of "
                                 f"{self.modules.where(self.modules.owners[duid])}")
            self.names[duid] = self.scope.add(re.sub("__+", "_", signal.name))
            self.locals[duid] = signal
        return self.names[duid]

    # -- the body

    def text(self) -> str:
        try:
            comb, sync = self._items()
        except NotImplementedError as error:
            raise NotImplementedError(f"{self.where()}: {error}") from None
        self.by_signal: dict[int, list[Set]] = {}
        for s in sets(comb):
            self.by_signal.setdefault(s.signal.duid, []).append(s)
        self.plain = self._plain(comb)
        self.registers = {s.signal.duid: s.signal for s in sets(sync)}
        for duid, found in self.by_signal.items():
            self.kinds[duid] = "wire" if duid in self.plain else "reg"
            if duid in self.registers:
                raise NotImplementedError(f"{self.where()}: {found[0].signal.name} is driven from "
                                          "comb and from sync")
        self.kinds |= dict.fromkeys(self.registers, "reg")
        instances, bound = self._instances(comb, sync)
        self._check(bound)
        body = [self._assigns(comb), *self._always_comb(comb), *self._always_ff(sync)]
        parts = [self._declarations(), *instances, *body]
        head = self._header()
        return head + "\n\n".join("\n".join(part) for part in parts if part) + "\n\nendmodule"

    def _items(self) -> tuple[list[Item], list[Item]]:
        comb: list[Item] = []
        for stmt in self.fragment.statements.get("comb", ()):
            found = self.statements.items([stmt])
            comb += [*self._hoisted(), *found]
        sync = self.statements.items(self.fragment.statements.get("sync", ()))
        comb += self._hoisted()
        return comb, sync

    def _hoisted(self) -> list[Set]:
        found = list(self.statements.hoisted)
        self.statements.hoisted.clear()
        return found

    def _plain(self, comb: list[Item]) -> set[int]:
        """Signals whose bits have one unconditional driver each."""
        direct = {id(item) for item in comb}
        found = set()
        for duid, drivers in self.by_signal.items():
            spans = sorted((s.lo, s.hi) for s in drivers)
            apart = all(a[1] <= b[0] for a, b in pairwise(spans))
            if apart and all(id(s) in direct and s.fixed for s in drivers):
                found.add(duid)
        return found

    def _check(self, bound: dict[int, list[tuple[int, int]]]) -> None:
        """Each signal has its driver here, and only here."""
        driven = set(self.by_signal) | set(self.registers) | set(bound)
        for duid in driven:
            signal = self.names[duid]
            if duid in self.inputs or duid in self.from_child:
                raise ValueError(f"{self.where()}: {signal} is driven here, and from elsewhere")
            other = self.modules.drivers.setdefault(duid, self.path)
            if other != self.path:
                raise ValueError(f"{self.where()}: {signal} is driven from "
                                 f"{self.modules.where(other)} too")
        for duid in self.locals:
            if duid not in driven:
                raise ValueError(f"{self.where()}: {self.names[duid]} is neither a port nor "
                                 "driven here")
        self.bound = bound

    # -- submodules

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
        for item in _every([*comb, *sync]):
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

    # -- wires and logic

    def _declarations(self) -> list[str]:
        wires = {**self.from_child, **self.to_child}
        wires = {duid: signal for duid, signal in wires.items() if duid not in self.inlined}
        found = []
        for duid, signal in sorted({**wires, **self.locals}.items(),
                                   key=lambda item: item[0] in self.locals):
            kind = self.kinds.get(duid, "wire")
            found.append(f"  {kind} {_bits(signal)}{self.names[duid]}{self._init(signal)};")
        return found

    def _init(self, signal: Signal) -> str:
        if signal.duid not in self.registers:
            return ""
        init = number(signal.init, len(signal), signed=signal.shape().signed)
        return f" = {flat(init)}"

    def _assigns(self, comb: list[Item]) -> list[str]:
        found = []
        for item in comb:
            if (isinstance(item, Set) and item.signal.duid in self.plain
                    and id(item) not in self.dropped):
                found += statement(f"  assign {flat(item.target)} =", item.text, ";", 0)
        outputs = {port.signal.duid: port.signal for port in self.ports if not port.is_input}
        for duid, signal in {**outputs, **self.to_child, **self.locals}.items():
            if duid not in self.inlined and self.kinds.get(duid, "wire") == "wire":
                found += self._rest(signal)
        return found

    def _rest(self, signal: Signal) -> list[str]:
        """Bits that nobody drives keep their initial value."""
        spans = [(s.lo, s.hi) for s in self.by_signal.get(signal.duid, ())]
        found, at, n = [], 0, len(signal)
        for lo, hi in sorted([*spans, *self.bound.get(signal.duid, ()), (n, n)]):
            if lo > at:
                target = self.statements.select(self.names[signal.duid], n, at, lo)
                found += statement(f"  assign {target} =", number(signal.init >> at, lo - at),
                                   ";", 0)
            at = max(at, hi)
        return found

    def _always_comb(self, comb: list[Item]) -> list[list[str]]:
        rest = [item for item in comb
                if not (isinstance(item, Set) and item.signal.duid in self.plain)]
        try:
            found = groups(rest, apart=True)
        except NotImplementedError as error:
            raise NotImplementedError(f"{self.where()}: {error}") from None
        return [["  always @* begin", *lines([*_defaults(group, self.names), *group], "=", 4),
                 "  end"] for group in found]

    def _always_ff(self, sync: list[Item]) -> list[list[str]]:
        found = []
        for group in groups(sync, apart=False):
            self.uses["clk"] = True
            found.append(["  always @(posedge clk) begin",
                          *lines(self._with_reset(group), "<=", 4), "  end"])
        return found

    def _with_reset(self, group: list[Item]) -> list[Item]:
        if self.domain.rst is None:
            return group
        every = {s.signal.duid: s.signal for s in sets(group)}
        resets = [_initial(signal, self.names) for signal in every.values()
                  if not signal.reset_less]
        if not resets:
            return group
        self.uses["rst"] = True
        if len(resets) < len(every):
            return [*group, Branch(None, ["rst"], [resets])]
        if len(group) == 1 and isinstance(group[0], Branch) and group[0].test is None:
            return [Branch(None, ["rst", *group[0].heads], [resets, *group[0].bodies])]
        return [Branch(None, ["rst", None], [resets, group])]

    def _header(self) -> str:
        rows = [f"  input wire {port}" for port in ("clk", "rst") if self.uses[port]]
        for name, signal, is_input in self.ports:
            kind = "input wire" if is_input else f"output {self.kinds.get(signal.duid, 'wire')}"
            rows.append(f"  {kind} {_bits(signal)}{name}{self._init(signal)}")
        return " (\n" + ",\n".join(rows) + "\n);\n"


def _every(items: list[Item]) -> list[Item]:
    found = []
    for item in items:
        found.append(item)
        if isinstance(item, Branch):
            for body in item.bodies:
                found += _every(body)
    return found


def _initial(signal: Signal, names: dict[int, str]) -> Set:
    init = number(signal.init, len(signal), signed=signal.shape().signed)
    return Set(signal, 0, len(signal), names[signal.duid], init)


def _defaults(group: list[Item], names: dict[int, str]) -> list[Set]:
    """Initial values of the signals that are not assigned at once."""
    found: dict[int, Set | None] = {}
    for item in group:
        for s in sets([item]):
            whole = s is item and s.whole
            found.setdefault(s.signal.duid, None if whole else _initial(s.signal, names))
    return [s for s in found.values() if s]


def _bits(signal: Signal) -> str:
    width, signed = len(signal), signal.shape().signed
    return ("signed " if signed else "") + (f"[{width - 1}:0] " if width > 1 else "")


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

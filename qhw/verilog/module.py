"""One component as one module: ports, wires, submodules, and logic."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from amaranth.hdl import Value
from amaranth.lib.wiring import In

from ..names import Names
from ..tools.hdl import Component, Fragment, Instance, Memory, Signal, serial
from .connections import Built, Child, Connections, Port
from .items import Branch, Item, Set, groups, lines, sets
from .parts import ModulePort
from .statements import Statements
from .text import flat, number, statement

__all__ = ["Body", "Built", "ModulePrinter", "Path", "named", "ports_of"]

Path = tuple[str, ...]


def named(fragment: Fragment) -> list[tuple[Fragment, str]]:
    """Lists the submodules of a fragment with their names."""
    return [(sub, name or f"u{k}") for k, (sub, name, _) in enumerate(fragment.subfragments)]


def _domain_of(fragment: Fragment) -> str:
    """Finds the clock domain of a module: its own, or else that of its submodules; ``sync`` where
    they have several."""
    own = {*fragment.statements} - {"comb"} or {
        _domain_of(sub) for sub, _ in named(fragment) if not isinstance(sub, Instance)}
    return own.pop() if len(own) == 1 else "sync"


def ports_of(component: Component) -> list[tuple[str, bool, Signal]]:
    """Lists (name, whether it is an input, signal) for each port."""
    found: list[tuple[str, bool, Signal]] = []
    for path, member, value in component.signature.flatten(component):
        signal = Value.cast(value)
        if isinstance(signal, Signal) and len(signal):
            is_input = member.flow is In
            found.append(("_".join(map(str, path)), is_input, signal))
    return found


@dataclass(frozen=True)
class Body:
    """A module without its own name and the names of its submodules; equal modules have equal
    bodies."""

    ports: tuple[ModulePort, ...]
    head: str
    parts: tuple[str | Child, ...]


class ModulePrinter(Connections):
    """Prints one component as a module; ``modules`` finds the modules of its submodules."""

    def __init__(self, modules: Any, fragment: Fragment, component: Component,
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
        """Path of the component in the design, as text."""
        return self.modules.where(self.path)

    # -- names

    def _domain(self) -> None:
        own = {*self.fragment.statements} - {"comb"}
        if len(own) > 1:
            raise NotImplementedError(f"{self.where()}: domains {' and '.join(sorted(own))} are "
                                      "not supported in one module")
        self.clocked = _domain_of(self.fragment)
        if not self.path and self.clocked != "sync":
            raise NotImplementedError(f"{self.where()}: domain {self.clocked} is not supported")
        self.domain = domain = self.fragment.domains.get(self.clocked)
        self.scope.taken |= {"clk", "rst"}
        self.special: dict[int, str] = {}
        if domain is None:
            return
        if domain.clk_edge != "pos" or domain.async_reset:
            raise NotImplementedError(f"{self.where()}: domain {self.clocked} must have a rising "
                                      "edge and a synchronous reset")
        self.special[domain.clk.duid] = "clk"
        if domain.rst is not None:
            self.special[domain.rst.duid] = "rst"

    def _ports(self, component: Component) -> list[Port]:
        found, wishes = list[Port](), set[str]()
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
            inside = {serial(value) for origin in child.origins or ()
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
        """Returns the Verilog name of a signal."""
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

    def printed(self) -> Body:
        """Prints the module of the component; NotImplementedError if it has something that
        has no Verilog here."""
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
        ports, head = self._header()
        return Body(ports, head, tuple(part if isinstance(part, Child) else "\n".join(part)
                                       for part in parts if part))

    def _items(self) -> tuple[list[Item], list[Item]]:
        comb: list[Item] = []
        for stmt in self.fragment.statements.get("comb", ()):
            found = self.statements.items([stmt])
            comb += [*self._hoisted(), *found]
        sync = self.statements.items(self.fragment.statements.get(self.clocked, ()))
        comb += self._hoisted()
        return comb, sync

    def _hoisted(self) -> list[Set]:
        found = list(self.statements.hoisted)
        self.statements.hoisted.clear()
        return found

    def _plain(self, comb: list[Item]) -> set[int]:
        """Signals whose bits have one unconditional driver each."""
        direct = {id(item) for item in comb}
        found: set[int] = set()
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

    # -- wires and logic

    def _declarations(self) -> list[str]:
        wires = {**self.from_child, **self.to_child}
        wires = {duid: signal for duid, signal in wires.items() if duid not in self.inlined}
        found: list[str] = []
        for duid, signal in sorted({**wires, **self.locals}.items(),
                                   key=lambda item: item[0] in self.locals):
            kind = self.kinds.get(duid, "wire")
            found.append(f"  {_attributes(signal)}{kind} {_bits(signal)}{self.names[duid]}"
                         f"{self._init(signal)};")
        return found

    def _init(self, signal: Signal) -> str:
        if signal.duid not in self.registers:
            return ""
        init = number(signal.init, len(signal), signed=signal.shape().signed)
        return f" = {flat(init)}"

    def _assigns(self, comb: list[Item]) -> list[str]:
        found: list[str] = []
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
        """Drives bits without a driver with their initial value."""
        spans = [(s.lo, s.hi) for s in self.by_signal.get(signal.duid, ())]
        found, at, n = list[str](), 0, len(signal)
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
        if not found:
            return []
        # The event at time 0 evaluates blocks whose inputs never change: simulators need not.
        awake = self.scope.add("awake")
        started = [f"  reg {awake} = 1'b0;", f"  initial {awake} <= 1'b1;"]
        return [started, *(
            ["  always @* begin", f"    if ({awake}) begin end",
             *lines([*_defaults(group, self.names), *group], "=", 4), "  end"]
            for group in found)]

    def _always_ff(self, sync: list[Item]) -> list[list[str]]:
        found: list[list[str]] = []
        for group in groups(sync, apart=False):
            self.uses["clk"] = True
            found.append(["  always @(posedge clk) begin",
                          *lines(self._with_reset(group), "<=", 4), "  end"])
        return found

    def _with_reset(self, group: list[Item]) -> list[Item]:
        if self.domain is None or self.domain.rst is None:
            return group
        every = {s.signal.duid: s.signal for s in sets(group)}
        resets: list[Item] = [_initial(signal, self.names) for signal in every.values()
                  if not signal.reset_less]
        if not resets:
            return group
        self.uses["rst"] = True
        if len(resets) < len(every):
            return [*group, Branch(None, ["rst"], [resets])]
        if len(group) == 1 and isinstance(group[0], Branch) and group[0].test is None:
            return [Branch(None, ["rst", *group[0].heads], [resets, *group[0].bodies])]
        return [Branch(None, ["rst", None], [resets, group])]

    def _header(self) -> tuple[tuple[ModulePort, ...], str]:
        used = [port for port in ("clk", "rst") if self.uses[port]]
        ports, rows = [ModulePort("input", port, 1) for port in used], [
            f"  input wire {port}" for port in used]
        for name, signal, is_input in self.ports:
            kind = "input wire" if is_input else f"output {self.kinds.get(signal.duid, 'wire')}"
            rows.append(f"  {_attributes(signal)}{kind} {_bits(signal)}{name}{self._init(signal)}")
            ports.append(ModulePort("input" if is_input else "output", name, len(signal)))
        return tuple(ports), " (\n" + ",\n".join(rows) + "\n);\n"


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


def _attributes(signal: Signal) -> str:
    return "".join(f"(* {name} = {value} *) " for name, value in signal.attrs.items())

"""The longest path through a netlist, from typical delays of its family's cells.

A level is a LUT and the wire to it. A carry chain is a wire to the chain, its steps, and the exit
from the chain. The delays are typical of the slowest speed grade, with wires as long as in a
half-full chip. This is no timing analysis; only place and route can do that."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .primitives import Module, Primitives

__all__ = ["Delays", "adders_within", "behind", "critical", "megahertz", "stopping"]

CONTROL, LONGER = 4, 7
"""Levels of the logic that stops a unit's registers when the next unit is not ready: in a product
with registers for a clock, and in one without, whose start values are stopped too."""


@dataclass(frozen=True)
class Delays:
    """Delays of a family's cells in nanoseconds."""

    level: float
    """A LUT and the wire to it."""
    carry: float
    """A step of a carry chain, of as many bits as the cell has."""
    clock: float
    """Clock to output of a flip-flop, and the setup of the next."""
    memory: float
    """Clock to output of a block RAM, beyond that of a flip-flop."""
    multiply: float
    """Through a DSP block."""
    placed: float = 1.0
    """Factor from the longest path of a netlist to that of place and route."""


def megahertz(ns: float, delays: Delays) -> float:
    """Computes the clock in MHz that place and route reaches if the longest path of the netlist
    takes ``ns`` nanoseconds."""
    return 1000 / (ns * delays.placed)


def adders_within(mhz: float, delays: Delays) -> int:
    """Computes the number of adders in series that fit a clock period, at least one.

    Each adder takes the delay into its carry chain and out of it; all carries together take another
    level and a half."""
    return max(int(((1000 / mhz - delays.clock) / delays.level - 1.5) // 2), 1)


def behind(logic: float, delays: Delays, *, kept: bool) -> float:
    """Computes the longest path of a unit whose logic stands behind block RAM, in nanoseconds.

    Parameters
    ----------
    logic : the longest path through its logic, in nanoseconds
    delays : delays of the family
    kept : whether a register stands between memory and logic"""
    if not kept:
        return delays.clock + delays.memory + logic
    return delays.clock + max(delays.memory + delays.level / 2, CONTROL * delays.level, logic)


def stopping(delays: Delays) -> float:
    """Computes the path that stops a product without registers for a clock, in nanoseconds."""
    return delays.clock + LONGER * delays.level


def critical(module: Module, primitives: Primitives, delays: Delays) -> float:
    """Computes the longest path between registers or ports of a module, in nanoseconds.

    Parameters
    ----------
    module : the netlist, as Yosys writes it
    primitives : roles of its cells
    delays : delays of the family
    """
    drivers: dict[Any, tuple[str, str]] = {}
    cells = module["cells"]
    for name, cell in cells.items():
        for pin, bits in cell["connections"].items():
            if cell["port_directions"][pin] == "output":
                drivers |= {bit: (name, pin) for bit in bits}
    known: dict[Any, float] = defaultdict(float)
    for name in _ordered(cells, drivers, primitives):
        cell = cells[name]
        kind = cell["type"]
        for pin, bits in cell["connections"].items():
            if cell["port_directions"][pin] != "output":
                continue
            if primitives.starts(kind):
                at = delays.memory if kind in primitives.blocks else 0.0
            else:
                at = max((known[b] + _through(kind, i, pin, primitives, delays)
                          for i, sources in cell["connections"].items()
                          if cell["port_directions"][i] == "input" for b in sources), default=0.0)
            known |= dict.fromkeys(bits, at)
    return delays.clock + max(known.values(), default=0.0)


def _through(kind: str, pin: str, out: str, primitives: Primitives, delays: Delays) -> float:
    if kind in primitives.dsps:
        return delays.multiply
    if kind.startswith(primitives.free):
        return 0.0
    if pin in primitives.carry_in and out == primitives.carry_out:
        return delays.carry
    if out == primitives.carry_out:
        return delays.level
    return delays.level / 2 if pin in primitives.carry_in else delays.level


def _ordered(cells: Mapping[str, Any], drivers: Mapping[Any, tuple[str, str]],
             primitives: Primitives) -> list[str]:
    """Every cell after those that its outputs depend on within a cycle."""
    order: list[str] = []
    state: dict[str, int] = {}
    for first in cells:
        stack = [first]
        while stack:
            name = stack[-1]
            if state.get(name) is None:
                state[name] = 0
                if not primitives.starts(cells[name]["type"]):
                    stack += {drivers[bit][0] for pin, bits in cells[name]["connections"].items()
                              if cells[name]["port_directions"][pin] == "input" for bit in bits
                              if bit in drivers and state.get(drivers[bit][0]) is None}
                continue
            stack.pop()
            if state[name] == 0:
                state[name] = 1
                order.append(name)
    return order

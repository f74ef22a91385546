"""How long the longest way through a netlist takes, from typical delays of its family's cells.

A level is a LUT and the wire to it; a carry chain is a wire to it, its steps and the way out. The
delays are typical ones of the slowest speed grade, with wires as long as they are in a chip that
is half full. That is no timing analysis, which only place and route can do.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["DELAYS", "Delays", "adders_within", "critical", "megahertz"]


@dataclass(frozen=True)
class Delays:
    """In nanoseconds."""

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


DELAYS = {
    "ice40hx8k": Delays(1.25, 0.13, 1.2, 1.2, 0),
    "ice40lp8k": Delays(1.85, 0.19, 1.8, 1.8, 0),
    "ice40up5k": Delays(2.8, 0.28, 2.4, 2.5, 8.0),
    "ecp5-25k": Delays(1.0, 0.07, 0.9, 4.0, 4.0),
    "ecp5-85k": Delays(1.0, 0.07, 0.9, 4.0, 4.0),
    "gw1n-9c": Delays(2.0, 0.06, 1.2, 2.5, 4.0),
    "gw2a-18": Delays(1.0, 0.04, 0.7, 1.8, 3.0),
    "xc7": Delays(0.7, 0.12, 0.9, 1.6, 3.5),
    "asic": Delays(0.1, 0.1, 0.3, 1.0, 2.0),
}
"""By target: iCE40, ECP5 and Gowin as nextpnr's and Apicula's tables have them, with wires of our
own placed designs; Xilinx 7 as in data sheet DS181, speed grade -1."""

CARRY_IN = {"CI", "CIN", "CYINIT"}
CARRY_OUT = {"CO", "COUT"}
SEQUENTIAL = ("SB_DFF", "TRELLIS_FF", "DFF", "FD", "$_DFF", "$_SDFF")
MEMORIES = ("SB_RAM", "DP16KD", "RAMB", "SP", "DPB", "DPX", "pROM")
MULTIPLIERS = ("MULT", "DSP48", "SB_MAC16")
FREE = ("MUXF", "PFUMX", "L6MUX", "MUX2_LUT", "INV")


def megahertz(ns: float) -> float:
    return 1000 / ns


def adders_within(mhz: float, delays: Delays) -> int:
    """How many adders, one after the other, a clock leaves time for; at least one. Each is a way
    into its chain and one out of it; their carries together are another level and a half."""
    return max(int(((1000 / mhz - delays.clock) / delays.level - 1.5) // 2), 1)


def critical(module: Mapping[str, Any], delays: Delays) -> float:
    """Nanoseconds from one register or port to the next, on the longest way."""
    drivers: dict[Any, tuple[str, str]] = {}
    cells = module["cells"]
    for name, cell in cells.items():
        for pin, bits in cell["connections"].items():
            if cell["port_directions"][pin] == "output":
                drivers |= {bit: (name, pin) for bit in bits}
    known: dict[Any, float] = defaultdict(float)
    for name in _ordered(cells, drivers):
        cell = cells[name]
        kind = cell["type"]
        for pin, bits in cell["connections"].items():
            if cell["port_directions"][pin] != "output":
                continue
            if kind.startswith(MEMORIES):
                at = delays.memory
            elif kind.startswith(SEQUENTIAL):
                at = 0.0
            else:
                at = max((known[b] + _through(kind, i, pin, delays)
                          for i, sources in cell["connections"].items()
                          if cell["port_directions"][i] == "input" for b in sources), default=0.0)
            known |= dict.fromkeys(bits, at)
    return delays.clock + max(known.values(), default=0.0)


def _through(kind: str, pin: str, out: str, delays: Delays) -> float:
    if kind.startswith(MULTIPLIERS):
        return delays.multiply
    if kind.startswith(FREE):
        return 0.0
    if pin in CARRY_IN and out in CARRY_OUT:
        return delays.carry
    if out in CARRY_OUT:
        return delays.level
    return delays.level / 2 if pin in CARRY_IN else delays.level


def _ordered(cells: Mapping[str, Any], drivers: Mapping[Any, tuple[str, str]]) -> list[str]:
    """Every cell after those that its outputs depend on within a cycle."""
    order: list[str] = []
    state: dict[str, int] = {}
    for first in cells:
        stack = [first]
        while stack:
            name = stack[-1]
            if state.get(name) is None:
                state[name] = 0
                if not cells[name]["type"].startswith((*MEMORIES, *SEQUENTIAL)):
                    stack += {drivers[bit][0] for pin, bits in cells[name]["connections"].items()
                              if cells[name]["port_directions"][pin] == "input" for bit in bits
                              if bit in drivers and state.get(drivers[bit][0]) is None}
                continue
            stack.pop()
            if state[name] == 0:
                state[name] = 1
                order.append(name)
    return order

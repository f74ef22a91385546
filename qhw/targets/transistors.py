"""Transistors of generic gates in static CMOS, counted as Yosys's ``stat -tech cmos`` does.

Yosys has no count for a flip-flop with an enable or a reset. Here it is a plain one with what a
cell library without such a cell puts before it: a multiplexer, a gate.
"""

import re
from collections.abc import Mapping

__all__ = ["predicted", "transistors"]

PLAIN = 16
"""A flip-flop."""
MUX, AND = 12, 6
GATES = {"BUF": 1, "NOT": 2, "NAND": 4, "NOR": 4, "AND": AND, "OR": 6, "ANDNOT": 6, "ORNOT": 6,
         "XOR": 12, "XNOR": 12, "MUX": MUX, "NMUX": 10, "AOI3": 6, "OAI3": 6, "AOI4": 8, "OAI4": 8}
FLIP_FLOPS = {"DFF": PLAIN, "DFFE": PLAIN + MUX, "SDFF": PLAIN + AND,
              "SDFFE": PLAIN + MUX + AND, "SDFFCE": PLAIN + MUX + AND}

GATE, FLIP_FLOP = 7.8, 28.0
"""Of the average gate and flip-flop of generated networks."""


def transistors(count: Mapping[str, int]) -> int:
    """Of so many cells of each type; other than generic gates have none."""
    return sum(_of(kind) * n for kind, n in count.items())


def _of(kind: str) -> int:
    found = re.fullmatch(r"\$_([A-Z]+[34]?)_(?:[PN01]+_)?", kind)
    return {**GATES, **FLIP_FLOPS}.get(found[1], 0) if found else 0


def predicted(gates: float, flip_flops: float) -> int:
    """Of a circuit that is only known by its gates, flip-flops among them."""
    return round(GATE * max(gates - flip_flops, 0) + FLIP_FLOP * flip_flops)

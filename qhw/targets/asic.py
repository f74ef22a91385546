"""Generic gates of an ASIC, in transistors of static CMOS, counted as Yosys's ``stat -tech cmos``.

Yosys has no count for a flip-flop with an enable or a reset. It is counted as a plain flip-flop
with the logic that a cell library without such a cell adds before it: a multiplexer or a gate."""

import re
from collections.abc import Mapping

from .family import Family, Gates
from .primitives import Module, Primitives
from .target import Target
from .timing import Delays

__all__ = ["ASIC", "PLAIN", "TARGETS", "predicted", "transistors"]

PLAIN = 16
"""A flip-flop."""
MUX, AND = 12, 6
GATES = {"BUF": 1, "NOT": 2, "NAND": 4, "NOR": 4, "AND": AND, "OR": 6, "ANDNOT": 6, "ORNOT": 6,
         "XOR": 12, "XNOR": 12, "MUX": MUX, "NMUX": 10, "AOI3": 6, "OAI3": 6, "AOI4": 8, "OAI4": 8}
FLIP_FLOPS = {"DFF": PLAIN, "DFFE": PLAIN + MUX, "SDFF": PLAIN + AND,
              "SDFFE": PLAIN + MUX + AND, "SDFFCE": PLAIN + MUX + AND}

GATE, FLIP_FLOP = 7.8, 28.0
"""Transistors of the average gate and of the average flip-flop in generated networks."""


def transistors(count: Mapping[str, int]) -> int:
    """Counts the transistors of cells by type; cells other than generic gates have none."""
    return sum(_of(kind) * n for kind, n in count.items())


def _of(kind: str) -> int:
    found = re.fullmatch(r"\$_([A-Z]+[34]?)_(?:[PN01]+_)?", kind)
    return {**GATES, **FLIP_FLOPS}.get(found[1], 0) if found else 0


def predicted(gates: float, flip_flops: float) -> int:
    """Predicts the transistors of a circuit of ``gates`` gates; ``flip_flops`` of them are
    flip-flops."""
    return round(GATE * max(gates - flip_flops, 0) + FLIP_FLOP * flip_flops)


def _gates(module: Module) -> int:
    """Generic gates of a module, flip-flops among them."""
    return sum(cell["type"].startswith("$_") for cell in module["cells"].values())


ASIC = Family(
    "asic", "synth -flatten", rom=1 << 30,
    primitives=Primitives(("$_DFF", "$_SDFF"), luts={}, blocks={}, packed=_gates),
    gates=Gates(transistors, predicted), models=())

TARGETS = (Target("asic", ASIC, Delays(0.1, 0.1, 0.3, 1.0, 2.0), about="generic gates",
                  samples=30),)

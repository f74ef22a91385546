"""How many iCE40 logic cells a netlist takes once it is packed.

A logic cell has a LUT, a carry and a flip-flop. The rules are nextpnr's: a flip-flop joins the LUT
that feeds it alone; a carry joins the LUT that has its two operands and its carry input; a chain
whose carry goes to logic takes one more cell to get out.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

__all__ = ["logic_cells"]


def logic_cells(module: Mapping[str, Any]) -> int:
    """Packed logic cells of a module of SB_LUT4, SB_CARRY and SB_DFF cells."""
    luts, carries, flip_flops = [], [], []
    readers: Counter[Any] = Counter()
    for cell in module["cells"].values():
        kind, pins = cell["type"], {pin: bits for pin, bits in cell["connections"].items()}
        for pin, bits in pins.items():
            if cell["port_directions"][pin] == "input":
                readers.update(bits)
        if kind == "SB_LUT4":
            luts.append(pins)
        elif kind == "SB_CARRY":
            carries.append(pins)
        elif kind.startswith("SB_DFF"):
            flip_flops.append(pins)
    for port in module["ports"].values():
        if port["direction"] == "output":
            readers.update(port["bits"])

    made = {pins["O"][0] for pins in luts}
    alone = sum(1 for pins in flip_flops
                if pins["D"][0] not in made or readers[pins["D"][0]] > 1)
    operands: dict[Any, int] = defaultdict(int)
    for pins in luts:
        operands[pins["I1"][0], pins["I2"][0], pins["I3"][0]] += 1
    unpaired = 0
    for pins in carries:
        key = pins["I0"][0], pins["I1"][0], pins["CI"][0]
        if operands[key]:
            operands[key] -= 1
        else:
            unpaired += 1
    return len(luts) + alone + unpaired + _feeds(luts, carries)


def _feeds(luts: list[Any], carries: list[Any]) -> int:
    """Cells in which a carry goes out to logic, or comes in from it."""
    carried = {pins["CO"][0] for pins in carries}
    onward = {pins["CI"][0] for pins in carries}
    chained = {pins["I3"][0] for pins in luts}
    out = {bit for pins in luts for pin in ("I0", "I1", "I2") for bit in pins[pin]
           if bit in carried}
    out |= {bit for bit in carried if bit not in onward and bit not in chained}
    fed = {bit for bit in onward if bit not in carried and bit not in ("0", "1")}
    return len(out) + len(fed)

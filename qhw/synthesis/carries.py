"""ECP5's carry chains, so that nextpnr adds no cells to them.

It leads a constant into a chain, and a carry out that nothing reads out of it, through a slice of
two cells each.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["close_chains"]

Cell = dict[str, Any]
OPEN = ["x"]
CONSTANTS = (["0"], ["1"])


def close_chains(netlist: Path) -> None:
    """Both ends of the chains in a file that Yosys wrote: the carry out is disconnected, and the
    first column makes its carry of its two operands alone, while a LUT of its own makes its sum."""
    design = json.loads(netlist.read_text())
    for module in design["modules"].values():
        reads = _reads(module)
        chains = {name: cell for name, cell in module["cells"].items() if cell["type"] == "CCU2C"}
        for name, cell in chains.items():
            pins = cell["connections"]
            if not any(reads[bit] for bit in pins["COUT"]):
                pins["COUT"] = OPEN
            module["cells"] |= {f"{name}_first": lut for lut in _begun(cell, reads)}
    netlist.write_text(json.dumps(design))


def _reads(module: Mapping[str, Any]) -> Counter[Any]:
    """How often each wire is read."""
    inputs = [bits for cell in module["cells"].values()
              for pin, bits in cell["connections"].items()
              if cell["port_directions"][pin] != "output"]
    outputs = [port["bits"] for port in module["ports"].values() if port["direction"] != "input"]
    return Counter(bit for bits in (*inputs, *outputs) for bit in bits)


def _begun(cell: Cell, reads: Counter[Any]) -> Iterator[Cell]:
    """Turns the start of a chain into one that reads no carry; its first sum's LUT, if wanted.

    A column's sum is LUT ^ CIN and its carry CIN where its LUT is 1, and elsewhere what the lowest
    four bits of its table say of A and B.
    """
    pins, parameters = cell["connections"], cell["parameters"]
    if not all(pins[pin] in CONSTANTS for pin in ("CIN", "C0", "D0")):
        return
    carry, c, d = (int(pins[pin][0]) for pin in ("CIN", "C0", "D0"))
    table = int(parameters["INIT0"], 2)
    parity, generated = table >> 8 * d + 4 * c & 15, table & 15
    carried = parity & 15 * carry | ~parity & generated
    if reads[pins["S0"][0]]:
        yield {"hide_name": 1, "type": "LUT4", "attributes": {},
               "parameters": {"INIT": f"{(parity ^ 15 * carry) * 0x1111:016b}"},
               "port_directions": {**dict.fromkeys("ABCD", "input"), "Z": "output"},
               "connections": {"A": pins["A0"], "B": pins["B0"], "C": ["0"], "D": ["0"],
                               "Z": pins["S0"]}}
    parameters["INIT0"] = f"{carried:016b}"
    pins |= {"CIN": OPEN, "C0": ["0"], "D0": ["1"], "S0": OPEN}

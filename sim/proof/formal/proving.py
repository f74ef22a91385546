"""What a property is, and what Yosys's SAT solver says of it.

A property is a Verilog module around an emitted unit whose inputs are free and which asserts, or
one of whose states must be reachable. Yosys's own solver looks for what contradicts it.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from amaranth.lib import wiring

from qhw.tools import programs
from qhw.verilog import printed
from qhw.verilog.platform import Platform

GOOD = ("no model found: SUCCESS!", "proved base case for", "Induction step proven: SUCCESS!",
        "SAT solving finished - model found")
"""What Yosys says when a proof is done, and when what must be reachable is."""
NEXT = "-- next property --"


@dataclass(frozen=True)
class Property:
    """What the Verilog module ``claim`` asserts, with the module ``unit`` in it."""

    unit: str
    """Whom it is of."""
    name: str
    text: str
    steps: int
    """Cycles from reset on; 0: from any state, by induction."""
    reached: str = ""
    """A signal that can be 1 after so many cycles, in place of assertions."""

    @property
    def command(self) -> str:
        if self.reached:
            return f"sat -set-assumes -seq {self.steps} -set-at {self.steps} {self.reached} 1"
        how = f"-tempinduct-baseonly -maxsteps {self.steps}" if self.steps else (
            "-tempinduct -maxsteps 8")
        return f"sat -prove-asserts -set-assumes {how}"


def emitted(unit: wiring.Component) -> str:
    """The Verilog that a unit is in every design.

    What a memory's reader gets that meets the writer is open: here it is wrong.
    """
    platform = Platform(None, "unit")
    modules = *printed(unit, "unit", platform=platform).modules, *platform.modules()
    text = "\n\n".join(module.text for module in modules)
    return text.replace("{WIDTH{1'bx}}", "~words[addr]")


def proven(properties: Sequence[Property]) -> list[bool]:
    """For each whether the solver finds nothing against it; together in one run."""
    with tempfile.TemporaryDirectory(prefix="qhw-formal-") as name:
        folder, lines = Path(name), list[str]()
        for k, of in enumerate(properties):
            (folder / f"{k}.sv").write_text(of.text)
            lines += [f"read_verilog -formal -sv {k}.sv", "hierarchy -check -top claim", "proc",
                      "flatten", "opt_expr", "memory -nordff", "opt_expr", "opt_clean",
                      "chformal -lower", f"log {NEXT}", of.command, "design -reset"]
        said = programs.run_yosys(lines, folder)
    return [any(words in part for words in GOOD) for part in said.split(NEXT)[1:]]

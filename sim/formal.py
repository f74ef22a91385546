"""Proofs by SAT: ``python -m sim.formal`` proves every property of ``sim.claims`` and counts them.

A property is a Verilog module around an emitted unit whose inputs are free and which asserts, or
one of whose states must be reachable. Yosys's own solver looks for what contradicts it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from amaranth.lib import wiring

from qhw.tools import programs
from qhw.verilog import verilog
from qhw.verilog.emit import _Platform as Memories

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
    memories = Memories(None, "unit")
    text = verilog(unit, "unit", platform=memories)
    return "\n\n".join([text, *memories.modules()]).replace("{WIDTH{1'bx}}", "~words[addr]")


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


def main(argv: Sequence[str] | None = None) -> int:
    """All that match a word, and what failed."""
    from .claims import claims

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only properties that have one of these in them")
    words = parser.parse_args(argv).words
    chosen = [p for p in claims() if not words or any(w in f"{p.unit}: {p.name}" for w in words)]
    units = [list(of) for _, of in groupby(chosen, lambda p: p.unit)]
    begin, refuted = time.perf_counter(), 0
    with ThreadPoolExecutor(2) as pool:
        for properties, (found, seconds) in zip(units, pool.map(_timed, units), strict=True):
            print(f"{properties[0].unit} ({seconds:.0f} s)")
            for of, good in zip(properties, found, strict=True):
                print(f"  {'proven ' if good else 'REFUTED'} {of.name}", flush=True)
            refuted += len(found) - sum(found)
    print(f"{len(chosen) - refuted} of {len(chosen)} properties proven, "
          f"{time.perf_counter() - begin:.0f} s")
    return bool(refuted)


def _timed(properties: Sequence[Property]) -> tuple[list[bool], float]:
    begin = time.perf_counter()
    return proven(properties), time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())

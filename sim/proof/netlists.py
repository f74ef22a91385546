"""Netlists against the golden: ``python -m sim.proof.netlists`` simulates the digits networks as
every family's own cells on the whole test split, and writes the table of docs/how/proof.md."""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

import qhw
from qhw import verbs
from qhw.graph import Graph
from qhw.lower import lower
from qhw.simulators import netlist_sim
from qhw.targets import target
from qhw.verilog.design import Design

from ..pages import fill

CHIPS = ("ice40up5k", "ecp5-25k", "gw1n-9c", "xc7", "asic")
MODELS = {"digits-binary": "", "digits-ternary": "", "digits-fixed4": "",
          "digits-float": "fixed:bits=8"}
"""Networks that ship with qhw, and the scheme that one of floats is given."""
BLOCKS = ("SB_RAM40_4K", "SB_MAC16", "DP16KD", "MULT18X18D", "SP", "SPX9", "SDPB", "SDPX9B", "DPB",
          "DPX9B", "MULT9X9", "MULT18X18", "RAMB18E1", "RAMB36E1", "DSP48E1")


def load(name: str, scheme: str) -> Graph:
    if not scheme:
        return qhw.load(name)
    with tempfile.TemporaryDirectory() as folder:
        verbs.quantize(name, scheme, Path(folder, "model"))
        return qhw.load(Path(folder, "model"))


def row(name: str, scheme: str, chip: str, x: np.ndarray, cycles: int) -> list[str]:
    """What a line of the table has."""
    graph, where = load(name, scheme), target(chip)
    lowered = lower(graph, cycles=cycles)
    design = Design.of(lowered, where)
    cells = Counter(re.findall(r"^  cell \\?(\S+) ", netlist_sim.netlist(
        design.files, design.name, where), re.MULTILINE))
    begin = time.perf_counter()
    found = verbs.simulate(graph, x, engine="netlist", target=chip, cycles=cycles)
    blocks = ", ".join(f"{cells[kind]} {kind}" for kind in BLOCKS if cells[kind])
    return [name + f" as {scheme}" * bool(scheme), chip, str(sum(cells.values())), blocks or "none",
            f"{found.matches} of {len(x)}", f"{found.cycles}",
            f"{time.perf_counter() - begin:.0f} s"]


def rows(names: Sequence[str], chips: Sequence[str], cycles: int) -> Iterator[list[str]]:
    x, _ = verbs.read_input(files("qhw.models") / "digits" / "test.npz")   # type: ignore
    for name in names:
        for chip in chips:
            yield row(name, MODELS[name], chip, x, cycles)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--chips", nargs="*", default=list(CHIPS), choices=list(CHIPS))
    parser.add_argument("--cycles", type=int, default=1024, help="that an inference may take")
    given = parser.parse_args(argv)
    lines = ["| network | target | cells | block RAMs and DSPs | equal to the golden | cycles | "
             "compiled and run |", "|---|---|--:|---|--:|--:|--:|"]
    wrong = False
    for cells in rows(given.models, given.chips, given.cycles):
        print(*cells, sep="  ", flush=True)
        lines.append(f"| {' | '.join(cells)} |")
        wrong |= len(set(re.findall(r"\d+", cells[4]))) != 1
    if given.models == list(MODELS) and given.chips == list(CHIPS):
        fill("how/proof.md", "netlists", lines)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

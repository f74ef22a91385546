"""Synthesizes the sample networks into sim/samples/TARGET.jsonl: ``make samples``.

    python -m sim.sweep TARGET [FROM TO]

A line a network: its number, and for each unit the LUTs, flip-flops, carries, block RAMs, DSP
blocks and nanoseconds that Yosys's netlist has. What is there already is not done again.
"""

import json
import sys
from pathlib import Path

from qhw.errors import QhwError
from qhw.flow.estimate import estimate
from qhw.flow.synth import cells, modules
from qhw.flow.targets import target
from qhw.flow.timing import DELAYS, critical
from qhw.flow.tools import yosys_version
from qhw.ir import Graph
from qhw.lower import lower

from .samples import network

FOLDER = Path(__file__).with_name("samples")
MOST_LUTS, LEAST_LUTS = 1000, 60
TRIES = 300


def fitting(k: int) -> tuple[int, Graph]:
    """The first attempt at network ``k`` of a size that synthesis takes seconds for."""
    for attempt in range(TRIES):
        try:
            graph = lower(network(k, attempt))
            predicted = sum(c.luts for c in estimate(graph, target("ecp5-25k")).values())
        except (ValueError, QhwError):
            continue
        if LEAST_LUTS <= predicted <= MOST_LUTS:
            return attempt, graph
    raise RuntimeError(f"Network {k}: no attempt has {LEAST_LUTS} to {MOST_LUTS} LUTs")


def known(name: str) -> dict[int, dict]:
    """The lines of a target's file, by number."""
    path = FOLDER / f"{name}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return {row["k"]: row for row in map(json.loads, lines)}


def row(k: int, attempt: int, graph: Graph, name: str) -> dict:
    chip, units = target(name), {}
    for unit, module in modules(graph, chip).items():
        cost = cells(module, chip)
        units[unit] = [cost.luts, cost.ffs, cost.carries, cost.brams, cost.dsps,
                       round(critical(module, DELAYS[name]), 2)]
    return {"k": k, "attempt": attempt, "tool": yosys_version(), "units": units}


def main(name: str, first: int, last: int, others: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    chosen = {k: line["attempt"] for other in others for k, line in known(other).items()}
    done = known(name)
    for k in range(first, last):
        if k in done:
            continue
        attempt, graph = ((chosen[k], lower(network(k, chosen[k]))) if k in chosen
                          else fitting(k))
        with (FOLDER / f"{name}.jsonl").open("a") as file:
            file.write(json.dumps(row(k, attempt, graph, name), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), [p.stem for p in FOLDER.glob("*.jsonl")])

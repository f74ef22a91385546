"""Synthesizes the sample networks into sim/calibrate/samples/TARGET.jsonl: ``make samples``.

    python -m sim.calibrate.sweep [TARGET ...]

Without targets, for all chips that say how many ``samples`` they want, those of most first. A line
a network: its number, and for each unit the LUTs, flip-flops, carries, block RAMs, DSP blocks and
nanoseconds that Yosys's netlist has. What is there already is not done again.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from qhw.errors import QhwError
from qhw.estimator import estimate
from qhw.graph import Graph
from qhw.lower import lower
from qhw.synthesis.synth import cells, modules
from qhw.targets import Target, target, targets
from qhw.tools.programs import yosys_version

from .networks import kind, network

FOLDER = Path(__file__).with_name("samples")
MOST_LUTS, LEAST_LUTS = 1000, 60
MOST_OF_SEVERAL = 2000
TRIES = 300
TOGETHER = 10


def fitting(k: int) -> tuple[int, Graph]:
    """The first attempt at network ``k`` of a size that synthesis takes seconds for."""
    for attempt in range(TRIES):
        try:
            graph = lower(network(k, attempt))
            predicted = sum(c.luts for c in estimate(graph, target("ecp5-25k")).values())
        except (ValueError, QhwError):
            continue
        several = kind(k) in ("net", "images")
        if LEAST_LUTS <= predicted <= (MOST_OF_SEVERAL if several else MOST_LUTS):
            return attempt, graph
    raise RuntimeError(f"Network {k}: no attempt has {LEAST_LUTS} to {MOST_LUTS} LUTs")


def sampled() -> list[Target]:
    """The chips that have samples, those with most first."""
    return sorted((t for t in targets() if t.samples), key=lambda t: -t.samples)


def known(name: str) -> dict[int, dict]:
    """The lines of a target's file, by number."""
    path = FOLDER / f"{name}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return {row["k"]: row for row in map(json.loads, lines)}


def rows(chosen: list[tuple[int, int, Graph]], name: str) -> Iterator[dict]:
    """A line for each network, of one run of Yosys: its start takes longer than small networks."""
    chip = target(name)
    found = modules([graph for _, _, graph in chosen], chip)
    for (k, attempt, _), netlists in zip(chosen, found, strict=True):
        units = {}
        for unit, module in netlists.items():
            cost = cells(module, chip)
            units[unit] = [cost.luts, cost.ffs, cost.carries, cost.brams, cost.dsps, cost.ns]
        yield {"k": k, "attempt": attempt, "tool": yosys_version(), "units": units}


def main(name: str, numbers: Iterable[int], others: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    before = {k: line["attempt"] for other in others for k, line in known(other).items()}
    done = known(name)
    wanted = [k for k in numbers if k not in done]
    for first in range(0, len(wanted), TOGETHER):
        chosen = [(k, before[k], lower(network(k, before[k]))) if k in before else
                  (k, *fitting(k)) for k in wanted[first:first + TOGETHER]]
        with (FOLDER / f"{name}.jsonl").open("a") as file:
            for row in rows(chosen, name):
                file.write(json.dumps(row, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="*")
    for name in parser.parse_args().target or [t.name for t in sampled()]:
        if not target(name).samples:
            parser.error(f"target {name} says of no samples: another chip of its family has them")
        main(name, range(target(name).samples), [p.stem for p in FOLDER.glob("*.jsonl")])

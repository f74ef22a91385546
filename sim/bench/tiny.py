"""Networks of MLPerf Tiny on an ECP5-85K: synthesized, and their block RAM beside their bits.

    python -m sim.bench.tiny [FILE ...]

Each network gets the fastest folds that the estimate has for at most 1.3 times the block RAM that
its bits would fill, then Yosys synthesizes it as it is between its ports. The bits are those of the
weights, and of the activations in line buffers, in queues, in vectors that are read again and in
sums so far. Without files the four networks of ../shared/zoo2 are measured. Results go into
docs/results/data/tiny.json, and from it into the table of docs/guides/tflite.md; a synthesis takes
minutes.
"""

import json
import time
from pathlib import Path
from typing import Any

from qhw.design.cycles import predict
from qhw.design.plan import drafted
from qhw.design.stage import Stage
from qhw.design.top import stages
from qhw.fold.goal import Goal
from qhw.hw.streams.fifo import Fifo
from qhw.hw.streams.window import WindowUnit
from qhw.hw.units.matvec import MatVecUnit
from qhw.hw.units.reduce import PoolUnit, TallyUnit
from qhw.synthesis.synth import synthesize
from qhw.targets.boards import place
from qhw.targets.cost import Cost
from qhw.tools import programs
from qhw.verbs.networks import folded, lowered

from ..beside import SHARED, there
from ..pages import DATA, fill
from ..words import words

RESULTS = DATA / "tiny.json"
CHIP = "ecp5-85k"
BLOCK = 18_432
"""Bits of a block RAM."""
MOST = 1.3
"""Block RAM that is allowed, by what the bits would fill."""
FILES = ("tiny_kws_int8", "tiny_resnet8_int8", "tiny_ad01_int8", "tflm_person_detect")


def activations(unit: Any) -> int:
    """Bits of the activations that a unit keeps in a memory."""
    match unit:
        case WindowUnit() | Fifo():
            return unit.depth * len(unit.i.payload.as_value())
        case PoolUnit():
            return activations(unit.window)
        case MatVecUnit() if unit.times > 1:        # the vector and the next one
            return 2 * unit.synapse_fold * len(unit.i.payload.as_value())
        case TallyUnit():
            return unit.each * len(unit.o.payload.as_value())
        case _:
            return 0


def bits(units: tuple[Stage, ...]) -> dict[str, int]:
    """Bits of the weights and of the activations of a network."""
    products = [unit.op.product for unit in units if unit.op and unit.op.product]
    return {"weights": sum(product.stored_bits for product in products),
            "activations": sum(activations(unit.unit()) for unit in units)}


def run(file: Path) -> dict[str, Any]:
    """One network's folds, cost, cycles and bits."""
    where, begin = place(CHIP, None), time.process_time()
    least = bits(drafted(lowered(file, None, None, where.chip)))
    most = int(MOST * sum(least.values()) / BLOCK)
    graph, reached = folded(file, where, Goal(brams=most), None, None)
    print(f"{file.stem}: folded to at most {most} block RAMs in "
          f"{time.process_time() - begin:.0f} s", flush=True)
    assert reached is not None
    cost = sum(synthesize(graph, where.needed).values(), Cost())
    kept = bits(stages(graph))
    cycles = predict(graph)
    return {"luts": cost.luts, "ffs": cost.ffs, "brams": cost.brams, "dsps": cost.dsps,
            "cycles": cycles.interval, "latency": cycles.latency, **kept,
            "ratio": round(cost.brams * BLOCK / sum(kept.values()), 3), "asked": most,
            "worth": reached.worth, "yosys": programs.yosys_version()}


def page() -> None:
    """The table between the marks in docs/guides/tflite.md."""
    known = json.loads(RESULTS.read_text())
    lines = ["| file | LUTs | FFs | block RAMs | DSP blocks | cycles an inference | latency | "
             "kbit of weights | of activations | block RAM by bits | `--max-brams` |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    lines += [f"| {name} | {row['luts']} | {row['ffs']} | {row['brams']} | {row['dsps']} | "
              f"{row['cycles']} | {row['latency']} | {row['weights'] / 1000:.0f} | "
              f"{row['activations'] / 1000:.0f} | {row['ratio']:.2f} | {row['asked']} |"
              for name, row in known.items()]
    fill("guides/tflite.md", "tiny", lines)


def main() -> None:
    given = words(__doc__)
    if not given and not there("zoo2", "the networks of MLPerf Tiny; name files to measure"):
        return
    files = map(Path, given) if given else (SHARED / f"zoo2/models/{n}.tflite" for n in FILES)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for file in files:
        known[file.stem] = run(file)
        print(file.stem, known[file.stem], flush=True)
        RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    page()


if __name__ == "__main__":
    main()

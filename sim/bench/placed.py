"""Constant matrices as logic, placed and routed: what is left of their size, and how fast they are.

    python -m sim.bench.placed [a:ice40 a:ecp5 ...]

Each workload of ``sim.bench.hardware`` stands between registers that are shifted in and out of,
three pins in all, on the largest iCE40 and ECP5. Results go into docs/results/data/placed.json, and
from it into the table of docs/results/constant-weights.md.
"""

import json
from typing import Any

from qhw.synthesis.place import flow
from qhw.targets import family as family_of
from qhw.targets import target

from ..pages import DATA, fill
from ..words import words
from .hardware import ABOUT, build, data_of, runnable
from .routed import between, routed

RESULTS = DATA / "placed.json"
DEVICES = {
    "ice40hx8k": ("iCE40-HX8K", "--hx8k --package ct256 --pcf-allow-unconstrained"),
    "ecp5-85k": ("ECP5-85", "--85k --package CABGA381 --lpf-allow-unconstrained")}
"""What a chip is called in the table, and nextpnr's options for it."""
CHIPS = {target(chip).family.name: device for chip, device in DEVICES.items()}
WANTED = ("a:ice40", "p:ice40", "a:ecp5", "b:ecp5", "e:ecp5", "p:ecp5")
MHZ = 50


def run(name: str, family: str) -> dict[str, Any]:
    """Cells and megahertz of one workload, and the cells of the registers around it."""
    built = build(name, family, data_of(name))
    first, last = built.networks[0], built.networks[-1]
    inputs, outputs = int(first.widths[:first.inputs].sum()), len(last.pins)
    chips = family_of(family)
    text = built.text + between("top top (.x(x), .y(y));", inputs, outputs)
    report = routed({"top.v": text}, chips, CHIPS[family][1].split(), MHZ)
    site, = flow(chips).sites["luts"]
    clock, = report["fmax"].values()
    used = report["utilization"][site]
    # On iCE40 a flip-flop of x is a cell of its own, and what is before one of ``kept`` joins the
    # last LUT; on ECP5 flip-flops are no cells, and a LUT stands between a chain and one of them.
    around = inputs if chips.cells else outputs
    return {"cells": used["used"], "of": used["available"], "around": around,
            "mhz": round(clock["achieved"], 1)}


def page() -> None:
    """The table between the marks in docs/results/constant-weights.md."""
    known = json.loads(RESULTS.read_text())
    lines = ["| workload | chip | cells placed | without registers around | of the chip | MHz |",
             "|---|---|--:|--:|--:|--:|"]
    for key, row in sorted(known.items(), key=lambda item: (item[0].split(":")[1], item[0])):
        name, family = key.split(":")
        lines.append(f"| {name} | {CHIPS[family][0]} | {row['cells']} | "
                     f"{row['cells'] - row['around']} | {row['cells'] / row['of']:.0%} | "
                     f"{row['mhz']} |")
    fill("results/constant-weights.md", "placed", lines)


def main() -> None:
    given = words(__doc__, WANTED, [f"{name}:{chip}" for name in ABOUT for chip in CHIPS])
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for key in runnable(given):
        known[key] = run(*key.split(":"))
        print(key, known[key], flush=True)
        RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    page()


if __name__ == "__main__":
    main()

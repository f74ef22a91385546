"""Ways to multiply, each as a unit of one matrix: LUTs by synthesis beside the estimate.

    python -m sim.bench.tiles [w4a4 w8a8 ...] [ice40hx8k ecp5-25k xc7 ...]

A unit is a matrix of 64 x 64 random weights at PE and SIMD, with its memories and accumulators.
Results go into docs/results/data/tiles.json, and from it into the table of
docs/results/products.md.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from qhw.engines import Matrix
from qhw.engines.ways import ways
from qhw.estimator.chip import Chip
from qhw.estimator.prices import prices
from qhw.exact.num import Int
from qhw.hw.units.matvec import MatVecUnit
from qhw.pe import Element
from qhw.schemes import parse
from qhw.synthesis.synth import cells, netlist
from qhw.targets import Target, target
from qhw.targets.cost import Cost
from qhw.tools.hdl import Component
from qhw.verilog import printed
from qhw.verilog.platform import Platform

from ..pages import DATA, fill
from ..words import words

__all__ = ["TOP", "product", "synthesized"]

RESULTS = DATA / "tiles.json"
SIZE = 64
TOP = "top"
WORKLOADS: Mapping[str, tuple[str, Int, int, int]] = {
    "w4a4": ("fixed:bits=4", Int(0, 15), 4, 8),
    "w8a8": ("fixed:bits=8", Int(-128, 127), 2, 4),
    "ternary": ("ternary", Int(0, 15), 4, 8)}
"""Scheme, activations, PE and SIMD."""
CHIPS = ("ice40hx8k", "ecp5-25k", "xc7")
OWN = "own"
"""The way that a scheme selects."""


def elements(name: str) -> dict[str, Element]:
    """Makes the gates of a workload by the way to multiply."""
    scheme, x, _, _ = WORKLOADS[name]
    own = parse(scheme).element()
    return {OWN: own, **ways(own, x)}


def product(scheme: str, element: Element, x: Int, shape: tuple[int, int], pe: int, simd: int
            ) -> MatVecUnit:
    """Makes the unit of random codes (outputs, inputs), the same for all elements."""
    codes = np.random.default_rng(0).choice(element.codes, shape)
    matrix = Matrix(parse(scheme), codes, np.zeros(shape[0], np.int64))
    return MatVecUnit(element, codes, matrix.starts, x=x, y=matrix.sums(x), pe=pe, simd=simd)


def unit(name: str, element: Element) -> MatVecUnit:
    """Makes the unit of a workload."""
    scheme, x, pe, simd = WORKLOADS[name]
    return product(scheme, element, x, (SIZE, SIZE), pe, simd)


def synthesized(made: Component, chip: Target) -> Cost:
    """Synthesizes a unit by itself."""
    platform = Platform(chip, TOP)
    text = printed(made, TOP, platform=platform)
    files = {"top.v": "\n\n".join(m.text for m in (*text.modules, *platform.modules())),
             **text.contents}
    return cells(netlist(files, TOP, [], chip)[TOP], chip)


def measured(made: MatVecUnit, chip: Target) -> dict[str, Any]:
    """Synthesizes a unit and estimates it; returns both costs."""
    cost = synthesized(made, chip)
    kind = f"matvec.{type(made.element).__name__}"
    predicted = prices(chip.family.name).cost(kind, Chip(chip).made_of(made))
    return {"luts": cost.luts, "predicted": predicted.luts, "dsps": cost.dsps, "ns": cost.ns}


def page() -> None:
    """Writes the table of docs/results/products.md."""
    known = json.loads(RESULTS.read_text())
    lines = ["| unit | way | chip | LUTs | predicted | DSP blocks | LUTs a product | logic, ns |",
             "|---|---|---|--:|--:|--:|--:|--:|"]
    for name, (_, _, pe, simd) in WORKLOADS.items():
        for chip in CHIPS:
            for way in elements(name):
                if row := known.get(f"{name}:{way}:{chip}"):
                    lines.append(
                        f"| {name} | {way} | {chip} | {row['luts']} | {row['predicted']} | "
                        f"{row['dsps'] or ''} | {row['luts'] / pe / simd:.1f} | {row['ns']} |")
    fill("results/products.md", "tiles", lines)


def main() -> None:
    every = [*WORKLOADS, *CHIPS]
    given = words(__doc__, every, every)
    names = [name for name in WORKLOADS if name in given] or list(WORKLOADS)
    chips = [chip for chip in CHIPS if chip in given] or list(CHIPS)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names:
        for way, element in elements(name).items():
            for chip in chips:
                key = f"{name}:{way}:{chip}"
                known[key] = measured(unit(name, element), target(chip))
                print(key, known[key], flush=True)
                RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    page()


if __name__ == "__main__":
    main()

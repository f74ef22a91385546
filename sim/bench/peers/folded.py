"""Units of folded networks beside FINN's RTL at equal folds: LUTs, and the longest path.

    python -m sim.bench.peers.folded [w4a4 w1a1 windows ... ecp5-25k ...]

FINN's LUTs were measured with the same Yosys: products are the LUT library of arXiv 2201.11409
(asadalam/FINN_MatrixVector_RTL), thresholds and windows finn-rtllib at 39f0c9a. Its tile is the sum
of SIMD products as one expression, so the path beside is that of such a sum behind block RAM.
Results go into docs/results/data/folded.json, and from it into the table of
docs/results/products.md.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from qhw.engines.ways import ways
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.hw.units.matvec import MatVecUnit
from qhw.hw.units.threshold import ThresholdUnit
from qhw.ops import Windows
from qhw.schemes import parse
from qhw.synthesis.synth import cells, netlist
from qhw.targets import Target, target
from qhw.tools.hdl import Component

from ...pages import DATA, fill
from ...words import words
from .. import tiles
from ..tiles import TOP

RESULTS = DATA / "folded.json"
XC7, ECP5, ICE40 = CHIPS = ("xc7", "ecp5-25k", "ice40hx8k")


class Product(NamedTuple):
    """A matrix at a fold, its ways to multiply by chip, and FINN's LUTs by chip."""

    scheme: str
    x: Int
    shape: tuple[int, int]
    fold: tuple[int, int]
    way: Mapping[str, str]
    finn: Mapping[str, int]


def _every(way: str) -> Mapping[str, str]:
    return dict.fromkeys(CHIPS, way)


def _three(*luts: int) -> Mapping[str, int]:
    return dict(zip(CHIPS, luts, strict=True))


PRODUCTS: Mapping[str, Product] = {
    "w4a4": Product("fixed:bits=4", Int(0, 15), (64, 64), (4, 8), _every("digits"),
                    _three(1654, 2026, 2151)),
    "w2a2": Product("ternary", Int(0, 3), (256, 256), (8, 16), _every(""),
                    _three(1927, 2378, 2542)),
    "w1a1": Product("binary", Int(0, 1), (256, 256), (16, 32), _every("parities"),
                    _three(1453, 1765, 1967)),
    "w8a8": Product("fixed:bits=8", Int(-128, 127), (64, 64), (2, 4),
                    {XC7: "chains", ECP5: "chains", ICE40: "digits"}, _three(175, 405, 1921)),
    "w4a4-8x8": Product("fixed:bits=4", Int(0, 15), (64, 64), (8, 8), _every("digits"),
                        _three(3281, 3962, 4176)),
    "xnor": Product("binary", Int(0, 1), (64, 1024), (4, 64), _every("parities"), {XC7: 748}),
    "binary-4": Product("binary", Int(0, 15), (64, 1024), (4, 64), _every("parities"), {XC7: 3295}),
    "w4a4-4x64": Product("fixed:bits=4", Int(0, 15), (64, 1024), (4, 64), _every("digits"),
                         {XC7: 7039})}
"""The last three beside the published LUTs of Vivado, which are the fewest."""
THRESHOLDS = {"thresholds-4": (64, 4, 4, {XC7: 493}), "thresholds-8": (64, 8, 2, {XC7: 765})}
"""Channels, bits, lanes, and FINN's LUTs by chip."""
WINDOWS: Mapping[str, tuple[Window, Tensor, int, int, int, Mapping[str, int]]] = {
    "window": (Window((3, 3)), Tensor((16, 16, 16), Int(0, 15)), 1, 2, 0, _three(186, 347, 423)),
    "window-whole": (Window((3, 3)), Tensor((16, 16, 16), Int(0, 15)), 1, 1, 16,
                     _three(100, 287, 1018)),
    "window-5x5": (Window((5, 5), (2, 2)), Tensor((28, 28, 1), Int(0, 3)), 1, 1, 0, {ECP5: 347}),
    "window-5x5-whole": (Window((5, 5), (2, 2)), Tensor((28, 28, 1), Int(0, 3)), 1, 1, 1,
                         {ECP5: 270}),
    "window-depthwise": (Window((3, 3)), Tensor((16, 16, 8), Int(0, 15)), 8, 1, 0, {ECP5: 338}),
    "window-depthwise-whole": (Window((3, 3)), Tensor((16, 16, 8), Int(0, 15)), 8, 1, 8,
                               {ECP5: 222})}
"""Window, image, groups, lanes, channels of whole windows, and FINN's LUTs by chip."""


def product(name: str, way: str) -> MatVecUnit:
    """Makes the unit of a product with random weights."""
    row = PRODUCTS[name]
    own = parse(row.scheme).element()
    element = ways(own, row.x)[way] if way else own
    return tiles.product(row.scheme, element, row.x, row.shape, *row.fold)


def threshold(name: str) -> ThresholdUnit:
    """Makes the unit of random thresholds of 16-bit sums."""
    channels, bits, lanes, _ = THRESHOLDS[name]
    levels = np.sort(np.random.default_rng(0).integers(-1 << 15, 1 << 15,
                                                       (channels, (1 << bits) - 1)))
    return ThresholdUnit(levels, np.zeros(channels, np.int64), x=Int(-1 << 15, (1 << 15) - 1),
                         lo=0, pe=lanes)


def plain(name: str, chip: Target) -> float:
    """Synthesizes the sum of a row's products as one expression before a register; returns its
    path behind block RAM in nanoseconds."""
    row, simd = PRODUCTS[name], PRODUCTS[name].fold[1]
    bits = parse(row.scheme).element().bits
    each = row.x.width + (row.x.lo == 0 and bits > 1)       # as signed factors
    if bits == 1:
        terms = [f"(w[{k}] ? x{k} : -x{k})" if row.x.width > 1 else f"(w[{k}] ~^ x{k}[0])"
                 for k in range(simd)]
    else:
        terms = [f"$signed(w[{k * bits} +: {bits}]) * x{k}" for k in range(simd)]
    width = each + bits + simd.bit_length()
    wires = "".join(f"  wire signed [{each - 1}:0] x{k} = x[{k * row.x.width} +: {row.x.width}];\n"
                    for k in range(simd))
    text = (f"module {TOP}(input clk, input [{simd * row.x.width - 1}:0] x, input "
            f"[{simd * bits - 1}:0] w, output reg signed [{width - 1}:0] y);\n{wires}"
            f"  always @(posedge clk) y <= {' + '.join(terms)};\nendmodule\n")
    family = chip.family
    if bits < 8 and family.dsp:     # FINN's library of LUTs
        family = replace(family, synth=f"{family.synth} -nodsp")
    cost = cells(netlist({"top.v": text}, TOP, [], replace(chip, family=family))[TOP], chip)
    return round(cost.ns + chip.delays.memory, 2)


def rows() -> Iterator[tuple[str, str, int]]:
    """Yields name, chip and FINN's LUTs."""
    for name, row in PRODUCTS.items():
        yield from ((name, chip, luts) for chip, luts in row.finn.items())
    for table in (THRESHOLDS, WINDOWS):
        for name, (*_, finn) in table.items():
            yield from ((name, chip, luts) for chip, luts in finn.items())


def measured(name: str, chip: Target) -> dict[str, Any]:
    """Synthesizes a row's unit; a product's also as one expression."""
    found: dict[str, Any] = {}
    if name in PRODUCTS:
        way = PRODUCTS[name].way[chip.name]
        made: Component = product(name, way)
        found = {"way": way, "plain": plain(name, chip)}
    elif name in THRESHOLDS:
        made = threshold(name)
    else:
        window, image, groups, lanes, channels, _ = WINDOWS[name]
        made = Windows(window, groups, 0, lanes, channels).unit(image)
    cost = tiles.synthesized(made, chip)
    return {**found, "luts": cost.luts, "ffs": cost.ffs, "brams": cost.brams, "dsps": cost.dsps,
            "ns": cost.ns}


def page() -> None:
    """Writes the table of docs/results/products.md."""
    known: dict[str, Any] = json.loads(RESULTS.read_text())
    lines = ["| unit | way | chip | LUTs | FINN | ratio | ns | one expression, ns |",
             "|---|---|---|--:|--:|--:|--:|--:|"]
    for name, chip, finn in rows():
        if row := known.get(f"{name}:{chip}"):
            lines.append(f"| {name} | {row.get('way', '')} | {chip} | {row['luts']} | {finn} | "
                         f"{row['luts'] / finn:.2f} | {row['ns']} | {row.get('plain', '')} |")
    fill("results/products.md", "folded", lines)


def main() -> None:
    every = [*dict.fromkeys(name for name, _, _ in rows()), *CHIPS]
    given = words(__doc__, every, every)
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    names, chips = set(given) - set(CHIPS) or set(every), set(given) & set(CHIPS) or set(CHIPS)
    for name, chip, finn in rows():
        if name in names and chip in chips:
            found = known[f"{name}:{chip}"] = measured(name, target(chip))
            print(f"{name}:{chip} {found['luts'] / finn:.3f} of FINN's LUTs", found, flush=True)
            RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    page()


if __name__ == "__main__":
    main()

"""Constant matrices as the cells of each family: ``python -m sim.proof.matrices [--count 500]``.

Random matrices of every width and sign, inputs in intervals of every kind, with and without
registers between the adders. The Verilog is read by Yosys, its cells are evaluated (tests/adders
holds their meaning to Yosys's models of them) on all lowest, all highest, one of each and random
inputs, and every output must be the product's. Some are also tried as whole units with their
registers, and as what synthesis makes of them.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from qhw import adders
from qhw.adders import Network
from qhw.adders.cut import cut
from qhw.adders.verilog import verilog
from qhw.errors import QhwError
from qhw.exact.num import Int
from qhw.hw.units.spatial import SpatialUnit
from qhw.targets import families
from qhw.targets import family as family_of
from qhw.tools import programs
from qhw.verilog import verilog as unit_verilog

from .netlist import outputs, settled

__all__ = ["FAMILIES", "Case", "draw", "wrong"]

FAMILIES = list({f.adders.writer: f.name for f in reversed(families().values())
                 if f.adders.writer}.values())
"""Names of families, one of those whose adders are the same cells."""
VECTORS, BATCH = 160, 40
"""Inputs tried of each matrix, and matrices a run of Yosys."""
FEW, RARE = 8, 100
"""So many of so many are tried as whole units, and synthesized, too."""
CYCLES = 40
"""More than any unit takes."""
How = Literal["written", "unit", "synthesized"]


@dataclass(frozen=True, eq=False)
class Case:
    """A matrix, and how it becomes logic."""

    matrix: np.ndarray
    intervals: list[Int]
    offsets: list[int]
    signs: bool
    slack: int
    effort: int
    stages: int

    def networks(self, family: str) -> list[Network]:
        """One, or several with registers between them."""
        whole = adders.compile(self.matrix, self.intervals, offsets=self.offsets,
                               signs=self.signs, slack=self.slack, effort=self.effort,
                               family=family)
        return cut(whole, self.stages) if self.stages > 1 else [whole]

    @cached_property
    def x(self) -> np.ndarray:
        """Inputs of shape (VECTORS, inputs): all lowest, all highest, one of each, mixtures, and
        what lies between."""
        rng = np.random.default_rng(len(self.offsets))
        lo, hi = (np.array(ends) for ends in zip(*((i.lo, i.hi) for i in self.intervals),
                                                 strict=True))
        one = np.eye(len(lo), dtype=bool)
        found = np.concatenate([
            [lo, hi], np.where(one, hi, lo), np.where(one, lo, hi),
            np.where(one, hi, np.clip(0, lo, hi)), np.where(one, lo, np.clip(0, lo, hi)),
            np.where(rng.random((VECTORS // 4, len(lo))) < 0.5, lo, hi)])
        rest = max(VECTORS - len(found), 0)
        inner = rng.integers(lo, hi + 1, (rest, len(lo)))
        return np.concatenate([found, inner])[:VECTORS]

    @cached_property
    def sums(self) -> np.ndarray:
        """The products, in integers without bounds."""
        return self.x.astype(object) @ self.matrix.T.astype(object) + self.offsets


def draw(seed: int) -> Case:
    """A matrix with what may break: rows and columns of zeros, rows that are equal or negated,
    powers of two, single weights, huge ones, and intervals of every kind."""
    rng = np.random.default_rng(seed)
    rows, columns = (int(n) for n in rng.choice((1, 1, 2, 3, 4, 6, 9), 2))
    bits = int(rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 12, 16, 24, 40)))
    matrix = rng.integers(-(1 << bits - 1), (1 << bits - 1) + 1, (rows, columns))
    if rng.random() < 0.2:
        matrix = np.where(rng.random(matrix.shape) < 0.7,
                          rng.choice((-1, 1), matrix.shape) << rng.integers(0, bits, matrix.shape),
                          matrix)
    matrix *= rng.random(matrix.shape) < rng.choice((0.1, 0.5, 0.8, 1, 1))
    for _ in range(int(rng.integers(0, 3))):
        a, b = rng.integers(0, rows, 2)
        matrix[a] = matrix[b] * rng.choice((0, 1, -1, -1, 2))
    if rng.random() < 0.15:
        matrix[:, rng.integers(0, columns)] = 0
    most = int(rng.choice((1, 2, 3, 4, 8, 12))) if bits < 24 else 8
    same = _interval(rng, most) if rng.random() < 0.4 else None
    intervals = [same or _interval(rng, most) for _ in range(columns)]
    offsets = rng.integers(-(1 << bits), (1 << bits) + 1, rows) * (rng.random(rows) < 0.6)
    return Case(matrix, intervals, offsets.tolist(), bool(rng.random() < 0.15),
                int(rng.integers(0, 3)), int(rng.integers(0, 4)), int(rng.choice((1, 1, 2, 3))))


def _interval(rng: np.random.Generator, most: int) -> Int:
    """Signed, unsigned, on one side of zero, anywhere, or one value."""
    bits, end = int(rng.integers(1, most + 1)), 1 << most
    a, b = sorted(rng.integers(0, end, 2).tolist())
    return [Int(0, (1 << bits) - 1), Int(-(1 << bits - 1), (1 << bits - 1) - 1), Int(-b, 0),
            Int(a, b), Int(-b, -a), Int(-a, b), Int(a, a), Int(-a, -a), Int(0, 0), Int(-1, 0)][
        int(rng.choice(10, p=[.2, .2, .1, .1, .1, .15, .04, .04, .02, .05]))]


def wrong(cases: Sequence[Case], family: str, how: How = "written") -> dict[int, str]:
    """Which of the cases differ from the product for any input, or are not written, and why."""
    found, parts = dict[int, str](), list[_Part]()
    for number, case in enumerate(cases):
        try:
            parts.append((_unit if how == "unit" else _cells)(case, number, family))
        except QhwError as e:
            found[number] = str(e)
    netlist = _netlist(_top(parts), family, how)
    # Of nothing there is a bit too: a port has one.
    x = np.concatenate([*(part.x for part in parts), np.zeros((VECTORS, 1), np.uint8)], axis=1)
    y = settled(netlist, x, CYCLES) if how == "unit" else outputs(netlist, x)
    for part, bits in zip(parts, _split(y, [part.y.shape[1] for part in parts]), strict=True):
        if (bits != part.y).any():
            found[part.number] = f"{(bits != part.y).any(axis=1).sum()} of {VECTORS} differ"
    return found


@dataclass(frozen=True, eq=False)
class _Part:
    """Modules of a case, its instances between ``{x}`` and ``{y}``, and the bits of both."""

    number: int
    modules: list[str]
    body: list[str]
    x: np.ndarray
    y: np.ndarray


def _cells(case: Case, number: int, family: str) -> _Part:
    """The networks; of stages, the outputs of one are the inputs of the next."""
    stages, given = case.networks(family), "{x}"
    modules, body = list[str](), list[str]()
    for k, network in enumerate(stages):
        name = f"m{number}_{k}"
        modules.append(verilog(network, name, family=family))
        body += [f"wire [{max(len(network.pins), 1) - 1}:0] {name}_y;",
                 f"{name} {name}_i (.x({given}), .y({name}_y));"]
        given = f"{name}_y"
    sizes = stages[0].widths[:stages[0].inputs].tolist()
    return _Part(number, modules, [*body, f"assign {{y}} = {given};"], _bits(case.x.T, sizes),
                 _wanted(case, stages[-1]))


def _unit(case: Case, number: int, family: str) -> _Part:
    """The unit that has the networks, with its registers and handshakes."""
    one = replace(case, intervals=case.intervals[:1] * len(case.intervals), signs=False)
    ends = [int(end) for end in (one.sums.min(), one.sums.max())]
    reach = np.abs(one.matrix).astype(object).sum(axis=1) * one.intervals[0].size
    y = Int(min(ends[0], -int(reach.max()) - 1), max(ends[1], int(reach.max())))
    unit = SpatialUnit(one.matrix, np.array(one.offsets), x=one.intervals[0], y=y,
                       levels=one.stages, family=family)
    name, cells = f"m{number}", _Cells(f"m{number}_", family)
    text = unit_verilog(unit, name, platform=cells)
    body = [f"{name} {name}_i (.clk(clk), .rst(1'b0), .i_payload({{x}}), .i_valid(1'b1), "
            ".i_ready(), .o_payload({y}), .o_valid(), .o_ready(1'b1));"]
    widths = [unit.x.width] * len(one.intervals)
    return _Part(number, [text, *cells.modules], body, _bits(one.x.T, widths),
                 _bits(one.sums.T, [y.width] * len(one.matrix)))


@dataclass
class _Cells:
    """A platform on which networks of adders become cells."""

    prefix: str
    family: str
    modules: list[str] = field(default_factory=list)

    def adders(self, network: Network) -> str:
        name = f"{self.prefix}{len(self.modules)}"
        self.modules.append(verilog(network, name, family=self.family))
        return name


def _top(parts: list[_Part]) -> str:
    """Every case beside the others."""
    body, x, y = list[str](), 0, 0
    for part in parts:
        i, o = part.x.shape[1], part.y.shape[1]
        ports = {"x": f"x[{x + i - 1}:{x}]" if i else "1'b0", "y": f"y[{y + o - 1}:{y}]"}
        if o:       # outputs that can be nothing but 0 have no bits
            body += [line.format(**ports) for line in part.body]
        x, y = x + i, y + o
    return "\n".join([*(text for part in parts for text in part.modules),
                      f"module top (input clk, input [{x}:0] x, output [{y - 1}:0] y);", *body,
                      "endmodule", ""])


def _netlist(text: str, family: str, how: How) -> dict[str, Any]:
    """Module ``top``: the cells that are written, and gates for expressions and registers; or what
    synthesis makes of it."""
    chips = family_of(family)
    passes = [f"{chips.synth} -top top"] if how == "synthesized" else [
        f"read_verilog -lib {(chips.models or ())[0]}", "hierarchy -check -top top", "proc",
        "flatten", "dffunmap", "techmap", "simplemap"]
    with tempfile.TemporaryDirectory(prefix="qhw-matrices-") as folder:
        path = Path(folder)
        (path / "top.v").write_text(text)
        programs.run_yosys(["read_verilog top.v", *passes, "flatten", "opt_clean",
                            "delete t:$scopeinfo", "select top", "write_json -selected net.json"],
                           path)
        return json.loads((path / "net.json").read_text())["modules"]["top"]


def _bits(numbers: np.ndarray, widths: Sequence[int]) -> np.ndarray:
    """Bits (samples, all) of rows of numbers, each row of its own width."""
    columns = [row >> k & 1 for row, width in zip(numbers, widths, strict=True)
               for k in range(width)]
    return np.array(columns, np.uint8).reshape(-1, VECTORS).T


def _split(bits: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    return np.split(bits, np.cumsum(sizes)[:-1], axis=1)


def _wanted(case: Case, network: Network) -> np.ndarray:
    """The bits of a network's outputs: the sums', or whether they are not negative."""
    if network.signs:
        return (case.sums >= 0).astype(np.uint8)
    return _bits(case.sums.T, [int(network.widths[n]) + shift if n >= 0 else 1
                               for n, shift in network.outputs.tolist()])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="matrices, each on every family")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    counts, failed = Counter[str](), list[str]()
    for how, step, size in (("written", BATCH, BATCH), ("unit", RARE, FEW),
                            ("synthesized", RARE, FEW)):
        for first in range(0, given.count, step):
            end = min(first + size, given.count)
            seeds = range(given.seed + first, given.seed + end)
            cases = [draw(seed) for seed in seeds]
            for family in FAMILIES:
                counts[f"{family} {how}"] += len(cases)
                failed += [f"{family} {how} seed {seeds[k]}: {why}" for k, why in
                           wrong(cases, family, how).items()]
            print(f"{how}: up to {end} of {given.count}, {len(failed)} wrong", *failed[-3:],
                  flush=True)
    for how, count in sorted(counts.items()):
        bad = sum(name.startswith(f"{how} seed") for name in failed)
        print(f"{how:20} {count:5} matrices x {VECTORS} inputs: {bad} wrong")
    print(*failed, sep="\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())

"""Folding to fit a board, held against synthesis, simulation and exhaustive search.

    python -m sim.bench.goals [NETWORK ...]

For ten networks and three boards: the fastest folds that fit; whether they fit once synthesized,
whether the compiled Verilog takes the cycles that were predicted, and how far the search is from
the best there is. What was synthesized is kept in build/goals.json and not done again. The table of
docs/how/folding.md follows.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import qhw
from qhw.design.cycles import predict
from qhw.errors import QhwError
from qhw.estimator import estimate
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.fold.goal import Goal, reach
from qhw.fold.trellis import KINDS
from qhw.graph import Fold, Graph
from qhw.layers import ArgMax, Conv, Flatten, Input, Quantize
from qhw.lower import lower
from qhw.lower.fold import fold
from qhw.ops import HardwareOp
from qhw.schemes import parse
from qhw.simulators import verilator_sim
from qhw.simulators.golden import golden
from qhw.synthesis.synth import synthesize
from qhw.targets.boards import Board, board
from qhw.targets.cost import Cost
from qhw.tools.programs import yosys_version
from tests.networks import Builder

from ..beside import SHARED, there
from ..pages import fill
from ..words import words

console = Console(highlight=False, width=150)
BOARDS = ("icebreaker", "ice40-hx8k-evn", "ulx3s-25f")
KEPT = Path("build/goals.json")
ZOO = SHARED / "zoo/models"
SAMPLES = 12
FEW = 1500
"""Folds that are all tried."""


def dense(seed: int, schemes: tuple[str, ...], sizes: tuple[int, ...]) -> Graph:
    """Dense layers with 3-bit activations between."""
    b = Builder(seed)
    b.add("input", Input((sizes[0],), Int(0, 15)))
    _dense_layers(b, schemes, sizes)
    return Graph(f"dense{seed}", tuple(b.nodes)).check()


def image(seed: int, schemes: tuple[str, ...], size: int, channels: tuple[int, ...],
          classes: int) -> Graph:
    """3 x 3 convolutions, and a dense layer."""
    b = Builder(seed)
    b.add("input", Input((size, size, channels[0]), Int(0, 15)))
    for k, name in enumerate(schemes[:-1]):
        scheme = parse(name)
        codes = scheme.quantize(b.rng.normal(size=(channels[k + 1], 9 * channels[k])),
                                per_channel=True)
        b.add(f"conv{k}", Conv(scheme, codes, window=Window((3, 3))))
        b.add(f"act{k}", Quantize(Int(0, 7), 4))
        size -= 2
    b.add("flat", Flatten())
    _dense_layers(b, schemes[-1:], (size * size * channels[-1], classes))
    return Graph(f"image{seed}", tuple(b.nodes)).check()


def _dense_layers(b: Builder, schemes: tuple[str, ...], sizes: tuple[int, ...]) -> None:
    for k, name in enumerate(schemes):
        last = k == len(schemes) - 1
        b.dense(f"fc{k}", parse(name), sizes[k], sizes[k + 1], one_scale=last)
        b.nodes[-1] = replace(b.nodes[-1], op=replace(b.nodes[-1].op, fold=None))
        b.add(*(("class", ArgMax()) if last else (f"act{k}", Quantize(Int(0, 7), 4))))


NETWORKS: dict[str, Callable[[], Graph]] = {
    "dense1": partial(dense, 1, ("fixed:bits=4",), (35, 3)),
    "dense2": partial(dense, 2, ("fixed:bits=8", "ternary"), (14, 3, 2)),
    "image3": partial(image, 3, ("ternary", "fixed:bits=4"), 8, (1, 5), 7),
    "digits-ternary": partial(qhw.load, "digits-ternary"),
    "digits-fixed4": partial(qhw.load, "digits-fixed4"),
    "digits-binary": partial(qhw.load, "digits-binary"),
    "dense4": partial(dense, 4, ("shiftcnn", "inq", "fixed:bits=6"), (48, 36, 24, 10)),
    "image5": partial(image, 5, ("fixed:bits=4", "ternary", "binary"), 10, (2, 6, 8), 10),
}
OTHERS: dict[str, Callable[[], Graph]] = {
    "digits_cnn": lambda: qhw.load(ZOO / "digits_cnn_qcdq_w4a4.onnx"),
    "TFC": lambda: qhw.load(ZOO / "zoo_TFC_1W1A.onnx"),
}
"""Networks of the zoo."""


def total(costs: Mapping[str, Cost]) -> list[int]:
    return [sum(getattr(c, kind) for c in costs.values()) for kind in KINDS]


def ways(graph: Graph) -> dict[str, list[Fold]]:
    """Every fold of every layer."""
    return {n.name: list(n.op.folds(*(graph.tensors[i] for i in n.inputs)))
            for n in graph.hardware.nodes if isinstance(n.op, HardwareOp)}


def exhaustive(graph: Graph, on: Board, limits: dict[str, int | None]) -> int | None:
    """The fewest cycles of all folds that fit, tried one by one; None if they are too many."""
    every = ways(graph)
    if prod(map(len, every.values())) > FEW:
        return None
    best, most = None, [np.inf if n is None else n for n in limits.values()]
    for chosen in product(*every.values()):
        folded = fold(graph, dict(zip(every, chosen, strict=True)))
        cycles = predict(folded).interval
        if (best is None or cycles < best) and np.all(
                np.array(total(estimate(folded, on.chip))) <= most):
            best = cycles
    return best


def cycles_agree(folded: Graph) -> bool:
    """Whether the compiled Verilog gives the golden's integers in the cycles predicted."""
    first, *others = folded.nodes
    made = folded.tensors[first.name]
    plain = replace(first, op=Input(made.shape, made.codes, made.scale, made.zero))
    folded = replace(folded, nodes=(plain, *others))    # codes in the order of the hardware
    x = np.random.default_rng(0).integers(made.integer.lo, made.integer.hi + 1,
                                          (SAMPLES, *made.shape))
    exact, found = golden(folded, x), predict(folded)
    run = verilator_sim.simulate(folded, exact[first.name])
    return (np.array_equal(run.codes, exact[folded.hardware.output.name])
            and run.cycles == found.latency + (len(x) - 1) * found.interval)


def measure(name: str, place: str, known: dict[str, Any]) -> dict[str, Any]:
    """A row: what is known of the search for one network and board, and what it is held against."""
    graph, on = lower((NETWORKS | OTHERS)[name]()), board(place)
    goal = Goal()
    if prod(map(len, ways(graph).values())) <= FEW:     # so small that it fits anything
        least = reach(graph, Goal(cycles=1 << 30), on.chip, on)[0]
        goal = Goal(luts=int(1.6 * total(estimate(least, on.chip))[0]))
    begin = time.perf_counter()
    folded, found = reach(graph, goal, on.chip, on)
    row: dict[str, Any] = {
        "network": name, "board": place, "cycles": found["cycles"], "bound": found["bound"],
        "exact": found["exact"], "folds": found["folds"], "limits": found["limits"],
        "asked": found["asked"], "seconds": round(time.perf_counter() - begin, 1),
        "predicted": total(estimate(folded, on.chip))}
    key = json.dumps([name, on.chip.name, yosys_version(), found["folds"]])
    if key not in known:
        begin = time.perf_counter()
        agree = cycles_agree(folded)
        known[key] = {"agree": agree, "measured": total(synthesize(folded, on.chip)),
                      "synth_seconds": round(time.perf_counter() - begin, 1)}
    row |= known[key]
    best = exhaustive(graph, on, found["limits"])
    row["ratio"] = found["cycles"] / (best or found["bound"]["cycles"])
    row["exhaustive"] = best is not None
    has = [getattr(on.chip, k) - getattr(on.reserve, k) for k in KINDS]
    room = [min(h, goal.asked.get(k, h)) for h, k in zip(has, KINDS, strict=True)]
    row["room"] = room
    row["fits"] = all(m <= r for m, r in zip(row["measured"], room, strict=True))
    return row | {"reserve": asdict(on.reserve)}


def goals(names: list[str] | None = None) -> None:
    """The bench, for all networks or some."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {"rows": {}, "known": {}}
    KEPT.parent.mkdir(exist_ok=True)
    names = names or [*NETWORKS, *(OTHERS if there("zoo", "two networks of others") else ())]
    for place in BOARDS:
        for name in names:
            try:
                row = measure(name, place, kept["known"])
            except QhwError as e:
                row = {"network": name, "board": place, "error": str(e)}
            kept["rows"][f"{name} {place}"] = row
            KEPT.write_text(json.dumps(kept, indent=1) + "\n")
            print(_line(row), file=sys.stderr, flush=True)
    console.print(table(list(kept["rows"].values())))
    page(list(kept["rows"].values()))


def page(rows: list[dict[str, Any]]) -> None:
    """The table of docs/how/folding.md."""
    lines = ["| network | board | cycles | of the best | LUT | of | BRAM | DSP | fits | search |",
             "|---|---|--:|---|--:|--:|--:|--:|---|--:|"]
    order = [*NETWORKS, *OTHERS]
    for row in sorted((r for r in rows if "error" not in r),
                      key=lambda r: order.index(r["network"])):
        luts, brams, dsps = (f"{p} / {m}" for p, m in zip(row["predicted"], row["measured"],
                                                          strict=True))
        how = "of all" if row["exhaustive"] else "proven"
        fits = "yes" if row["fits"] and row["agree"] else "NO"
        lines.append(f"| {row['network']} | {row['board']} | {row['cycles']} | {row['ratio']:.2f} "
                     f"{how} | {luts} | {row['room'][0]} | {brams} | {dsps} | {fits} | "
                     f"{row['seconds']} s |")
    fill("how/folding.md", "measured", lines)


def _line(row: dict[str, Any]) -> str:
    if "error" in row:
        return row["error"]
    kinds = ", ".join(f"{p} / {m} of {r} {k}" for p, m, r, k in zip(
        row["predicted"], row["measured"], row["room"], KINDS, strict=True))
    return f"{row['network']} {row['board']}: {row['cycles']} cycles, {kinds}, fits {row['fits']}"


def table(rows: list[dict[str, Any]]) -> Table:
    made = Table("network", "board", "cycles", "of the best", "LUT", "of", "BRAM", "DSP", "fits",
                 "simulated", "search", box=None, title_justify="left",
                 title="The fastest folds that fit: predicted / synthesized")
    for row in rows:
        if "error" in row:
            made.add_row(row["network"], row["board"], row["error"])
            continue
        luts, brams, dsps = (f"{p} / {m}" for p, m in zip(row["predicted"], row["measured"],
                                                          strict=True))
        how = "of all" if row["exhaustive"] else "proven"
        made.add_row(row["network"], row["board"], str(row["cycles"]),
                     f"{row['ratio']:.2f} {how}", luts, str(row["room"][0]), brams, dsps,
                     "yes" if row["fits"] else "NO", "equal" if row["agree"] else "DIFFERS",
                     f"{row['seconds']} s")
    return made


if __name__ == "__main__":
    goals(words(__doc__, known=[*NETWORKS, *OTHERS]))

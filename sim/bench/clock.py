"""The clock of folded networks by place and route: without registers for a clock, and with them.

    python -m sim.bench.clock [NETWORK:CHIP ... | estimates]

A network stands between registers that are shifted in and out of, three pins in all. Results go
into docs/results/data/clock.json, and from it into the table of docs/results/speed.md;
docs/how/estimates.md has the estimated clocks beside them, which ``estimates`` alone writes anew.
The network with convolutions is one of ../shared, and is left out where that is not beside the
project.
"""

import json
from statistics import median
from typing import Any

from qhw.design.cycles import predict
from qhw.estimator import estimate
from qhw.fold.goal import Goal
from qhw.graph import Graph
from qhw.ops import HardwareOp, Lanewise
from qhw.synthesis.place import flow
from qhw.targets import Target, target
from qhw.targets.boards import place
from qhw.targets.cost import Cost
from qhw.targets.timing import megahertz
from qhw.verbs.networks import folded
from qhw.verilog.design import Design

from ..beside import SHARED, there
from ..pages import DATA, fill
from ..words import words
from .routed import between, routed

RESULTS = DATA / "clock.json"
CHIPS = {
    "ecp5-25k": (110, "--25k --package CABGA381 --speed 6 --lpf-allow-unconstrained"),
    "ice40hx8k": (100, "--hx8k --package ct256 --pcf-allow-unconstrained"),
    "ice40up5k": (45, "--up5k --package sg48 --pcf-allow-unconstrained"),
    "gw1n-9c": (110, "--device GW1NR-LV9QN88PC6/I5 --vopt family=GW1N-9C --vopt cst=pins.cst")}
"""The clock in MHz that is asked of a chip, and nextpnr's options for it."""
PINS = "".join(f'IO_LOC "{name}" {pin};\n' for name, pin in (("clk", 52), ("d", 3), ("q", 10)))
"""Of the GW1N-9C, for which nextpnr chooses none."""
CNN = "digits_cnn_qcdq_w4a4"
CYCLES = {"digits-ternary": (128, 512), "digits-fixed4": (256, 1024), CNN: (4608, 9216)}
"""Cycles of an inference: on the larger chips, and on the UP5K and the GW1N-9C."""
SMALL = ("ice40up5k", "gw1n-9c")
WHICH = ("without", "with")
"""Registers for a clock."""


def network(name: str, chip: Target, mhz: float | None) -> Graph:
    """A network folded for a chip, with the registers for a clock of ``mhz``."""
    model = SHARED / f"zoo/models/{CNN}.onnx" if name == CNN else name
    goal = Goal(cycles=CYCLES[name][chip.name in SMALL], clock_mhz=mhz)
    return folded(model, place(chip.name, None), goal, None, None)[0]


def instance(design: Design) -> tuple[str, int, int]:
    """A design as an instance, and the bits of its inputs and outputs."""
    pins, bits = [".clk(clk)"], {"input": 0, "output": 0}
    for port in design.ports:
        if port.name != "clk":
            at = bits[port.direction]
            bits[port.direction] += port.bits
            wires = "x" if port.direction == "input" else "y"
            pins.append(f".{port.name}({wires}[{at + port.bits - 1}:{at}])")
    return f"{design.name} network ({', '.join(pins)});", bits["input"], bits["output"]


def stages(op: HardwareOp) -> int:
    """The registers for a clock that a layer has."""
    if op.product:
        return op.product.engine.at(op.product).stages
    return op.stages if isinstance(op, Lanewise) else 0


def staged(graph: Graph) -> list[int]:
    """The registers for a clock of each layer that can have them."""
    return [stages(n.op) for n in graph.nodes if isinstance(n.op, HardwareOp) and n.op.staged()]


def placed(graph: Graph, chip: Target) -> dict[str, Any]:
    """Cells, cycles, stages and megahertz of a folded network, and its longest path."""
    design, (asked, options) = Design.of(graph, chip), CHIPS[chip.name]
    files = {**design.files, "placed.v": between(*instance(design)), "pins.cst": PINS}
    report = routed(files, chip.family, [*options.split(), "--seed", "1"], asked)
    clock, = report["fmax"].values()
    sites = report["utilization"]
    longest = max((p["path"] for p in report["critical_paths"]), key=lambda path: sum(
        part["delay"] for part in path))
    return {"mhz": round(clock["achieved"], 1), "cycles": predict(graph).interval,
            "luts": sum(sites[n]["used"] for n in flow(chip.family).sites["luts"] if n in sites),
            "stages": staged(graph),
            "path": [f"{part['delay']:.2f} {part['to']['cell']}" for part in longest]}


def page() -> None:
    """The table between the marks in docs/results/speed.md."""
    known = json.loads(RESULTS.read_text())
    lines = ["| network | chip | cycles | stages | LUTs | MHz without | MHz | asked |",
             "|---|---|--:|---|--:|--:|--:|--:|"]
    for key, rows in known.items():
        name, chip = key.split(":")
        luts, mhz = ([str(rows[which][of]) if which in rows else "-" for which in WHICH]
                     for of in ("luts", "mhz"))
        row = rows.get("with", rows.get("without"))
        stages = ", ".join(map(str, row["stages"])) if "with" in rows else "-"
        lines.append(f"| {name} | {chip} | {row['cycles']} | {stages} | {' to '.join(luts)} | "
                     f"{' | '.join(mhz)} | {CHIPS[chip][0]} |")
    fill("results/speed.md", "clock", lines)


def estimated(name: str, chip: str, mhz: float | None) -> tuple[list[int], float]:
    """Cycles of an inference and the stages of each layer, and the estimated clock in MHz."""
    graph, of = network(name, target(chip), mhz), target(chip)
    ns = sum(estimate(graph, of).values(), Cost()).ns
    return [predict(graph).interval, *staged(graph)], megahertz(ns, of.delays)


def compared() -> None:
    """The table of estimated clocks in docs/how/estimates.md, of networks that are folded as they
    were when they were placed."""
    lines = ["| network | chip | stages | MHz predicted | MHz placed | error |",
             "|---|---|---|--:|--:|--:|"]
    off, others = list[float](), 0
    for key, rows in json.loads(RESULTS.read_text()).items():
        name, chip = key.split(":")
        if name == CNN and not there("zoo", "a network with convolutions"):
            continue
        for which, mhz in zip(WHICH, (None, CHIPS[chip][0]), strict=True):
            row = rows[which]
            fold, clock = estimated(name, chip, mhz)
            if fold != [row["cycles"], *row["stages"]]:
                others += 1
                continue
            off.append(clock / row["mhz"] - 1)
            told = ", ".join(map(str, row["stages"]))
            lines.append(f"| {name} | {chip} | {told} | {clock:.1f} | {row['mhz']} | "
                         f"{off[-1]:+.1%} |")
    lines += ["", f"The median error is {median(map(abs, off)):.1%} of {len(off)} placed designs; "
              f"{others} fold in another way today."]
    fill("how/estimates.md", "clock", lines)


def main() -> None:
    every = [f"{name}:{chip}" for name in CYCLES for chip in CHIPS]
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    asked = words(__doc__, every, [*every, "estimates"])
    for key in asked if asked != ["estimates"] else []:
        name, chip = key.split(":")
        if name == CNN and not there("zoo", "a network with convolutions"):
            continue
        for which, mhz in zip(WHICH, (None, CHIPS[chip][0]), strict=True):
            row = placed(network(name, target(chip), mhz), target(chip))
            known.setdefault(key, {})[which] = row
            print(key, which, row["mhz"], flush=True)
            RESULTS.write_text(json.dumps({k: known[k] for k in sorted(known)}, indent=1) + "\n")
            page()
    compared()


if __name__ == "__main__":
    main()

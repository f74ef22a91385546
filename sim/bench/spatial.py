"""Whole networks as logic: golden, compiled Verilog and netlist on whole test splits.

    python -m sim.bench.spatial [NETWORK ...] [--target CHIP]

The digits networks, and multilayer perceptrons of ../shared/zoo where it is beside the project.
Results go into docs/results/data/spatial.json as they are found, and from it into the table of
docs/results/constant-weights.md.
"""

import argparse
import json
import sys
import time
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np

import qhw
from qhw import verbs
from qhw.design.cycles import predict
from qhw.exact.num import Int
from qhw.graph import Graph, Node, Spatial
from qhw.layers import ArgMax, Dense, Input, Quantize
from qhw.lower import lower
from qhw.lower.fold import EVERY
from qhw.ops import MatVec
from qhw.schemes.ternary import Ternary
from qhw.synthesis import synth
from qhw.targets import target

from ..beside import SHARED, there
from ..pages import DATA, fill
from ..proof.netlists import load

RESULTS = DATA / "spatial.json"
ZOO = SHARED / "zoo"

DIGITS = {"digits-binary": "", "digits-ternary": "", "digits-fixed4": "",
          "digits-float": "fixed:bits=4"}
"""Networks that ship with qhw, and the scheme that one of floats is given."""
OTHERS = {"bcancer_mlp_w3a3_a": None, "digits_mlp_w1a1_a": None, "digits_mlp_w2a2_a": None,
          "digits_mlp_w4a4_a": None, "digits_mlp_w6a6_po2_a": None,
          "zoo_qkeras_jettagging": "s14:scale=1/1024"}
"""Networks of the zoo, and the format of inputs that have no quantizer."""
RANDOM = "random-ternary"
"""Weights of 64-64-32-10 that nobody trained, two thirds of them zero."""
FOLDS = {EVERY: Spatial()}


def random(seed: int = 0) -> tuple[Graph, np.ndarray]:
    """A sparse ternary network, and inputs for it."""
    rng, sizes = np.random.default_rng(seed), (64, 64, 32, 10)
    nodes = [Node("input", Input((sizes[0],), Int(0, 15)))]
    for k, (inputs, outputs) in enumerate(pairwise(sizes), 1):
        signs = rng.choice([-1, 0, 0, 0, 0, 1], size=(outputs, inputs))
        found = Ternary().quantize(signs.astype(float), per_channel=False)
        nodes.append(Node(f"fc{k}", Dense(Ternary(), found), (nodes[-1].name,)))
        op = Quantize(Int(0, 15), 4) if k < len(sizes) - 1 else ArgMax()
        nodes.append(Node(f"act{k}", op, (nodes[-1].name,)))
    return Graph(RANDOM, tuple(nodes)), rng.integers(0, 16, size=(540, sizes[0]))


def network(name: str) -> tuple[Graph, np.ndarray]:
    """A network and its test split."""
    if name == RANDOM:
        return random()
    if name in DIGITS:
        x, _ = verbs.read_input(files("qhw.models") / "digits" / "test.npz")   # type: ignore
        return load(name, DIGITS[name]), x
    return (qhw.load(ZOO / f"models/{name}.onnx", OTHERS[name]),
            np.load(ZOO / f"data/{name}.npz")["x"])


def run(name: str, chip: str) -> dict[str, Any]:
    """What a line of the table has."""
    graph, x = network(name)
    began = time.perf_counter()
    lowered = lower(graph, FOLDS, family=target(chip).family.name)
    units = synth.synthesize(lowered, target(chip)).values()
    seconds = time.perf_counter() - began
    counts = Counter(type(node.op).__name__ for node in lowered.hardware.nodes)
    rtl = qhw.simulate(graph, x, engine="verilator", target=chip, folds=FOLDS)
    latency, interval = predict(lowered).latency, predict(lowered).interval
    luts, ffs = sum(u.luts for u in units), sum(u.ffs for u in units)
    print(f"{name} {chip}: {luts} LUTs, RTL {rtl.matches} of {len(x)}", flush=True)
    gates = qhw.simulate(graph, x, engine="netlist", target=chip, folds=FOLDS)
    return {"chip": chip, "layers": counts[MatVec.__name__], "luts": luts, "ffs": ffs,
            "samples": len(x), "rtl": rtl.matches, "netlist": gates.matches,
            "cycles": [rtl.cycles, gates.cycles], "latency": latency, "interval": interval,
            "seconds": round(seconds)}


def page() -> None:
    """The table between the marks in docs/results/constant-weights.md."""
    lines = ["| network | chip | LUTs | FFs | samples | RTL = golden | netlist = golden | cycles | "
             "latency | an inference every | built and synthesized |",
             "|---|---|" + "--:|" * 9]
    for name, row in json.loads(RESULTS.read_text()).items():
        n, (rtl, gates) = row["samples"], row["cycles"]
        every = (rtl - row["latency"]) / (n - 1)
        lines.append(
            f"| {name} | {row['chip']} | {row['luts']} | {row['ffs']} | {n} | {row['rtl']} | "
            f"{row['netlist']} | {rtl if rtl == gates else f'{rtl}, {gates}'} | {row['latency']} | "
            f"{every:.3g} cycle | {row['seconds']} s |")
    fill("results/constant-weights.md", "networks", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--target", default="ecp5-25k")
    given = parser.parse_args()
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in given.networks or [
            RANDOM, *DIGITS, *(OTHERS if there("zoo", "the networks of others") else ())]:
        known[name] = run(name, given.target)
        print(name, known[name], flush=True)
        RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    page()


if __name__ == "__main__":
    sys.exit(main())

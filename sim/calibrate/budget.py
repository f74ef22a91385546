"""Mixed precision within a budget, beside the best uniform scheme within it.

    python -m sim.calibrate.budget [digits-float conv depthwise ...] [ecp5-25k ice40hx8k ...]

The networks read the held-back digits of the UCI set: every second sample calibrates (and fits the
last layer of the two convolution networks, whose other weights are random), and the others are for
the accuracies alone. A budget lies between the costs of two uniform schemes. Results go into
docs/results/data/budget.json, and from it into the table of docs/guides/quantize.md.
"""

import json
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import qhw
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.fold.goal import MARGIN
from qhw.graph import Graph, Node
from qhw.layers import Flatten, FloatConv, Input, Linear, Relu
from qhw.layers.pool import MaxPool
from qhw.loaders.description.writer import written
from qhw.quantization.record import Mixed, Quantized
from qhw.simulators.golden import evaluate
from qhw.verbs import read_input

from ..pages import DATA, fill
from ..words import words

__all__ = ["bench", "networks"]

RESULTS = DATA / "budget.json"
NAMES = ("digits-float", "conv", "depthwise")
CHIPS = {"ecp5-25k": None, "ice40hx8k": 1024}
"""Cycles of an inference by chip; None for the default folds."""
BETWEEN = {"ecp5-25k": ("ternary", "fixed:bits=4"), "ice40hx8k": ("ternary", "fixed:bits=4")}
"""Uniform schemes that a budget lies in the middle of."""
PIXELS = 8
CHANNELS = 8
RIDGE = 1e-2
"""Weight of the squares in the fit, relative to the mean square of the features."""


def samples() -> tuple[np.ndarray, np.ndarray]:
    """Reads the held-back digits (N, 64) and their classes (N,)."""
    with as_file(files("qhw.models") / "digits" / "test.npz") as path:
        x, labels = read_input(path)
    assert labels is not None
    return x, labels


def convolutions(name: str, x: np.ndarray, labels: np.ndarray) -> Graph:
    """Makes a network of two layers of random convolutions, the second one depthwise in
    ``depthwise``, and a dense layer that fits the classes by least squares.

    Parameters
    ----------
    name : name of the network
    x, labels : samples (N, 8, 8, 1) to fit, and their classes (N,)
    """
    rng = np.random.default_rng(5)
    groups = CHANNELS if name == "depthwise" else 1
    window = Window((3, 3), pads=(1, 1, 1, 1))
    bias = rng.normal(size=(2, CHANNELS)) / 4
    nodes = [
        Node("input", Input((PIXELS, PIXELS, 1), Int(0, 16))),
        Node("conv1", FloatConv(rng.normal(size=(CHANNELS, 9)) / 24, window, 1, bias[0]),
             ("input",)),
        Node("relu1", Relu(), ("conv1",)),
        Node("conv2", FloatConv(rng.normal(size=(CHANNELS, 9 * CHANNELS // groups)) / (
            9 * CHANNELS // groups) ** .5, window, groups, bias[1]), ("relu1",)),
        Node("relu2", Relu(), ("conv2",)),
        Node("pool", MaxPool(Window((2, 2), (2, 2))), ("relu2",)),
        Node("flat", Flatten(), ("pool",))]
    seen = evaluate(Graph(name, tuple(nodes)).check(), x)["flat"]
    center = seen.mean(0)
    spread: np.ndarray = np.einsum("nf,ng->fg", seen - center, seen - center)
    spread[np.diag_indices(len(spread))] += RIDGE * spread.trace() / len(spread)
    wanted: np.ndarray = np.eye(10)[labels] - .1
    weight = np.einsum("fg,ng,nk->kf", np.linalg.pinv(spread), seen - center, wanted)
    nodes.append(Node("fc", Linear(weight, -weight @ center), ("flat",)))
    return Graph(name, tuple(nodes)).check()


def networks(folder: Path) -> dict[str, tuple[str | Path, tuple[int, ...], dict[str, Any]]]:
    """Writes the networks to a folder; returns by name the path, the shape of a sample, and the
    steps before quantization."""
    x, labels = samples()
    found: dict[str, tuple[str | Path, tuple[int, ...], dict[str, Any]]] = {
        "digits-float": ("digits-float", (64,), {})}
    for name in ("conv", "depthwise"):
        shape = (PIXELS, PIXELS, 1)
        text, arrays = written(convolutions(name, x[::2].reshape(-1, *shape), labels[::2]))
        (folder / name).mkdir()
        (folder / name / "model.toml").write_text(text)
        (folder / name / "weights.npz").write_bytes(arrays)
        found[name] = (folder / name, shape, {"activations": "u8"})
    return found


def bench(name: str, chip: str, folder: Path) -> dict[str, Any]:
    """Quantizes a network within a budget on a chip; returns the row of the table.

    Parameters
    ----------
    name, chip : network and chip
    folder : for the files"""
    x, labels = samples()
    model, shape, steps = networks(folder)[name]
    x = x.reshape(-1, *shape)
    own: dict[str, Any] = {"calibration": x[::2], "x": x[1::2], "labels": labels[1::2], **steps}
    costs: list[int] = []
    for k, scheme in enumerate(BETWEEN[chip]):
        qhw.quantize(model, scheme, folder / f"u{k}", **own)
        cost = qhw.estimate(folder / f"u{k}", chip, cycles=CHIPS[chip]).cost
        assert cost is not None
        costs.append(cost.luts)
    budget = int(sum(costs) / 2 * (1 + MARGIN))
    known = qhw.mix(model, folder / "mix", chip, budget={"luts": budget}, cycles=CHIPS[chip],
                    classes=labels[::2], **own)
    assert known.choice is not None
    best, other = known.choice.chosen, known.choice.uniform
    row = {"network": name, "chip": chip, "budget": budget, "samples": known.choice.samples,
           "float": known.float_correct, "of": known.samples, "mix": _row(best, known)}
    if other is not None:
        again = qhw.quantize(model, next(iter(other.schemes.values())), folder / "best", **own)
        row["uniform"] = _row(other, again)
    return row


def _row(made: Mixed, known: Quantized) -> dict[str, Any]:
    """A mix in a row."""
    return {"schemes": dict(made.schemes), "calibration": made.correct, "loss": made.loss,
            "luts": made.luts, "evaluation": known.correct}


def page() -> None:
    """Writes the table of docs/guides/quantize.md."""
    known = json.loads(RESULTS.read_text())
    lines = ["| network | chip | LUT budget | scheme | estimated LUTs | calibration samples right "
             "| others right | floats, others |", "|---|---|--:|---|--:|--:|--:|--:|"]
    for row in known.values():
        for kind in ("mix", "uniform"):
            if one := row.get(kind):
                schemes = (", ".join(f"{layer} {said}" for layer, said in one["schemes"].items())
                           if len(set(one["schemes"].values())) > 1 else
                           f"all {next(iter(one['schemes'].values()))}")
                first = [row["network"], row["chip"], f"{row['budget']:,}"]
                lines.append("| " + " | ".join([
                    *(first if kind == "mix" else [""] * 3), schemes, f"{one['luts']:,}",
                    f"{one['calibration']}/{row['samples']}", f"{one['evaluation']}/{row['of']}",
                    str(row["float"]) if kind == "mix" else ""]) + " |")
    fill("guides/quantize.md", "budget", lines)


def main() -> None:
    every = [*NAMES, *CHIPS]
    given = words(__doc__, every, every)
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in [n for n in NAMES if n in given] or NAMES:
        for chip in [c for c in CHIPS if c in given] or CHIPS:
            with TemporaryDirectory() as folder:
                known[f"{name}:{chip}"] = row = bench(name, chip, Path(folder))
            print(row, flush=True)
            RESULTS.write_text(json.dumps(known, indent=1) + "\n")
            worse = row.get("uniform") and row["mix"]["calibration"] < row["uniform"]["calibration"]
            if worse:
                raise SystemExit(f"{name} on {chip}: a uniform scheme is more accurate")
    page()


if __name__ == "__main__":
    main()

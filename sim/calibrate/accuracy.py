"""How far estimates are from synthesis, on the networks that no fit has seen: ``make accuracy``.

    python -m sim.calibrate.accuracy [errors] [cycles] [page]

``errors`` predicts the held-out networks of ``sim.calibrate.sweep`` and writes what is off into
qhw/estimator/errors.json, which ``qhw estimate --error-report`` shows. ``cycles`` simulates
them in compiled Verilog and compares cycles with the prediction; what is done is not done again.
``page`` writes docs/how/estimates.md's table and picture from both.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

import qhw
from qhw.design.cycles import predict
from qhw.estimator import ERRORS, estimate
from qhw.lower import lower
from qhw.targets import target
from qhw.targets.cost import Cost

from ..pages import DOCS, fill
from ..words import words
from .fit import held_out
from .networks import kind, network
from .sweep import known

CYCLES = Path(__file__).with_name("samples") / "cycles.json"
TARGETS = ("ice40hx8k", "ecp5-25k", "xc7")
SAMPLES = 3


def chosen() -> list[int]:
    """Held-out networks that all three targets have."""
    return sorted(held_out().intersection(*(known(name) for name in TARGETS)))


def predicted(k: int, attempt: int, name: str) -> Cost:
    return sum(estimate(lower(network(k, attempt)), target(name)).values(), Cost())


def pairs(name: str) -> list[tuple[int, Cost, Cost]]:
    """Number, prediction and measurement of every held-out network."""
    lines, found = known(name), list[tuple[int, Cost, Cost]]()
    for k in chosen():
        units = lines[k]["units"].values()
        measured = sum((Cost(luts, ffs, brams, dsps, carries, ns)
                        for luts, ffs, carries, brams, dsps, ns in units), Cost())
        found.append((k, predicted(k, lines[k]["attempt"], name), measured))
    return found


def errors() -> None:
    rows = {name: of(pairs(name)) for name in TARGETS}
    ERRORS.write_text(json.dumps({"networks": len(chosen()), "targets": rows}, indent=1) + "\n")
    print(json.dumps(rows, indent=1))


def of(found: list[tuple[int, Cost, Cost]]) -> dict[str, Any]:
    """What is off: relative errors' median and 95th percentile, and how often counts are exact."""
    row: dict[str, Any] = {}
    for figure in ("luts", "ffs", "ns"):
        off = np.array([abs(getattr(a, figure) / max(getattr(b, figure), 1) - 1)
                        for _, a, b in found])
        row[figure] = {"median": round(float(np.median(off)), 4),
                       "p95": round(float(np.quantile(off, 0.95)), 4)}
    for figure in ("brams", "dsps"):
        row[figure] = {"exact": sum(getattr(a, figure) == getattr(b, figure)
                                    for _, a, b in found)}
    return row


def cycles() -> None:
    """Simulated and predicted cycles of three samples of each held-out network."""
    done = json.loads(CYCLES.read_text()) if CYCLES.exists() else {}
    attempts = known(TARGETS[0])
    for k in chosen():
        if str(k) in done:
            continue
        graph = network(k, attempts[k]["attempt"])
        x = graph.tensors[graph.nodes[0].name]
        codes = np.random.default_rng(k).integers(x.integer.lo, x.integer.hi + 1,
                                                  (SAMPLES, *x.shape))
        simulated = qhw.simulate(graph, codes, engine="verilator")
        of_all = predict(lower(graph))
        done[str(k)] = [simulated.cycles, of_all.latency + (SAMPLES - 1) * of_all.interval,
                        simulated.matches]
        CYCLES.write_text(json.dumps(done) + "\n")
    wrong = [k for k, (a, b, _) in done.items() if a != b]
    print(f"{len(done) - len(wrong)} of {len(done)} networks take the cycles predicted"
          + (f"; not {', '.join(wrong)}" if wrong else ""))


def page() -> None:
    """The table between the marks in docs/how/estimates.md, and the picture."""
    known_errors = json.loads(ERRORS.read_text())
    lines = ["| target | LUT median | LUT 95 % | FF median | FF 95 % | BRAM exact | DSP exact | "
             "clock median |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
    n = known_errors["networks"]
    for name, row in known_errors["targets"].items():
        shares = [f"{row[f][w]:.1%}" for f in ("luts", "ffs") for w in ("median", "p95")]
        exact = [f"{row[f]['exact']} of {n}" for f in ("brams", "dsps")]
        lines.append(f"| {name} | " + " | ".join([*shares, *exact, f"{row['ns']['median']:.1%}"])
                     + " |")
    fill("how/estimates.md", "errors", lines)
    picture()


def picture() -> None:
    """Predicted against measured LUTs and flip-flops, a colour a kind of network."""
    import matplotlib as mpl
    mpl.use("agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import NullFormatter
    colours = dict(zip(("dense", "conv", "depthwise", "pool", "net", "images"),
                       plt.cm.tab10.colors, strict=False))
    figure, axes = plt.subplots(2, 3, figsize=(11, 7), layout="constrained")
    for column, name in enumerate(TARGETS):
        found = pairs(name)
        for axis, what in zip(axes[:, column], ("luts", "ffs"), strict=True):
            for which, colour in colours.items():
                some = [(getattr(b, what), getattr(a, what)) for k, a, b in found
                        if kind(k) == which]
                axis.scatter(*zip(*some, strict=True) if some else ([], []), s=16, color=colour,
                             label=which, alpha=0.85, linewidths=0)
            ends = [20, max(getattr(b, what) for _, _, b in found) * 1.3]
            axis.plot(ends, ends, color="#666", lw=0.8)
            axis.fill_between(ends, [e * 0.85 for e in ends], [e * 1.15 for e in ends],
                              color="#888", alpha=0.15, lw=0)
            axis.set(xscale="log", yscale="log", xlim=ends, ylim=ends,
                     title=f"{'LUTs' if what == 'luts' else 'Flip-flops'} on {name}",
                     xlabel="measured", ylabel="predicted")
            for side in (axis.xaxis, axis.yaxis):
                side.set_major_formatter("{x:.0f}")
                side.set_minor_formatter(NullFormatter())
    axes[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(DOCS / "how" / "estimates.png", dpi=90)


if __name__ == "__main__":
    parts = {"errors": errors, "cycles": cycles, "page": page}
    for what in words(__doc__, parts, parts):
        parts[what]()

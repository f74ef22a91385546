"""docs/reference/schemes.md: every scheme with its levels, its cost on three chips, and its
accuracy.

    python -m sim.calibrate.schemes [costs] [page]

``costs`` synthesizes a layer of 64 inputs and 32 outputs for each scheme and chip into
docs/reference/schemes/costs.json; what is there already is not done again. ``page`` writes the page
and the pictures from the code, the costs, and docs/reference/schemes/digits.json (by
models/digits/schemes.py).
"""

import json
import sys
from dataclasses import fields
from typing import Any

import numpy as np

import qhw
from qhw.exact.num import Int
from qhw.graph import Graph, Node, PeSimd
from qhw.layers import Dense, Input
from qhw.schemes import schemes

from ..pages import DOCS
from ..words import words

SCHEMES = DOCS / "reference" / "schemes"
COSTS, DIGITS = SCHEMES / "costs.json", SCHEMES / "digits.json"
TARGETS = ("ice40hx8k", "ecp5-25k", "xc7")
INPUTS, OUTPUTS, FOLD = 64, 32, PeSimd(4, 8)
KINDS = ("luts", "ffs", "brams", "dsps")


def layer(name: str) -> Graph:
    """4-bit activations, 64 inputs, 32 outputs, PE 4, SIMD 8."""
    scheme = schemes[name]()
    found = scheme.quantize(np.random.default_rng(0).normal(size=(OUTPUTS, INPUTS)))
    fold = None if scheme.factorized else FOLD
    return Graph("layer", (Node("input", Input((INPUTS,), Int(0, 15))),
                           Node("fc", Dense(scheme, found, fold=fold), ("input",)))).check()


def costs() -> None:
    known = json.loads(COSTS.read_text()) if COSTS.exists() else {}
    COSTS.parent.mkdir(exist_ok=True)
    for name in schemes:
        for target in TARGETS:
            if target in known.setdefault(name, {}):
                continue
            made = qhw.synth(layer(name), target)
            known[name][target] = {
                "predicted": [made["estimate"][k] for k in KINDS],
                "measured": [made["measured"][k] for k in KINDS],
                "bits": sum(row.get("weight_bits", 0) for row in made["layers"]),
                "cycles": made["cycles_per_inference"]}
            COSTS.write_text(json.dumps(known, indent=1) + "\n")
            print(name, target, known[name][target], flush=True)


def levels(name: str) -> str:
    """An SVG of the real values that 64 x 32 Gaussian weights become, the higher the more of them.
    """
    scheme = schemes[name]()
    found = scheme.quantize(np.random.default_rng(0).normal(size=(OUTPUTS, INPUTS)),
                            per_channel=False)
    real = scheme.decode(found.codes, found.table) * found.scale
    values, count = np.unique(real, return_counts=True)
    x, height = 150 + 45 * np.clip(values, -3.2, 3.2), 4 + 36 * count / count.max()
    bars = "".join(f'<line x1="{a:.1f}" x2="{a:.1f}" y1="44" y2="{44 - h:.1f}"/>'
                   for a, h in zip(x, height, strict=True))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="62" '
            'font-family="sans-serif" font-size="10">'
            '<rect width="300" height="62" fill="#fff"/>'
            f'<g stroke="#2563a8" stroke-width="2">{bars}</g>'
            '<line x1="4" x2="296" y1="44" y2="44" stroke="#888"/>'
            + "".join(f'<text x="{150 + 45 * v}" y="57" text-anchor="middle" fill="#555">{v}'
                      '</text>' for v in range(-3, 4)) + "</svg>\n")


def page() -> None:
    measured = json.loads(COSTS.read_text())
    text = ["# Weight schemes", "",
            "Written by `make docs` from the code. `qhw schemes` lists the same; parameters are "
            "given as in `shiftcnn:terms=2,bits=4`.", ""]
    for name, kind in schemes.items():
        scheme = kind()
        (SCHEMES / f"{name}.svg").write_text(levels(name))
        about = (sys.modules[kind.__module__].__doc__ or "").strip().split("\n\n")
        parameters = ", ".join(f"`{f.name}={f.default}`" for f in fields(kind))  # type: ignore
        text += [f"## {name}", "", *about, "",
                 f"![levels of {name}](schemes/{name}.svg)", "",
                 f"Gates: {scheme.family}. Bits of a weight: {scheme.code_bits / scheme.group:g}. "
                 f"Multiplier-free: {'yes' if scheme.multiplier_free else 'no'}. "
                 f"Parameters: {parameters or 'none'}.", ""]
    text += ["## Cost of a layer", "",
             "64 inputs of 4 bits, 32 outputs, Gaussian weights, PE 4 and SIMD 8 (ffn: its own "
             "default), predicted / synthesized with Yosys. Bits are those of the weights and "
             "tables in memory.", ""]
    for target in TARGETS:
        text += [f"### {target}", "", "| scheme | bits | cycles | LUT | FF | BRAM | DSP |",
                 "|---|--:|--:|--:|--:|--:|--:|"]
        for name, of in sorted(measured.items()):
            row = of[target]
            pairs = zip(row["predicted"], row["measured"], strict=True)
            text.append(f"| {name} | {row['bits']} | {row['cycles']} | "
                        + " | ".join(f"{a} / {b}" for a, b in pairs) + " |")
        text.append("")
    if DIGITS.exists():
        text += digits(json.loads(DIGITS.read_text()))
    (SCHEMES.with_suffix(".md")).write_text("\n".join(text).rstrip() + "\n")


def digits(rows: dict[str, Any]) -> list[str]:
    first = next(iter(rows.values()))
    text = ["## Accuracy on handwritten digits", "",
            f"`digits-float` (64-64-32-10, {first['float']} of {first['samples']} right) with each "
            f"scheme in all layers, or one a layer: right answers of {first['samples']} on the "
            f"held-back test split, straight after quantization and after 40 epochs of training "
            f"with the scheme (`models/digits/schemes.py`). They are those of the integers that "
            f"the hardware computes.", "",
            "| scheme | bits a weight | without training | trained |", "|---|--:|--:|--:|"]
    for name, row in sorted(rows.items()):
        right = " | ".join(f"{n} ({n / row['samples']:.1%})" for n in (row["free"], row["trained"]))
        text.append(f"| {name} | {row['bits_per_weight']:.2f} | {right} |")
    return text


if __name__ == "__main__":
    parts = {"costs": costs, "page": page}
    for what in words(__doc__, parts, parts):
        parts[what]()

"""Handwritten digits with every scheme: a float network, then each scheme on it, also trained.

    python models/digits/schemes.py [--float] [SCHEME ...]

``--float`` trains the float network ``digits-float`` anew. For each scheme (all of them, if none
is named; ``shiftcnn:terms=1`` and ``fc1=inq,fc2=binary`` mean what they do for ``qhw quantize``)
it quantizes the float network without training, then trains on for a short time with the scheme in
the forward pass, and writes the network to build/schemes/NAME and a row to
build/schemes/results.json. What is there already is not done again.
"""

import argparse
import json
from collections import OrderedDict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional
from train import augment

import qhw
from qhw.quantization.quantize import quantize
from qhw.schemes import Scheme, parse, schemes
from qhw.simulators.golden import evaluate
from qhw.train import QuantLinear, Uniform, export

MODELS = Path(__file__).resolve().parent.parent
FLOAT = MODELS / "digits-float"
OUT = Path("build/schemes")
WIDTHS = (64, 64, 32, 10)
BITS, MULTIPLIER_BITS, SEED = 8, 16, 4
FLOAT_EPOCHS, EPOCHS, BATCH = 200, 40, 64
INPUT = {"shape": [64], "range": [0, 16], "scale": 1.0}
SLOW = {"product": 20, "ffn": 20, "codebook": 5, "slq": 5, "alternating": 5, "hashed": 1}
"""Steps between two runs of a quantizer that takes long."""


def data() -> tuple[Any, ...]:
    """Training and test images and labels; the split is that of ``train.py``."""
    x, y = (a.astype(np.uint8) for a in load_digits(return_X_y=True))
    return train_test_split(x, y, test_size=540, stratify=y, random_state=0)


def build(chosen: list[Scheme | None]) -> nn.Sequential:
    """The network; names are those of the written files."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for k, (inputs, outputs) in enumerate(pairwise(WIDTHS), 1):
        last, scheme = k == len(WIDTHS) - 1, chosen[k - 1]
        layers[f"fc{k}"] = QuantLinear(
            inputs, outputs, scheme, bias=last, per_channel=not last,
            every=SLOW.get(scheme.name, 1) if scheme else 1)
        if not last:
            layers[f"bn{k}"] = nn.BatchNorm1d(outputs)
            layers[f"relu{k}"] = nn.ReLU()
            layers[f"act{k}"] = Uniform(BITS, 4 / 2**BITS)
    return nn.Sequential(layers)


def fit(model: nn.Sequential, x: torch.Tensor, y: torch.Tensor, epochs: int, rate: float) -> None:
    """Trains to the last epoch, then takes batch norm's statistics of all of ``x``."""
    optimizer = torch.optim.Adam(model.parameters())
    batches = -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, epochs * batches)
    model.train()
    for _ in range(epochs):
        for index in torch.randperm(len(x)).chunk(batches):
            loss = functional.cross_entropy(model(augment(x[index])), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        for layer in model.children():
            if isinstance(layer, Uniform):
                layer.scale.copy_((layer.scale * 4096).round() / 4096)
            elif isinstance(layer, nn.BatchNorm1d):
                layer.reset_running_stats()
                layer.momentum = None   # plain average over what follows: one batch of everything
        for layer in model.children():
            if isinstance(layer, QuantLinear):
                layer.kept = None
        model(x)
    model.eval()


def correct(folder: Path, x: np.ndarray, y: np.ndarray) -> int:
    """Right answers of the integers that the hardware computes."""
    return int((qhw.simulate(folder, x).codes[:, 0] == y).sum())


def correct_float(x: np.ndarray, y: np.ndarray) -> int:
    """Right answers of the float network."""
    graph = qhw.load(FLOAT)
    return int((evaluate(graph, x)[graph.output.name][:, 0] == y).sum())


def chosen(text: str) -> list[Scheme | None]:
    """A scheme for each layer: one for all, or such as ``fc1=inq;fc2=binary;fc3=fixed``."""
    if "fc1=" not in text:
        return [parse(text)] * (len(WIDTHS) - 1)
    given = dict(part.split("=", 1) for part in text.split(";"))
    return [parse(given[f"fc{k}"]) for k in range(1, len(WIDTHS))]


def one(text: str, x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray
        ) -> dict[str, Any]:
    """Quantizes and trains with a scheme; a row of the table."""
    torch.manual_seed(SEED)
    name = "digits-" + "".join(c if c.isalnum() else "-" for c in text)
    each = chosen(text)
    layers = {f"fc{k}": str(s) for k, s in enumerate(each, 1)}
    known = quantize(FLOAT, str(each[0]), OUT / f"{name}-free", layers=layers,
                     x=x)
    model = build(each)
    state = torch.load(OUT / "float.pt", weights_only=True)
    model.load_state_dict(state, strict=False)
    fit(model, torch.from_numpy(x).float(), torch.from_numpy(y).long(), EPOCHS, 4e-3)
    export(model, OUT / name, input=INPUT, multiplier_bits=MULTIPLIER_BITS,
           description=f"Handwritten digits, {text} weights")
    return {"scheme": text, "bits_per_weight": known["bits_per_weight"],
            "free": correct(OUT / f"{name}-free", test_x, test_y),
            "trained": correct(OUT / name, test_x, test_y),
            "float": correct_float(test_x, test_y), "samples": len(test_x)}


def train_float(x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray) -> None:
    torch.manual_seed(SEED)
    model = build([None] * (len(WIDTHS) - 1))
    fit(model, torch.from_numpy(x).float(), torch.from_numpy(y).long(), FLOAT_EPOCHS, 1e-2)
    export(model, FLOAT, input=INPUT, multiplier_bits=MULTIPLIER_BITS,
           description="Handwritten digits, float weights, to be quantized")
    OUT.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), OUT / "float.pt")
    classes = model(torch.from_numpy(test_x).float()).argmax(1).numpy()
    print(f"digits-float: {(classes == test_y).sum()} of {len(test_y)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Digits with every scheme.")
    parser.add_argument("names", nargs="*", metavar="SCHEME")
    parser.add_argument("--float", action="store_true", help="train the float network anew")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    x, test_x, y, test_y = data()
    if arguments.float or not (OUT / "float.pt").exists():
        train_float(x, y, test_x, test_y)
    results = OUT / "results.json"
    rows = json.loads(results.read_text()) if results.exists() else {}
    for text in arguments.names or list(schemes):
        if text in rows:
            continue
        rows[text] = one(text, x, y, test_x, test_y)
        results.write_text(json.dumps(rows, indent=1) + "\n")
        row = rows[text]
        print(f"{text}: {row['bits_per_weight']:.2f} bits a weight, {row['free']} without "
              f"training, {row['trained']} with, of {row['samples']} ({row['float']} in floats)",
              flush=True)


if __name__ == "__main__":
    main()

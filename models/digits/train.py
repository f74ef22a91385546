"""Train three small quantized networks on scikit-learn's handwritten digits.

    python models/digits/train.py [--validate] [digits-binary digits-ternary digits-fixed4]

needs torch, scikit-learn and numpy. Training keeps real-valued weights: the forward pass sees their
quantized values, the backward pass takes rounding for the identity ("straight-through estimator").

For each network the script writes `model.toml`, `weights.npz` and `README.md` into a folder of that
name beside this one, and into this folder `test.npz` and `README.md`. It computes the accuracy in
float64 from the written files; torch must give the same classes. The test split takes no part in
training or in any choice: the settings were chosen with `--validate`, which trains on 1000 images
of the training split, scores the other 257, and writes nothing. Results repeat exactly on one
machine with one torch version.
"""

import argparse
import time
import tomllib
from collections import OrderedDict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional

MODELS = Path(__file__).resolve().parent.parent
PIXELS, PIXEL_MAX, CLASSES = 64, 16, 10
TEST_SIZE, VALIDATION_SIZE, SPLIT_SEED = 540, 257, 0
EPOCHS, BATCH, LEARNING_RATE, WARP, NOISE = 400, 64, 1e-2, 0.08, 0.5
SCALE_STEPS = 1024  # activation scales are multiples of 1/1024: exact in binary and in decimal


@dataclass(frozen=True)
class Recipe:
    """What distinguishes one network from the others."""

    scheme: str  # of the weights: "binary", "ternary" or "fixed4"
    hidden: tuple[int, ...]
    bits: int  # of a hidden activation; 1 selects the sign function
    seed: int
    summary: str


RECIPES = {
    "digits-binary": Recipe("binary", (128, 64), 1, 1, "Binary weights and hidden activations"),
    "digits-ternary": Recipe("ternary", (64, 32), 2, 2, "Ternary weights, 2-bit activations"),
    "digits-fixed4": Recipe("fixed4", (64, 32), 4, 3, "4-bit weights and hidden activations"),
}


def straight_through(value: Tensor, surrogate: Tensor) -> Tensor:
    """Return `value`, with the gradient of `surrogate`."""
    return value.detach() + (surrogate - surrogate.detach())


class Dense(nn.Linear):
    """Dense layer with quantized weights: one scale per output, or a single one beside a bias."""

    def __init__(self, inputs: int, outputs: int, scheme: str, bias: bool) -> None:
        super().__init__(inputs, outputs, bias=bias)
        self.scheme = scheme

    def quantized(self) -> tuple[Tensor, Tensor]:
        """Return integers and scales, shaped (outputs, 1) or (1, 1), with product near weight."""
        weight = self.weight.detach()
        size = weight.abs() if self.bias is None else weight.abs().reshape(1, -1)
        if self.scheme == "binary":
            return torch.where(weight >= 0, 1.0, -1.0), size.mean(1, keepdim=True)
        if self.scheme == "ternary":  # "Ternary Weight Networks", Li et al., 2016
            kept = (size > 0.7 * size.mean(1, keepdim=True)).float()
            scale = (size * kept).sum(1, keepdim=True) / kept.sum(1, keepdim=True)
            return weight.sign() * kept.reshape(weight.shape), scale
        scale = size.amax(1, keepdim=True) / 7  # the largest weight becomes -7 or +7
        return (weight / scale).round().clamp(-7, 7), scale

    def forward(self, x: Tensor) -> Tensor:
        integers, scale = self.quantized()
        return functional.linear(x, straight_through(scale * integers, self.weight), self.bias)


class Sign(nn.Module):
    """-1 below zero, else +1; the gradient passes where the input lies within [-1, 1]."""

    def forward(self, x: Tensor) -> Tensor:
        return straight_through(torch.where(x >= 0, 1.0, -1.0), x.clamp(-1, 1))


class Quantize(nn.Module):
    """Unsigned uniform quantizer; its scale is learned along with the weights."""

    def __init__(self, bits: int) -> None:
        super().__init__()
        self.top = 2**bits - 1
        self.scale = nn.Parameter(torch.tensor(2.0 / self.top))

    def forward(self, x: Tensor) -> Tensor:
        steps = (x / self.scale).clamp(0, self.top)
        return self.scale * straight_through(steps.round(), steps)  # rounds half to even


def build(recipe: Recipe) -> nn.Sequential:
    """Return the untrained network; its layer names are those of the written files."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    widths = (PIXELS, *recipe.hidden)
    for i, (inputs, units) in enumerate(pairwise(widths), 1):
        layers[f"fc{i}"] = Dense(inputs, units, recipe.scheme, bias=False)
        layers[f"bn{i}"] = nn.BatchNorm1d(units, eps=1e-5)
        layers[f"act{i}"] = Sign() if recipe.bits == 1 else Quantize(recipe.bits)
    layers[f"fc{len(widths)}"] = Dense(widths[-1], CLASSES, recipe.scheme, bias=True)
    return nn.Sequential(layers)


def augment(x: Tensor) -> Tensor:
    """Move, turn, stretch and shear each image a little, add noise, round to whole pixels."""
    affine = torch.eye(2, 3) + WARP * torch.randn(len(x), 2, 3)
    grid = functional.affine_grid(affine, [len(x), 1, 8, 8], align_corners=False)
    warped = functional.grid_sample(x.reshape(-1, 1, 8, 8), grid, align_corners=False)
    noisy = warped.reshape(x.shape) + NOISE * torch.randn(x.shape)
    return noisy.round().clamp(0, PIXEL_MAX)


def train(recipe: Recipe, x: Tensor, y: Tensor) -> nn.Sequential:
    """Train to the last epoch, then measure the batch norm statistics on all of `x`."""
    torch.manual_seed(recipe.seed)
    model = build(recipe)
    optimizer = torch.optim.Adam(model.parameters())
    batches = -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, EPOCHS * batches)
    for epoch in range(1, EPOCHS + 1):
        total = 0.0
        for index in torch.randperm(len(x)).chunk(batches):
            loss = functional.cross_entropy(model(augment(x[index])), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(index)
        if epoch % 100 == 0:
            print(f"  epoch {epoch}/{EPOCHS}: training loss {total / len(x):.4f}", flush=True)
    with torch.no_grad():
        for layer in model.children():
            if isinstance(layer, Quantize):
                layer.scale.copy_((layer.scale * SCALE_STEPS).round() / SCALE_STEPS)
            elif isinstance(layer, nn.BatchNorm1d):
                layer.reset_running_stats()
                layer.momentum = None  # plain average over what follows: one batch of everything
        model(x)
    return model.eval()


def table(kind: str, name: str, *lines: str) -> str:
    """Return one layer's lines of `model.toml`."""
    return "\n".join(["\n[[layer]]", f'name = "{name}"', f'type = "{kind}"', *lines, ""])


def export(folder: Path, recipe: Recipe, model: nn.Sequential) -> None:
    """Write `model.toml` and `weights.npz`."""
    scheme, mask = {
        "binary": ('"binary"', 1),
        "ternary": ('"ternary"', 3),
        "fixed4": ('{name = "fixed", bits = 4}', 15),
    }[recipe.scheme]
    arrays: dict[str, np.ndarray] = {}
    toml = f'schema = 1\nname = "{folder.name}"\ndescription = "{recipe.summary}"\n'
    toml += f"\n[input]\nshape = [{PIXELS}]\nrange = [0, {PIXEL_MAX}]\nscale = 1.0\n"
    for name, layer in model.named_children():
        if isinstance(layer, Dense):
            toml += table("dense", name, f"units = {layer.out_features}", f"scheme = {scheme}")
            integers, scale = (t.numpy() for t in layer.quantized())
            codes = integers > 0 if recipe.scheme == "binary" else integers.astype(np.int8)
            arrays[f"{name}.codes"] = (codes & mask).astype(np.uint8)  # two's complement
            arrays[f"{name}.scale"] = scale[:, 0] if layer.bias is None else scale[0, 0]
            if layer.bias is not None:
                arrays[f"{name}.bias"] = layer.bias.detach().numpy()
        elif isinstance(layer, nn.BatchNorm1d):
            toml += table("batch_norm", name, f"epsilon = {layer.eps}")
            state = layer.state_dict()
            arrays[f"{name}.gamma"] = state["weight"].numpy()
            arrays[f"{name}.beta"] = state["bias"].numpy()
            arrays[f"{name}.mean"] = state["running_mean"].numpy()
            arrays[f"{name}.variance"] = state["running_var"].numpy()
        elif isinstance(layer, Quantize):
            keys = (f"bits = {recipe.bits}", "signed = false", f"scale = {layer.scale.item()}")
            toml += table("quantize", name, *keys, 'rounding = "half-even"')
        else:
            toml += table("sign", name)
    folder.mkdir(exist_ok=True)
    (folder / "model.toml").write_text(toml + table("argmax", "class"))
    np.savez_compressed(folder / "weights.npz", **arrays)


def predict(folder: Path, x: np.ndarray) -> np.ndarray:
    """Compute the classes in float64 from the written files, which define the network."""
    model = tomllib.loads((folder / "model.toml").read_text())
    with np.load(folder / "weights.npz") as file:
        arrays = {key: values.astype(np.float64) for key, values in file.items()}
    x = x * model["input"]["scale"]
    for layer in model["layer"]:
        part = {k.split(".")[1]: v for k, v in arrays.items() if k.startswith(layer["name"] + ".")}
        match layer["type"]:
            case "dense":
                codes, scheme = part["codes"], layer["scheme"]
                if scheme == "binary":
                    integers = 2 * codes - 1
                else:
                    bits = 2 if scheme == "ternary" else scheme["bits"]
                    integers = np.where(codes < 2 ** (bits - 1), codes, codes - 2**bits)
                x = x @ (part["scale"].reshape(-1, 1) * integers).T + part.get("bias", 0.0)
            case "batch_norm":
                x = (x - part["mean"]) / np.sqrt(part["variance"] + layer["epsilon"])
                x = part["gamma"] * x + part["beta"]
            case "quantize":
                x = layer["scale"] * np.clip(np.rint(x / layer["scale"]), 0, 2 ** layer["bits"] - 1)
            case "sign":
                x = np.where(x >= 0, 1.0, -1.0)
            case "argmax":
                x = x.argmax(axis=1)
    return x


SOURCE = """\
## Data source

E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
Repository, 1998, <https://doi.org/10.24432/C50P49>, licensed under
[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), in the copy of 1797 images that comes
with scikit-learn (`sklearn.datasets.load_digits`).
"""

DATA_README = f"""\
# Handwritten digits: data split and training

`train.py` trains {", ".join(f"`{name}`" for name in RECIPES)}.
It writes the other files here and those in their folders.

An image has 8 x 8 pixels from 0 to {PIXEL_MAX}, row by row. Of the 1797 images, {TEST_SIZE} are
held back for the test, which only measures the final accuracy; the others are for training. The
split is random and stratified by class (`train_test_split`, seed {SPLIT_SEED}). One writer's digits
can be on both sides of it, so expect a lower accuracy for new writers.

`test.npz` holds the test split: `x`, the pixels, uint8 ({TEST_SIZE}, {PIXELS}), and `y`, the
labels, uint8 ({TEST_SIZE},).

{SOURCE}"""

MODEL_README = f"""\
# {{name}}

A small quantized network which reads handwritten digits. {{summary}}.

Accuracy on the held-back test split: **{{correct}}/{TEST_SIZE}** ({{percent:.2f}} %), computed
in float64 from `model.toml` (the layers) and `weights.npz` (their arrays).

## Architecture

Multi-layer perceptron {{widths}} with {{weights}} weights. The input is {PIXELS} pixels from
0 to {PIXEL_MAX}, used as they are. A hidden layer is dense, without bias, with one weight scale per
output; batch norm and {{activation}} follow. The output layer is dense, with a float
bias and a single weight scale; argmax follows.

## Recipe

`python models/digits/train.py {{name}}` trains with straight-through estimators:
Adam, one-cycle learning rate up to {LEARNING_RATE}, {EPOCHS} epochs in batches of about {BATCH},
seed {{seed}}. Training images are moved, turned, stretched, sheared and made noisy at random. The
last epoch is kept; the batch norm statistics are those of the training split without augmentation.
The split is described in `../digits/README.md`. This copy was trained with torch {{torch}}.

{SOURCE}"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Train quantized networks on handwritten digits.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--validate", action="store_true", help="score held-out training images")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(RECIPES):
        parser.error(f"unknown network: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)

    x, y = (array.astype(np.uint8) for array in load_digits(return_X_y=True))
    sizes = [TEST_SIZE, VALIDATION_SIZE] if arguments.validate else [TEST_SIZE]
    for size in sizes:
        x, held_x, y, held_y = train_test_split(
            x, y, test_size=size, stratify=y, random_state=SPLIT_SEED
        )
    if not arguments.validate:
        np.savez_compressed(MODELS / "digits" / "test.npz", x=held_x, y=held_y)
        (MODELS / "digits" / "README.md").write_text(DATA_README)

    results = []
    for name in arguments.names or RECIPES:
        recipe, folder, start = RECIPES[name], MODELS / name, time.perf_counter()
        print(f"{name}: training on {len(x)} images", flush=True)
        model = train(recipe, torch.from_numpy(x).float(), torch.from_numpy(y).long())
        print(f"  {time.perf_counter() - start:.1f} s")
        classes = model(torch.from_numpy(held_x).float()).argmax(1).numpy()
        if not arguments.validate:
            export(folder, recipe, model)
            if not np.array_equal(classes, predict(folder, held_x)):
                raise SystemExit(f"{name}: torch and the written files disagree")
        correct = int((classes == held_y).sum())
        percent = 100 * correct / len(held_y)
        results.append(f"{name}: {correct}/{len(held_y)} ({percent:.2f} %)")
        if arguments.validate:
            continue
        widths = (PIXELS, *recipe.hidden, CLASSES)
        text = MODEL_README.format(
            name=name,
            summary=recipe.summary,
            correct=correct,
            percent=percent,
            widths="-".join(map(str, widths)),
            weights=sum(a * b for a, b in pairwise(widths)),
            activation="sign" if recipe.bits == 1 else f"{recipe.bits}-bit quantization",
            seed=recipe.seed,
            torch=torch.__version__.partition("+")[0],
        )
        (folder / "README.md").write_text(text)
    print("validation accuracy:" if arguments.validate else "test accuracy:", *results, sep="\n  ")


if __name__ == "__main__":
    main()

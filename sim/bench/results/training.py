"""Training of a task's network in floats and then with a scheme, in PyTorch.

The float network of a seed trains first. ``prepare`` makes a quantized network from it, which
trains on towards the classes and towards the float network's scores. INQ freezes its weights in
portions, and the steps are divided among them. All layers have the scheme, the first and the last
too; activations are ``u4``.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from qhw.train import differences, distillation, export, incremental, prepare
from qhw.train.activations import Input

from .data import Samples, Task

__all__ = ["trained"]

ACTIVATIONS = "u4"
STEPS, TUNED, BATCH, RATE, TUNED_RATE = 600, 400, 64, 1e-2, 4e-3
PORTIONS = (0.5, 0.75, 0.875, 1.0)
"""Parts of the weights that INQ freezes."""
EVERY = {"codebook": 5}
"""Steps between two runs of a quantizer that takes long."""


def network(task: Task, shape: tuple[int, ...], classes: int) -> nn.Module:
    """Builds a float network: dense layers for vectors, convolutions of stride 2 for images."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    flat = len(shape) == 1
    for k, (before, units) in enumerate(pairwise((shape[0], *task.sizes)), 1):
        if flat:
            layers[f"fc{k}"] = nn.Linear(before, units, bias=False)
            layers[f"bn{k}"] = nn.BatchNorm1d(units)
        else:
            layers[f"conv{k}"] = nn.Conv2d(before, units, 3, stride=2, padding=1, bias=False)
            layers[f"bn{k}"] = nn.BatchNorm2d(units)
        layers[f"relu{k}"] = nn.ReLU()
    if not flat:
        layers["flat"] = nn.Flatten()
    made = nn.Sequential(layers).eval()
    with torch.no_grad():
        inputs = made(torch.zeros(1, *shape)).shape[1]
    made.add_module("scores", nn.Linear(inputs, classes))
    return made


def tensors(task: Task, x: np.ndarray) -> Tensor:
    """Turns codes (N, *shape), channels last, into PyTorch's real inputs."""
    real = torch.from_numpy(x).float() * task.scale
    return real.movedim(-1, 1).contiguous() if x.ndim > 2 else real


def batches(data: tuple[Tensor, Tensor], shift: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Draws batches without end, each sample once in an epoch, moved by ``shift`` pixels at most.
    """
    every, classes = data
    while True:
        for index in torch.randperm(len(every)).split(BATCH):
            x = every[index]
            if shift:
                x = x.roll(torch.randint(-shift, shift + 1, (2,)).tolist(), (2, 3))
            yield x, classes[index]


def fit(model: nn.Module, task: Task, data: tuple[Tensor, Tensor], steps: int, rate: float,
        teacher: nn.Module | None = None) -> None:
    """Trains with Adam and one cycle of the rate, also towards a teacher's scores."""
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], rate,
                                 fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps)
    model.train()
    for x, y in islice(batches(data, task.shift), steps):
        scores = model(x)
        if teacher is None:
            loss = functional.cross_entropy(scores, y)
        else:
            with torch.no_grad():
                known = teacher(x)
            loss = distillation(scores, known, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    model.eval()


def right(model: nn.Module, x: Tensor, y: Tensor) -> int:
    """Counts the samples that are classified right."""
    with torch.no_grad():
        return int((model(x).argmax(1) == y).sum())


@cache
def floats(task: Task, data: Samples, seed: int) -> nn.Module:
    """The float network of a seed; one process trains it once."""
    torch.manual_seed(seed)
    x = tensors(task, data.x)
    model = network(task, tuple(x.shape[1:]), int(data.y.max()) + 1)
    fit(model, task, (x, torch.from_numpy(data.y)), STEPS, RATE)
    return model


def quantized(task: Task, data: Samples, seed: int, scheme: str, teacher: nn.Module) -> nn.Module:
    """Trains a network with a scheme, from the float one."""
    torch.manual_seed(seed)
    x, y = tensors(task, data.x), torch.from_numpy(data.y)
    name = scheme.partition(":")[0]
    codes = Input(tuple(x.shape[1:]), task.lo, task.hi, task.scale)
    model = prepare(teacher, x[:200], scheme=scheme, activations=ACTIVATIONS, input=codes,
                    every=EVERY.get(name, 1))

    def train(steps: int = TUNED) -> None:
        fit(model, task, (x, y), steps, TUNED_RATE, teacher)

    if name == "inq":
        portion: Callable[[], None] = lambda: train(-(-TUNED // (len(PORTIONS) - 1)))  # noqa: E731
        incremental(model, portion, PORTIONS)
    else:
        train()
    return model.eval()


def trained(task: Task, data: Samples, seed: int, scheme: str, folder: Path) -> dict[str, Any]:
    """Trains with a scheme and exports to a folder; returns the row.

    The exported network's integers must be PyTorch's on every test sample; ValueError otherwise.
    """
    torch.set_num_threads(1)
    teacher = floats(task, data, seed)
    test_x, test_y = tensors(task, data.test_x), torch.from_numpy(data.test_y)
    row: dict[str, Any] = {"of": len(test_y)}
    if scheme == "float":
        return {"right": right(teacher, test_x, test_y), **row}
    model = quantized(task, data, seed, scheme, teacher)
    export(model, folder, description=f"{task.title}, {scheme} weights, seed {seed}")
    found = differences(model, folder, test_x)
    if any(found.values()):
        raise ValueError(f"{folder.name}: integers differ from PyTorch's: {found}")
    return {"right": right(model, test_x, test_y), **row}

"""A small CNN on MNIST, trained in floats and then with schemes: accuracy beside the float network.

    python models/mnist/train.py [--seeds 0 1 2] [--activations u4] IMAGES.npz [SCHEME ...]

needs torch and a file with ``x``, bytes (N, 28, 28), and ``y``, classes (N,), such as 1,000 images
of MNIST's test split. Each seed divides them anew, evenly over the classes: 300 to test on, which
take no part in training or calibration, and the others to train on. The float network trains for 60
epochs; then ``prepare`` makes a quantized one of it, which trains for 30 more towards the classes
of the float one, and so does a float one to compare with. 30 epochs of 700 images are 21,000, where
5 of the whole MNIST are 300,000. A scheme that freezes weights in portions (INQ, SLQ) divides these
epochs among its portions. The first and the last layer have 8 bits (``--ends``). The exported
network's integers are held against PyTorch's on all test images. Results are printed as a row a
scheme: accuracy in percent, the mean of the seeds and its deviation, and the mean difference to the
float network of the same seed.
"""

import argparse
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from qhw.train import differences, distillation, export, incremental, prepare

SCHEMES = ("binary", "ternary", "balanced:bits=2", "inq:bits=5", "shiftcnn")
PROGRESSIVE = ("inq", "slq")
CLASSES, TEST = 10, 30
"""Images of a class for the test."""
EPOCHS, TUNED, BATCH, RATE, TUNED_RATE = 60, 30, 50, 1e-2, 4e-3
SHIFT = 2
"""Pixels by which a batch is moved in training."""


class Net(nn.Module):
    """Two convolutions and a dense layer."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12)
        self.conv2, self.bn2 = nn.Conv2d(12, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24)
        self.conv3, self.bn3 = nn.Conv2d(24, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24)
        self.fc = nn.Linear(24 * 9, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Computes the scores (N, classes) of images (N, 1, 28, 28)."""
        for conv, bn in ((self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3)):
            x = functional.max_pool2d(torch.relu(bn(conv(x))), 2)
        return self.fc(x.flatten(1))


@dataclass(frozen=True)
class Images:
    """Images (N, 1, 28, 28) from 0 to 1 and classes (N,), to train on and to test on."""

    x: Tensor
    y: Tensor
    test_x: Tensor
    test_y: Tensor


def divided(path: Path, seed: int) -> Images:
    """Divides the images of a file, evenly over the classes."""
    with np.load(path) as file:
        x, y = torch.from_numpy(file["x"])[:, None] / 255, torch.from_numpy(file["y"])
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    x, y = x[order], y[order]
    test = torch.zeros(len(x), dtype=torch.bool)
    for k in range(CLASSES):
        test[(y == k).nonzero()[:TEST]] = True
    return Images(x[~test], y[~test], x[test], y[test])


def fit(model: nn.Module, images: Images, epochs: int, rate: float,
        teacher: nn.Module | None = None) -> None:
    """Trains with Adam and one cycle of the rate, also towards a teacher's classes."""
    batches = len(images.x) // BATCH
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, epochs * batches)
    model.train()
    for _ in range(epochs):
        for index in torch.randperm(len(images.x)).chunk(batches):
            move = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
            x, y = images.x[index].roll(move, (2, 3)), images.y[index]
            scores = model(x)
            loss = functional.cross_entropy(scores, y)
            if teacher is not None:
                with torch.no_grad():
                    known = teacher(x)
                loss = distillation(scores, known, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    model.eval()


def accuracy(model: nn.Module, images: Images) -> float:
    """Computes the part of the test images that are classified right, in percent."""
    with torch.no_grad():
        right = model(images.test_x).argmax(1) == images.test_y
    return 100 * float(right.double().mean())


def quantized(scheme: str, given: argparse.Namespace, teacher: nn.Module, images: Images) -> float:
    """Trains with a scheme; returns the accuracy of integers that are also the hardware's."""
    model = prepare(teacher, images.x[:200], scheme=scheme, activations=given.activations,
                    first=given.ends or None, last=given.ends or None)
    if scheme.partition(":")[0] in PROGRESSIVE:
        portions = (0.5, 0.75, 0.875, 1.0)
        train: Callable[[], None] = lambda: fit(                                    # noqa: E731
            model, images, -(-TUNED // (len(portions) - 1)), TUNED_RATE, teacher)
        incremental(model, train, portions)
        model.eval()
    else:
        fit(model, images, TUNED, TUNED_RATE, teacher)
    with TemporaryDirectory() as folder:
        export(model, f"{folder}/mnist")
        found = differences(model, f"{folder}/mnist", images.test_x)
    assert not any(found.values()), f"{scheme}: integers differ from PyTorch's: {found}"
    return accuracy(model, images)


def rows(given: argparse.Namespace, seed: int) -> dict[str, float]:
    """Computes the accuracy of the float network and of each scheme."""
    images = divided(given.images, seed)
    torch.manual_seed(seed)
    model = Net()
    fit(model, images, EPOCHS, RATE)
    more = deepcopy(model)
    fit(more, images, TUNED, TUNED_RATE, model)
    found = {"float": accuracy(more, images)}
    for scheme in given.schemes:
        torch.manual_seed(seed)
        begin = time.perf_counter()
        found[scheme] = quantized(scheme, given, model, images)
        print(f"seed {seed} {scheme}: {found[scheme]:.2f} %, float {found['float']:.2f} %, "
              f"{time.perf_counter() - begin:.0f} s", flush=True)
    return found


def main() -> None:
    """Trains each scheme with each seed."""
    parser = argparse.ArgumentParser(description="Schemes on MNIST with a small CNN.")
    parser.add_argument("images", type=Path, metavar="IMAGES.npz")
    parser.add_argument("schemes", nargs="*", metavar="SCHEME", default=list(SCHEMES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--activations", default="u4")
    parser.add_argument("--ends", default="fixed:bits=8", metavar="SCHEME",
                        help="of the first and the last layer; empty for that of all")
    given = parser.parse_args()
    torch.set_num_threads(1)
    every = [rows(given, seed) for seed in given.seeds]
    for name in every[0]:
        values = [row[name] for row in every]
        spread = f" +- {stdev(values):.2f}" if len(values) > 1 else ""
        print(f"{name}: {mean(values):.2f}{spread} %, "
              f"{mean(row[name] - row['float'] for row in every):+.2f} points")


if __name__ == "__main__":
    main()

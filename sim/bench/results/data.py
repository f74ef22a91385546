"""Samples of the tasks, divided into a part to train on and a part to test on.

Digits come with scikit-learn. The images of MNIST are read from ../shared, where they lie beside
the project; a task without samples that would do has a reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ...beside import SHARED

__all__ = ["TASKS", "Samples", "Task", "samples"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Codes of the input, integers (N, *shape), and classes (N,), to train on and to test on."""

    x: np.ndarray
    y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


@dataclass(frozen=True)
class Task:
    """A task: its samples, its network's sizes, and the pace that its hardware is folded to."""

    title: str
    about: str
    """One sentence about the samples and their division."""
    read: Callable[[], Samples]
    path: Path | None
    """The file of the samples; None if they come with a library."""
    lo: int
    hi: int
    scale: float
    """The interval of the input's codes, and the real number that a step is worth."""
    sizes: tuple[int, ...]
    """Units of the hidden layers: dense layers for vectors, convolutions for images."""
    cycles: int
    """The most cycles of an inference, the same with every scheme."""
    shift: int = 0
    """Pixels by which a batch is moved in training."""


def _digits() -> Samples:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    x, y = (a.astype(np.int64) for a in load_digits(return_X_y=True))
    train_x, test_x, train_y, test_y = train_test_split(
        x, y, test_size=540, stratify=y, random_state=0)
    return Samples(train_x, train_y, test_x, test_y)


def _divided(path: Path, x: str, y: str, each: int) -> Samples:
    """Divides a file's samples, drawn with seed 0: ``each`` of a class are for the test."""
    with np.load(path) as file:
        every, classes = file[x].astype(np.int64)[..., None], file[y].astype(np.int64)
    order = np.random.default_rng(0).permutation(len(every))
    every, classes = every[order], classes[order]
    test = np.zeros(len(every), bool)
    for k in np.unique(classes):
        test[np.flatnonzero(classes == k)[:each]] = True
    return Samples(every[~test], classes[~test], every[test], classes[test])


MNIST = SHARED / "zoo/rawdata/mnist_t10k_subset.npz"
TASKS = {
    "digits": Task(
        "Handwritten digits, 8 x 8",
        "The 1,797 images that come with scikit-learn (UCI optical digits, CC BY 4.0): 1,257 to "
        "train on and 540 to test on, `train_test_split` stratified with seed 0, the division of "
        "`models/digits`.",
        _digits, None, 0, 16, 1.0, (64, 32), 1024),
    "mnist": Task(
        "MNIST, 28 x 28",
        "1,000 images of MNIST's test file: 700 to train on and 30 of each class, 300, to test on, "
        "drawn with seed 0. The whole MNIST has 60,000 to train on, so these accuracies say "
        "nothing against the published ones; they compare schemes.",
        lambda: _divided(MNIST, "x", "y", 30), MNIST, 0, 255, 1 / 255, (8, 16), 4096, 2)}
"""The tasks in the order in which they are measured."""
LEFT_OUT = {
    "kws": "spoken words: 1,000 labelled samples of MLPerf Tiny's keyword test are beside the "
           "project, and they are too few to train on: a float network, trained on 760 of them, "
           "had 88 of the other 240 right (37 %), and schemes cannot be compared at that",
    "jets": "jet tagging: the labelled samples (OpenML's hls4ml_lhc_jets_hlf, or CERNBox's) are "
            "not beside the project; the vectors of ../shared are random numbers without labels"}
"""Tasks without samples that would do, and why."""


@cache
def samples(name: str) -> Samples | None:
    """The samples of a task; None if their file is not beside the project."""
    task = TASKS[name]
    return task.read() if task.path is None or task.path.exists() else None

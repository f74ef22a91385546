"""Rows that are kept in a file, each with a name for everything that it depends on.

A row is written as soon as it exists. A run that is ended loses at most the row it was working on,
and the next run continues with that row.
"""

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from qhw.tools.files import write_whole
from qhw.tools.store import fingerprint

from .data import TASKS, samples

__all__ = ["PLACED_ON", "SCHEMES", "SEEDS", "Job", "Rows", "chosen", "jobs", "training_key"]

SCHEMES = ("binary", "ternary", "balanced:bits=2", "fixed:bits=2", "fixed:bits=4", "fixed:bits=8",
           "po2", "inq", "shiftcnn", "codebook")
SEEDS = (0, 1, 2)
PLACED_ON = ("icebreaker", "ulx3s-85f", "tang-nano-9k")
ROOT = Path(__file__).parents[3]
TRAINS = ("qhw/train", "qhw/schemes", "qhw/exact", "sim/bench/results/training.py")
"""Code that a trained network depends on."""


@dataclass(frozen=True)
class Job:
    """A row to make: the accuracy of a seed, or the hardware of the first seed on a board."""

    task: str
    scheme: str
    seed: int = SEEDS[0]
    board: str | None = None

    @property
    def name(self) -> str:
        """The row's name in the file."""
        return f"{self.task}/{self.scheme}/{self.board or f'seed{self.seed}'}"

    @property
    def trained(self) -> "Job":
        """The training that this row's network comes from."""
        return Job(self.task, self.scheme, self.seed)

    @property
    def folder(self) -> str:
        """The name of the folder of its network."""
        scheme = "".join(c if c.isalnum() else "_" for c in self.scheme)
        return f"{self.task}_{scheme}_{self.seed}"


def jobs() -> list[Job]:
    """All rows: task by task, first the accuracies, then the boards."""
    return [job for task in TASKS for job in (
        *(Job(task, scheme, seed) for seed in SEEDS for scheme in ("float", *SCHEMES)),
        *(Job(task, scheme, board=board) for board in PLACED_ON for scheme in SCHEMES))]


def chosen(every: Iterable[Job], words: Iterable[str]) -> list[Job]:
    """The rows whose name has a word of each kind that ``words`` has: task, scheme, and board or
    seed. ValueError for a word that no row has."""
    every, words = list(every), set(words)
    kinds = [{part for job in every for part in (job.name.split("/")[k],)} for k in range(3)]
    if unknown := words - set[str]().union(*kinds):
        known = ", ".join(sorted(set[str]().union(*kinds)))
        raise ValueError(f"{min(unknown)!r} is not one of {known}")
    return [job for job in every if all(
        not words & kind or part in words
        for part, kind in zip(job.name.split("/"), kinds, strict=True))]


@cache
def code(*paths: str) -> str:
    """A name for Python files, or for all those in folders, as they are when it is first asked for;
    comments and layout do not count."""
    files = sorted(file for path in map(ROOT.joinpath, paths)
                   for file in ([path] if path.is_file() else path.rglob("*.py")))
    return fingerprint([(str(file.relative_to(ROOT)), ast.dump(ast.parse(file.read_text())))
                        for file in files])


def training_key(job: Job) -> str:
    """A name for everything that a trained network depends on."""
    task, data = TASKS[job.task], samples(job.task)
    assert data is not None
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = ""
    return fingerprint(code(*TRAINS), torch, job.scheme, job.seed,
                       (task.lo, task.hi, task.scale, task.sizes, task.shift),
                       [data.x, data.y, data.test_x, data.test_y])


class Rows:
    """The rows in a file, by name; one process at a time writes to it."""

    def __init__(self, path: Path):
        self.path = path

    def all(self) -> dict[str, dict[str, Any]]:
        """Reads all rows."""
        return json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}

    def get(self, job: Job, **key: str) -> dict[str, Any] | None:
        """The row of a job; None if it is missing or one of its keys is another."""
        row = self.all().get(job.name)
        return row if row and all(row.get(name) == is_ for name, is_ in key.items()) else None

    def put(self, job: Job, row: dict[str, Any]) -> None:
        """Keeps a row; the file is written completely or not at all."""
        order = {each.name: k for k, each in enumerate(jobs())}
        rows = {**self.all(), job.name: row}
        text = json.dumps({name: rows[name] for name in sorted(
            rows, key=lambda name: (order.get(name, len(order)), name))}, indent=1) + "\n"
        write_whole(self.path, lambda file: file.write(text.encode()))

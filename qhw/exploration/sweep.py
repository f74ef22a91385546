"""Points of one network, for ``compare`` and ``explore``: names and rows, each row computed
once."""

import csv
import io
import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from ..errors import ModelError, QhwError
from ..graph import Graph
from ..quantization.activations import parse_activation
from ..quantization.texts import in_schemes
from ..report.rows import Row, Sweep
from ..targets import target
from ..tools.store import Store
from ..tools.typed import as_json, read
from ..version import __version__
from . import workers
from .points import Network, Options, Outcome, Point

__all__ = ["How", "as_csv", "front", "mark", "points", "rows", "sweep"]

Bar = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""A progress bar for a number of points; it receives the number done."""


@contextmanager
def silence(total: int) -> Generator[Callable[[int], None]]:
    """Makes a progress bar that shows nothing."""
    yield lambda done: None


def points(graph: Graph, texts: Sequence[str], targets: Iterable[str],
           choices: Iterable[Options] = ({},), *, activations: Sequence[str] = (),
           synth: bool = False, per_tensor: bool = False) -> list[Point]:
    """Lists the points of every scheme on every target with every choice of options.

    ModelError if a scheme or a format is unknown or a layer's name is wrong.

    Parameters
    ----------
    graph : the loaded graph
    texts : schemes as text
    targets : names of the chips
    choices : options of ``estimate`` and ``synth``
    activations : formats of real activations
    synth : whether to synthesize instead of estimating
    per_tensor : one scale for all weights of a layer
    """
    found = {text: tuple(in_schemes(graph, text).items()) for text in texts}
    if not found:
        raise ModelError("There is no scheme to try")
    for name in (targets := list(targets)):
        target(name)
    for format in activations:
        _format(format)
    return [Point(text, found[text], name, options, synth, per_tensor, format)
            for text, format, name, options in product(found, activations or [None], targets,
                                                       list(choices))]


def _format(text: str) -> None:
    try:
        parse_activation(text)
    except ValueError as e:
        raise ModelError(str(e)) from None


class How(TypedDict, total=False):
    """Options that ``compare`` and ``explore`` share."""

    x: np.ndarray | None
    """Samples; if there are none, those of the model if it ships with qhw."""
    labels: np.ndarray | None
    calibration: np.ndarray | None
    """Other samples, for schemes that look at a layer's inputs; those do not without."""
    metric: str
    """That judges the answers: top-1, top-5, auc, mse, or module:function."""
    limit: int | None
    """Of samples."""
    input_format: str | None
    input_shape: tuple[int, ...] | None
    activations: Sequence[str]
    """Formats of real activations, each with every scheme."""
    method: str
    """That chooses their scales."""
    synth: bool
    """Synthesize, in place of the estimate."""
    per_tensor: bool
    """One scale for all weights of a layer."""
    jobs: int | None
    """Processes, one for each core if it is not given."""
    cluster: str | None
    """Address of a Dask scheduler, to compute there."""
    bar: Bar
    command: str | None
    """How to make it again."""
    builder: Callable[[Row], str] | None
    """Makes the command that builds a row."""


def sweep(model: str | Path, texts: Sequence[str], targets: Iterable[str],
          choices: Iterable[Options], kinds: Sequence[str], **how: Unpack[How]) -> Sweep:
    """Computes the rows of all schemes on all targets with all choices; returns the record.

    QhwError if no point has a result.

    Parameters
    ----------
    model : path or name of the network
    texts : schemes as text
    targets : names of the chips
    choices : options of ``estimate`` and ``synth``
    kinds : costs of the Pareto fronts, besides accuracy
    how : options such as jobs, cluster and samples
    """
    begin = time.perf_counter()
    network = Network.of(model, how.get("x"), how.get("labels"), limit=how.get("limit"),
                         input_format=how.get("input_format"), input_shape=how.get("input_shape"),
                         measure=how.get("metric", "top-1"), calibration=how.get("calibration"),
                         method=how.get("method", "mse"))
    wanted = points(network.graph, texts, targets, choices,
                    activations=how.get("activations", ()), synth=how.get("synth", False),
                    per_tensor=how.get("per_tensor", False))
    store = Store()
    found, computed = rows(network, wanted, jobs=how.get("jobs"), cluster=how.get("cluster"),
                           store=store, bar=how.get("bar", silence))
    if all(row.error is not None for row in found):
        raise QhwError(f"{network.graph.name}: nothing can be had: {found[0].error}")
    if builder := how.get("builder"):
        found = [row if row.error else replace(row, command=builder(row)) for row in found]
    return Sweep(network.graph.name, __version__, how.get("command"), how.get("synth", False),
                 0 if network.x is None else len(network.x), computed, store.fault,
                 round(time.perf_counter() - begin, 2), tuple(mark(found, *kinds)))


def rows(network: Network, wanted: Sequence[Point], *, jobs: int | None = None,
         cluster: str | None = None, store: Store | None = None, bar: Bar = silence
         ) -> tuple[list[Row], int]:
    """Computes the rows of points in order; returns them and the number of new ones.

    Completed rows stay in the store even if the sweep fails or is killed.

    Parameters
    ----------
    network : network and samples
    wanted : the points
    jobs : number of processes; by default one a core
    cluster : address of a Dask scheduler
    store : where rows are kept
    bar : progress bar for a number of points"""
    store = store or Store()
    keys = [point.key(network) for point in wanted]
    known = {key: read(Row, row) for key in set(keys) if (row := store.get(key)) is not None}
    missing = {key: point for key, point in zip(keys, wanted, strict=True) if key not in known}
    total = len(known) + len(missing)
    with bar(total) as done, closing(_computed(network, missing, jobs, cluster)) as computed:
        done(len(known))
        for key, (row, repeatable) in computed:
            if repeatable:
                store.put(key, row.json())
            known[key] = row
            done(len(known))
    return [replace(known[key], scheme=point.label, target=point.target, fold=point.fold,
                    activations=point.activations)
            for key, point in zip(keys, wanted, strict=True)], len(missing)


def _computed(network: Network, missing: Mapping[str, Point], jobs: int | None,
              address: str | None) -> Generator[tuple[str, Outcome]]:
    if address is not None and missing:
        return workers.cluster(network, missing, address)
    return workers.local(network, missing, jobs or os.cpu_count() or 1)


def mark(found: Sequence[Row], *kinds: str) -> list[Row]:
    """Marks the rows on their target's Pareto front, in the field ``pareto``.

    The front is of the costs in ``kinds`` and of the accuracy, or of the weights' error if there is
    no accuracy."""
    best: set[int] = set()
    for name in {row.target for row in found}:
        sound = [k for k, row in enumerate(found) if row.target == name and row.error is None]
        sound = [k for k in sound if found[k].fits] or sound
        values = [(found[k].loss, *(getattr(found[k], kind) for kind in kinds)) for k in sound]
        best |= {sound[k] for k in front(values)}
    return [replace(row, pareto=k in best) for k, row in enumerate(found)]


def front(values: Sequence[tuple[float, ...]]) -> set[int]:
    """Selects the tuples on the Pareto front: no other is at most as large everywhere and smaller
    somewhere."""
    return {k for k, a in enumerate(values) if not any(
        all(x <= y for x, y in zip(b, a, strict=True)) and b != a for b in values)}


def as_csv(found: Sequence[Row]) -> str:
    """Writes the rows as CSV without their layers; each fold option has a column."""
    flat = [{**row.json(), **{f"asked_{name}": as_json(value) for name, value in row.fold.items()}}
            for row in found]
    columns = dict.fromkeys(name for row in flat for name, value in row.items()
                            if not isinstance(value, list | dict))
    text = io.StringIO()
    table = csv.DictWriter(text, list(columns), extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(flat)
    return text.getvalue()

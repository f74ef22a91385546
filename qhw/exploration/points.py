"""One design point of a sweep: network, scheme, target; its row has cost and accuracy."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypedDict

import numpy as np

from .. import verbs
from ..errors import ModelError, ToolError
from ..fold.goal import Goal
from ..graph import AnyFolds, Graph, as_folds
from ..loaders import contents, load, locate, shipped
from ..lower import lower
from ..quantization.metrics import Metric, metric
from ..quantization.prepare import Plan, prepare
from ..quantization.quantize import answers, float_answers, look, quantized, scores
from ..report.record import LayerRecord, Record
from ..report.rows import Asked, Row, RowLayer
from ..schemes import Scheme
from ..targets.cost import Cost
from ..tools import programs
from ..tools.processes import scratch
from ..tools.store import fingerprint, source

__all__ = ["Network", "Options", "Outcome", "Point", "attempt", "result"]

Outcome = tuple[Row, bool]
"""A row, and whether it would be the same if it was computed again."""


class Options(TypedDict, total=False):
    """Fold options of a point, as ``estimate`` and ``synth`` take them."""

    board: str | None
    goal: Goal | None
    folds: AnyFolds | None
    cycles: int | None
    """Most cycles between two inferences."""


@dataclass(frozen=True, eq=False)
class Network:
    """The files of a model, and optionally samples and labels that measure its accuracy."""

    files: Mapping[str, bytes]
    """Content by name, none of which comes from a file; the first is the one to load."""
    x: np.ndarray | None = None
    labels: np.ndarray | None = None
    input_format: str | None = None
    input_shape: tuple[int, ...] | None = None
    metric: str = "top-1"
    code: bytes | None = None
    """The file of a metric of one's own."""
    calibration: np.ndarray | None = None
    """Other samples, for activations, and for schemes that look at a layer's inputs."""
    method: str = "mse"
    """That chooses scales of activations."""

    @classmethod
    def of(cls, model: str | Path, x: np.ndarray | None = None,
           labels: np.ndarray | None = None, *, limit: int | None = None,
           input_format: str | None = None, input_shape: tuple[int, ...] | None = None,
           measure: str = "top-1", calibration: np.ndarray | None = None,
           method: str = "mse") -> "Network":
        """Loads a model by name or path with samples; models that ship with qhw have samples of
        their own.

        ModelError if the model or the samples are not valid.

        Parameters
        ----------
        model : path or name
        x : samples (N, *shape), real or codes
        labels : classes (N,), or what else the metric takes
        limit : most samples
        input_format : format of an ONNX input without a quantizer
        input_shape : shape of an ONNX input
        measure : name of the metric
        calibration : other samples (M, *shape), for activations and schemes that look at inputs
        method : chooses scales of activations"""
        load(model, input_format, input_shape)
        file = metric(measure).file
        path = locate(model)
        if x is None and path in shipped().values():
            split = path.parent / path.name.split("-")[0] / "test.npz"
            x, labels = verbs.read_input(split) if split.exists() else (None, None)
        if measure != cls.metric and labels is None:
            raise ModelError(f"Metric {measure!r} needs labels y beside the samples")
        return cls(contents(path), None if x is None else x[:limit],
                   None if labels is None else labels[:limit], input_format, input_shape, measure,
                   file.read_bytes() if file else None, calibration, method)

    @cached_property
    def digest(self) -> str:
        """Computes a fingerprint of the network and its samples."""
        return fingerprint(self)

    @cached_property
    def graph(self) -> Graph:
        """Loads the graph from the files."""
        with scratch() as folder:
            paths = [folder / Path(name).name for name in self.files]
            for path, content in zip(paths, self.files.values(), strict=True):
                path.write_bytes(content)
            return replace(load(paths[0], self.input_format, self.input_shape), source=None)

    @cached_property
    def measure(self) -> Metric:
        """Finds the metric."""
        return metric(self.metric)

    @cached_property
    def unquantized(self) -> float | None:
        """Measures the network before anything is quantized; None without labels."""
        if self.x is None or self.labels is None:
            return None
        return self.score(self.graph, float_answers(self.graph, self.x))

    def score(self, graph: Graph, answers: np.ndarray) -> float:
        """Measures the real outputs (N, *shape) of a loaded or lowered graph by the labels."""
        assert self.labels is not None
        judged = scores(graph, answers) if self.measure.classes else answers
        return self.measure(judged, self.labels)

    def __getstate__(self) -> Mapping[str, object]:
        """Leaves out cached values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Point:
    """Everything besides the network that determines a row."""

    label: str
    """The schemes as text."""
    schemes: tuple[tuple[str, Scheme], ...]
    """By layer name."""
    target: str
    options: Options = field(default_factory=Options)
    synth: bool = False
    per_tensor: bool = False
    activations: str | None = None
    """The format of real activations."""

    @property
    def fold(self) -> Asked:
        """Makes the fold that the options ask for, from the goal or from folds and cycles."""
        found: dict[str, float | str | Mapping[str, tuple[int, ...]]] = {}
        for name, value in self.options.items():
            if isinstance(value, Goal):
                found |= value.asked
            elif isinstance(value, int | str):
                found[name] = value
        if folds := as_folds(self.options.get("folds")):
            found["folds"] = {name: one.numbers for name, one in folds.items()}
        return found

    def key(self, network: Network) -> str:
        """Computes the name of the point's row in the store."""
        return fingerprint(source(), programs.yosys_version() if self.synth else None,
                           network.digest, replace(self, label=""))


def result(network: Network, point: Point) -> Row:
    """Computes the row of a point. If its scheme or fold is not possible, the row has the error's
    text."""
    begin = time.perf_counter()
    row = Row(samples=0 if network.x is None else len(network.x))
    try:
        graph, lost = _in_schemes(network, point.schemes, point.per_tensor, point.activations)
        row = lost.of(row)
        verb = verbs.synth if point.synth else verbs.estimate
        target = None if "board" in point.options else point.target
        row = _priced(row, verb(graph, target, **point.options))
    except (ModelError, ValueError) as e:
        row = replace(row, error=_line(e))
    return replace(row, seconds=round(time.perf_counter() - begin, 3))


def attempt(network: Network, point: Point, asked: str) -> Outcome:
    """Computes one point in a worker; every fault becomes an outcome, ToolError too.

    A worker whose source differs from ``asked`` returns an error.

    Parameters
    ----------
    network : network and samples
    point : the point to compute
    asked : fingerprint of the caller's source"""
    try:
        if asked != source():
            raise ToolError("the worker has another version of qhw")
        return result(network, point), True
    except Exception as e:      # a tool or a bug: the other points go on
        kind = "" if isinstance(e, ToolError) else f"{type(e).__name__}: "
        return Row(error=f"{kind}{_line(e)}"), False


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


@dataclass(frozen=True)
class _Lost:
    """The effect of quantization on a network."""

    relative_error: float
    bits_per_weight: float
    metric: str
    score: float | None
    unquantized: float | None
    """The score before."""

    def of(self, row: Row) -> Row:
        """The row with it."""
        row = replace(row, relative_error=self.relative_error, bits_per_weight=self.bits_per_weight)
        if self.score is None or not row.samples:
            return row
        if self.metric == "top-1":
            return replace(row, correct=round(self.score * row.samples), accuracy=self.score,
                           unquantized_accuracy=self.unquantized)
        return replace(row, metric=self.metric, score=self.score,
                       unquantized_score=self.unquantized)


@lru_cache(maxsize=2)
def _activated(network: Network, activations: str | None
               ) -> tuple[Graph, Mapping[str, np.ndarray] | None]:
    """The network with codes as activations, and every layer's values on the calibration samples,
    by name; None without samples."""
    x = network.calibration
    graph, _ = prepare(network.graph, Plan(activations, method=network.method), x)
    return graph, None if x is None else look(graph, x)


@lru_cache(maxsize=2)
def _in_schemes(network: Network, schemes: tuple[tuple[str, Scheme], ...], per_tensor: bool,
                activations: str | None) -> tuple[Graph, _Lost]:
    """Quantizes the network; returns it and its loss, both equal for all targets and folds."""
    real, seen = _activated(network, activations)
    graph, layers = quantized(real, dict(schemes), seen, per_tensor=per_tensor)
    weights = sum(layer.real.size for layer in layers)
    lost = sum(float(np.square(layer.error).sum()) for layer in layers)
    all_of = sum(float(np.square(layer.real).sum()) for layer in layers)
    score = (None if network.x is None or network.labels is None else
             network.score(low := lower(graph), answers(low, network.x)))
    return graph, _Lost(lost / max(all_of, 1e-300),
                        sum(layer.bits for layer in layers) / max(weights, 1), network.metric,
                        score, network.unquantized)


def _priced(row: Row, known: Record) -> Row:
    """The row with what a record has of its cost."""
    cost = known.cost
    assert cost
    return replace(
        row, luts=cost.luts, ffs=cost.ffs, brams=cost.brams, dsps=cost.dsps, carries=cost.carries,
        cycles=known.cycles_per_inference, latency=known.latency_cycles,
        fits=not known.shortfalls, storage_bits=known.storage_bits, fmax_mhz=known.fmax_mhz,
        energy_nj=known.energy_nj, uncertainty=known.uncertainty, folds=known.settings.folds,
        layers=tuple(_layer(layer) for layer in known.layers))


def _layer(layer: LayerRecord) -> RowLayer:
    cost = layer.measured or layer.estimate or Cost()
    return RowLayer(layer.name, layer.scheme, cost.luts, cost.ffs, cost.brams, cost.dsps,
                    cost.carries)

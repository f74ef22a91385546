"""The golden: a network computed exactly on integers, in numpy; the hardware must equal it."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ModelError
from ..exact.held import whole
from ..exact.line import Lines
from ..exact.num import Int
from ..graph import Graph, Node, Op, Tensor
from ..ops import MatVec, Windows
from ..ops.history import remembered

__all__ = ["evaluate", "golden", "host", "outputs", "seen"]

CHUNK = 1 << 19
"""Elements of the largest layer in the samples that are computed at a time, which fit a cache."""

BUFFER = 1024
"""Elements of numpy's buffers: runs of a channel that are longer need no copy into them."""

KEPT = 30 << 20
"""Bytes. Up to 32 MB, glibc returns a block of at least twice the largest one freed so far."""


def evaluate(graph: Graph, x: np.ndarray) -> dict[str, np.ndarray]:
    """Computes every layer's output on the samples ``x`` (N, *shape), by layer name: codes, or real
    values for real layers.

    For a graph before lowering, these are its real values in float64. ModelError if an integer
    leaves its interval."""
    return _whole(_steps(graph, {node.name for node in graph.nodes}), x)


def seen(op: Op, value: np.ndarray, tensor: Tensor) -> np.ndarray:
    """Decodes codes (N, *shape) to the values that an operation reads.

    Parameters
    ----------
    op : the operation
    value : codes (N, *shape)
    tensor : their format
    """
    if tensor.codes is None or op.raw:
        return value
    if op.integer:
        return value if tensor.coded is None else tensor.integers(whole(value))
    return tensor.real(whole(value))


def golden(graph: Graph, x: np.ndarray, layers: Collection[str] | None = None
           ) -> Mapping[str, np.ndarray]:
    """Computes integer layers' outputs of a lowered graph on samples, by layer name: int64.

    ModelError if elements of ``x`` are masked.

    Parameters
    ----------
    graph : the lowered graph
    x : samples (N, *shape)
    layers : names of the layers whose outputs are asked for; None for every integer layer
    """
    graph, x = graph.hardware, _unmasked(x)
    wanted = {n.name for n in graph.nodes if layers is None or n.name in layers}
    steps = _steps(graph, wanted)
    count = max(CHUNK // max(step.tensor.size for step in steps), 1)
    with _tuned():
        if x.ndim == 0 or len(x) <= count or remembered(graph):
            return _whole(steps, x)
        found = {step.name: np.empty((len(x), *step.tensor.shape), np.int64)
                 for step in steps if step.wanted}
        for first in range(0, len(x), count):
            for step, value in _computed(steps, x[first:first + count]):
                found[step.name][first:first + count] = value
    return found


def _unmasked(x: np.ndarray) -> np.ndarray:
    """The samples as a plain array."""
    if np.ma.is_masked(x):
        raise ModelError("Elements of the samples are masked, so they have no value: "
                         "take x.filled(VALUE)")
    return np.asarray(x)


def outputs(graph: Graph, x: np.ndarray) -> np.ndarray:
    """Computes the hardware's output codes (N, *shape), int64, on samples ``x`` (N, *shape)."""
    last = graph.hardware.output.name
    return golden(graph, x, [last])[last]


def host(graph: Graph, codes: np.ndarray) -> np.ndarray:
    """Computes the network's real output (N, *shape) from the hardware's output codes: the tail of
    a lowered graph."""
    value = graph.answer.integers(codes)
    for node in graph.host:
        value = _called(node.name, node.op.evaluate, value)
    return value.astype(np.float64)


@contextmanager
def _tuned() -> Generator[None]:
    """Makes numpy and the C library faster on arrays of a chunk's size."""
    np.empty(KEPT, np.uint8)    # once freed, glibc keeps smaller blocks that are freed
    before = np.setbufsize(BUFFER)
    try:
        yield
    finally:
        np.setbufsize(before)


@dataclass(frozen=True, eq=False)
class _Step:
    """A layer, prepared for the formats of its inputs: names of layers, none for samples.

    ``wanted`` says whether its output is asked for. Integers are checked to be in ``interval``,
    unless they are samples, only move, or are clipped to it. ``over`` are the names of the layers
    that no later step reads."""

    name: str
    tensor: Tensor
    inputs: tuple[str, ...]
    function: Callable[..., np.ndarray]
    wanted: bool
    interval: Int | None
    over: tuple[str, ...] = ()


def _steps(graph: Graph, wanted: Collection[str]) -> list[_Step]:
    """Prepares the layers. Windows that are not wanted are left out if the product behind them
    can read the image itself."""
    steps: list[_Step] = []
    images: dict[str, tuple[Node, Callable[..., np.ndarray]]] = {}
    for node in graph.nodes:
        if node.name not in wanted and (direct := _direct(graph, node)):
            images[graph.users[node.name][0].name] = node, direct
            continue
        source, function = images.get(node.name) or (node, _reading(graph, node))
        made = graph.tensors[node.name]
        clips = node.op.moves or isinstance(function, Lines) or not node.inputs
        steps.append(_Step(node.name, made, source.inputs, function, node.name in wanted,
                           None if clips else made.codes))
    read: set[str] = set()
    for k in reversed(range(len(steps))):
        steps[k] = replace(steps[k], over=tuple(set(steps[k].inputs) - read))
        read.update(steps[k].inputs)
    return steps


def _direct(graph: Graph, node: Node) -> Callable[..., np.ndarray] | None:
    """The product of the windows ``node`` as a function of the image; None if there is none."""
    match node.op, graph.users[node.name]:
        case Windows() as windows, (Node(op=MatVec() as product),):
            image = graph.tensors[node.inputs[0]]
            return None if image.coded else windows.direct(product, image)
        case _:
            return None


def _reading(graph: Graph, node: Node) -> Callable[..., np.ndarray]:
    """A layer as a function of the codes, or the real values, of its inputs."""
    formats = [graph.tensors[i] for i in node.inputs]
    function = node.op.prepared(*formats)
    if node.op.integer and (node.op.raw or all(x.coded is None for x in formats)):
        return function
    return lambda *values: function(*(
        seen(node.op, value, x) for value, x in zip(values, formats, strict=True)))


def _whole(steps: Sequence[_Step], x: np.ndarray) -> dict[str, np.ndarray]:
    """Computes the outputs that are wanted, by name: int64, or real values."""
    return {step.name: value if step.tensor.codes is None
            else np.ascontiguousarray(value, np.int64) for step, value in _computed(steps, x)}


def _computed(steps: Sequence[_Step], x: np.ndarray) -> Iterator[tuple[_Step, np.ndarray]]:
    """Yields the outputs that are wanted: integers in arrays of any type, or real values."""
    values: dict[str, np.ndarray] = {}
    for step in steps:
        value = _called(step.name, step.function, *([values[i] for i in step.inputs] or [x]))
        if step.interval:
            try:
                step.interval.check(value)
            except ValueError as e:
                raise ModelError(f"Layer {step.name!r}: {e}") from None
        values[step.name] = value
        for name in step.over:
            del values[name]
        if step.wanted:
            yield step, value


def _called(name: str, function: Callable[..., np.ndarray], *xs: np.ndarray) -> np.ndarray:
    try:
        return function(*xs)
    except OverflowError:       # a rational beyond float64
        raise ModelError(f"Layer {name!r}: its scales exceed floating point") from None

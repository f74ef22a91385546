"""Quantization: gives each layer of a float network a scheme, and measures the effect."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

import numpy as np

from ..design.plan import drafted
from ..errors import ModelError
from ..graph import Graph, Node
from ..graph.source import Recoded
from ..layers import ArgMax, Conv, Dense, FloatConv, Floating, Linear, Quantizer
from ..layers.heads import labelled
from ..layers.weighted import Weighted
from ..loaders import format_of, load, locate
from ..loaders.description.format import ARRAYS, TABLES
from ..loaders.description.writer import written
from ..lower import lower
from ..schemes import AnyScheme, Codes, Scheme, parse, text_of
from ..simulators.golden import evaluate, host, outputs
from ..tools.files import check_folder, write_folder
from ..version import __version__
from .bias import corrected
from .metrics import right
from .places import at_once, batches, ends
from .prepare import Plan, Steps, prepare
from .record import Quantized, QuantizedLayer

__all__ = ["Files", "Layer", "Quantized", "QuantizedLayer", "answers", "check_output", "correct",
           "described", "float_answers", "float_correct", "look", "quantize",
           "quantized", "schemes_by_layer", "scores", "weighted", "write_record"]

Files = Mapping[str, str | bytes]
"""Contents by name."""

RECORD, WHAT = "quantized.json", "description"
LOOK = 2048
"""Inputs of a layer that a scheme is told of, if it looks at them."""


@dataclass(frozen=True)
class Layer:
    """One layer's weights before and after quantization: real (outputs, inputs), and codes."""

    name: str
    scheme: Scheme
    real: np.ndarray
    codes: Codes

    @property
    def error(self) -> np.ndarray:
        """Errors of the weights, real minus quantized, (outputs, inputs)."""
        integers = self.scheme.decode(self.codes.codes, self.codes.table)
        return self.real - np.reshape(self.codes.scale, (-1, 1)) * integers

    @property
    def bits(self) -> int:
        """Bits of the codes and their table in memory."""
        return self.scheme.storage(self.codes.codes, self.codes.table)

    @property
    def recoded(self) -> Recoded:
        """Makes the layer's part of a written file."""
        table = {} if self.codes.table is None else {"table": self.codes.table}
        return Recoded(self.scheme.described, {
            "codes": self.codes.codes, "scale": self.codes.scale, **table})

    @property
    def report(self) -> QuantizedLayer:
        """Makes the layer's row of the report."""
        squares = np.square(self.error).mean()
        return QuantizedLayer(self.name, str(self.scheme), self.real.size, float(squares),
                              float(squares / max(np.square(self.real).mean(), 1e-300)),
                              self.bits / self.real.size)


def quantize(model: str | Path, scheme: AnyScheme, output: str | Path, *,
             layers: Mapping[str, AnyScheme] | None = None, x: np.ndarray | None = None,
             labels: np.ndarray | None = None, per_tensor: bool = False,
             calibration: np.ndarray | None = None, correct_bias: bool = False,
             input_format: str | None = None, input_shape: tuple[int, ...] | None = None,
             **steps: Unpack[Steps]) -> Quantized:
    """Quantizes a network with float layers, writes a description that can be built to a folder,
    and returns a report.

    Each output has its own scale; with ``per_tensor``, or before an argmax, a layer has one scale.

    Parameters
    ----------
    model : path or name of the network
    scheme : scheme, an object or its text
    output : folder to write
    layers : other schemes by layer, objects or texts
    x : samples (N, *shape), for the accuracies in the report and nothing else
    labels : their classes (N,)
    per_tensor : one scale for all weights of a layer
    calibration : other samples (M, *shape), for activations, and for schemes that use inputs
    correct_bias : whether the mean error of a layer's outputs goes into its bias
    input_format : format of an ONNX input without a quantizer
    input_shape : another shape of an ONNX input
    steps : formats of the activations and their method, as in ``Plan``

    Raises
    ------
    ModelError : if the network cannot be quantized
    QhwError : if the folder ``output`` cannot be written

    Examples
    --------
    >>> made = qhw.quantize("digits-float", qhw.scheme("fixed", bits=3), "three")
    >>> made.layers[0].name, made.bits_per_weight
    ('fc1', 3.0)
    """
    check_output(model, output)
    known, files = described(
        model, text_of(scheme), layers=_texts(layers), x=x, labels=labels, per_tensor=per_tensor,
        calibration=calibration, correct_bias=correct_bias, input_format=input_format,
        input_shape=input_shape, **steps)
    write_record(known, files, output)
    return known


def _texts(layers: Mapping[str, AnyScheme] | None) -> dict[str, str]:
    return {name: text_of(of) for name, of in (layers or {}).items()}


def check_output(model: str | Path, output: str | Path) -> None:
    """Raises QhwError if nothing can be written to the folder ``output``, or if it has the
    ``model``."""
    check_folder(Path(output), WHAT)
    folder = _home(locate(model))
    if Path(output).resolve() == folder.resolve():
        raise ModelError(f"{folder}: this folder has the model itself; name another folder")


def _home(path: Path) -> Path:
    """The folder of a description, or another model's file."""
    return path if path.is_dir() or not format_of(path).recodes else path.parent


def write_record(known: Quantized, files: Files, output: str | Path) -> None:
    """Writes the ``files`` of a description and its record ``known`` to the folder ``output``."""
    record = json.dumps(known.json(), indent=2) + "\n"
    write_folder(Path(output), {**files, RECORD: record}, WHAT)


def described(model: str | Path, scheme: str, *, layers: Mapping[str, str] | None = None,
              x: np.ndarray | None = None, labels: np.ndarray | None = None,
              per_tensor: bool = False, calibration: np.ndarray | None = None,
              correct_bias: bool = False, input_format: str | None = None,
              input_shape: tuple[int, ...] | None = None, **steps: Unpack[Steps]
              ) -> tuple[Quantized, Files]:
    """Quantizes a network; returns the report and the files of the description. ModelError as in
    ``quantize``, whose parameters these are.

    Parameters
    ----------
    model, scheme, layers : network and schemes
    x, labels, per_tensor : samples (N, *shape), classes (N,), one scale for a layer
    calibration, correct_bias : other samples (M, *shape), and whether biases are corrected by them
    input_format, input_shape, steps : the input, and the steps before"""
    path = locate(model)
    form = format_of(path)
    graph = load(path, input_format, input_shape)
    schemes = schemes_by_layer(graph, scheme, layers or {}, steps.get("first_last"))
    try:
        real, activations = prepare(graph, Plan(**steps), calibration)
        seen = None if calibration is None else look(real, calibration)
        changed, done = quantized(real, schemes, seen, per_tensor=per_tensor)
        if correct_bias:
            changed = corrected(real, changed, calibration)
        low = lower(changed)
        for unit in drafted(low):
            unit.unit()
    except ModelError as e:
        raise ModelError(f"{_home(path)}: {e}") from None
    known = _report(graph.name, scheme, done)
    if activations and calibration is not None:
        known = replace(known, calibrated=len(calibration), activations=tuple(activations))
    if x is not None and labels is not None:
        before, after = float_correct(graph, x, labels), correct(low, x, labels)
        known = replace(known, samples=len(x), float_correct=before, correct=after,
                        float_accuracy=before / len(x), accuracy=after / len(x))
    only = form.recodes and real is graph and not correct_bias
    files = (form.recoded(path, {layer.name: layer.recoded for layer in done}) if only else
             _described(changed))
    return known, files


def _described(graph: Graph) -> dict[str, str | bytes]:
    """The files of a graph's description."""
    text, arrays = written(graph)
    return {TABLES: text, ARRAYS: arrays}


def schemes_by_layer(graph: Graph, scheme: str, layers: Mapping[str, str], bits: int | None
                     ) -> dict[str, Scheme]:
    """Parses the scheme of each layer with float weights; ModelError if one is unknown.

    Parameters
    ----------
    graph : the loaded graph
    scheme : scheme of the layers that have no other
    layers : other schemes by layer
    bits : bits of the first and the last layers in fixed point, if given"""
    names = [n.name for n in graph.nodes if isinstance(n.op, Floating)]
    if not names:
        raise ModelError(f"Model {graph.name!r}: no layer of it has float weights")
    for name in layers:
        if name not in names:
            raise ModelError(f"Layer {name!r}: no layer with float weights has this name "
                             f"({', '.join(names)})")
    wider = set[str]().union(*ends(graph)) if bits else set[str]()
    try:
        return {name: parse(layers.get(name, f"fixed:bits={bits}" if name in wider else scheme))
                for name in names}
    except (ValueError, TypeError) as e:
        raise ModelError(str(e)) from None


def weighted(graph: Graph) -> list[Node]:
    """Lists the layers that have weights, floats or codes."""
    return [n for n in graph.nodes if isinstance(n.op, Floating | Weighted)]


def quantized(graph: Graph, schemes: Mapping[str, Scheme],
              seen: Mapping[str, np.ndarray] | None = None, *, per_tensor: bool = False
              ) -> tuple[Graph, list[Layer]]:
    """Quantizes the weights of a graph's layers; returns the graph and a report for each layer.

    Folds of a layer's old scheme are dropped. ModelError if a layer does not fit its scheme.

    Parameters
    ----------
    graph : the loaded graph
    schemes : schemes by layer
    seen : values of each layer on samples, (N, *shape)
    per_tensor : one scale for all weights of a layer
    """
    done: dict[str, Layer] = {}
    for node in weighted(graph):
        if node.name in schemes:
            try:
                done[node.name] = _layer(graph, node, schemes[node.name], seen, per_tensor)
            except ValueError as e:
                raise ModelError(f"layer {node.name!r}: {e}") from None
    nodes = [_with(node, done[node.name]) if node.name in done else node for node in graph.nodes]
    return graph.replaced(nodes).check(), list(done.values())


def look(graph: Graph, x: np.ndarray) -> Mapping[str, np.ndarray]:
    """Computes every layer's values, by name, on a part of the samples ``x`` (N, *shape) that is
    large enough."""
    return evaluate(graph, x[:min(at_once(graph), LOOK)])


def _layer(graph: Graph, node: Node, scheme: Scheme, seen: Mapping[str, np.ndarray] | None,
           per_tensor: bool) -> Layer:
    op = node.op
    assert isinstance(op, Floating | Weighted)
    real = op.real
    per_channel = not per_tensor and not _compared(graph, node)
    if seen is None or isinstance(op, Conv | FloatConv) and op.groups > 1:
        return Layer(node.name, scheme, real, scheme.quantize(real, per_channel=per_channel))
    source, x = graph.tensors[node.inputs[0]], seen[node.inputs[0]]
    x = x if source.codes is None else source.real(x)
    if isinstance(op, Conv | FloatConv):
        height, width = op.window.outputs(*source.shape[:2])
        x = op.window.patches(x[:-(-LOOK // (height * width))], 0.0)
    x = x.reshape(-1, real.shape[1])[:LOOK]
    return Layer(node.name, scheme, real, scheme.fit(real, x, per_channel=per_channel))


def _compared(graph: Graph, node: Node) -> bool:
    """Whether an argmax compares the outputs, which one scale must order then; layers between that
    read other scales, products and quantizers, end the search."""
    own = Floating | Weighted | Quantizer
    return any(isinstance(user.op, ArgMax) or not isinstance(user.op, own)
               and _compared(graph, user) for user in graph.users[node.name])


def _with(node: Node, layer: Layer) -> Node:
    """A layer's node with the codes."""
    match node.op:
        case Conv() as op:
            return replace(node, op=replace(op, scheme=layer.scheme, weights=layer.codes,
                                            fold=None))
        case FloatConv() as op:
            return replace(node, op=Conv(layer.scheme, layer.codes, op.window, op.groups,
                                         bias=op.bias))
        case Linear(bias=bias) | Dense(bias=bias):
            return replace(node, op=Dense(layer.scheme, layer.codes, bias))
        case _:
            raise AssertionError(node.op.kind)


def _report(name: str, scheme: str, done: list[Layer]) -> Quantized:
    rows = tuple(layer.report for layer in done)
    weights = sum(row.weights for row in rows)
    squares = sum(float(np.square(layer.error).sum()) for layer in done)
    return Quantized(name, scheme, __version__, rows, weights, squares / weights,
                     sum(row.bits_per_weight * row.weights for row in rows) / weights)


def float_correct(graph: Graph, x: np.ndarray, labels: np.ndarray) -> int:
    """Counts the right answers of the network's real values, for samples ``x`` (N, *shape) and
    ``labels`` (N,); ``graph`` is the loaded one."""
    return int(right(scores(graph, float_answers(graph, x)), labels).sum())


def float_answers(graph: Graph, x: np.ndarray) -> np.ndarray:
    """Computes the real outputs (N, *shape) of a loaded graph for samples ``x`` (N, *shape)."""
    return np.concatenate([evaluate(graph, part)[graph.output.name]
                           for part in batches(graph, x)])


def correct(graph: Graph, x: np.ndarray, labels: np.ndarray) -> int:
    """Counts the right answers of the hardware's integers, for samples ``x`` (N, *shape) and
    ``labels`` (N,); ``graph`` is lowered."""
    return int(right(scores(graph, answers(graph, x)), labels).sum())


def answers(graph: Graph, x: np.ndarray) -> np.ndarray:
    """Computes the real outputs (N, *shape) of a lowered graph for samples ``x`` (N, *shape), by
    the hardware's integers."""
    return host(graph, outputs(graph, x))


def scores(graph: Graph, answers: np.ndarray) -> np.ndarray:
    """Selects the part of a graph's real outputs (N, *shape) that labels are about, (N, scores) of
    several outputs; ModelError if that is open."""
    part = labelled(graph)
    if part is None:
        raise ModelError(f"Model {graph.name!r}: it has several outputs, and labels are of one; "
                         f"leave out the labels, or give it one output, or one of one element, "
                         f"the class")
    return answers[:, part]

"""The golden against the framework of the network's file, where that is installed.

ONNX Runtime without optimizations computes ONNX files, the executor of qonnx those with operators
of QONNX. Both compute in float32: a value that lies within float32's error of a quantizer's step
is a tie, which they may round to either side.
"""

import warnings
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from ..errors import QhwError
from ..graph import Graph
from ..layers import ArgMax, Input
from ..layers.quantize import Quantizer
from ..loaders import format_of
from ..ops import MatVec
from ..tools.typed import Maybe
from .golden import evaluate, golden, host, seen

__all__ = ["Reference", "in_doubt", "reference"]

SAMPLES = 4
MOST_PRODUCTS = 20_000_000
"""Products of all samples."""
ERROR = 2.0**-20
"""Error of sums in float32, relative to a tensor's largest value."""
CLOSE = 2.0**-16
"""Difference at which real outputs are equal, relative to an output's largest value."""
RUNTIME = ("", "ai.onnx", "com.microsoft")
"""Domains whose operators ONNX Runtime knows."""
SILENT = 4
"""Of ONNX Runtime's logger: errors are raised too."""

Runner = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Reference:
    """What a framework says of samples."""

    engine: str
    """Its name and version."""
    samples: int
    """That it computed; none if it cannot compute the file."""
    reason: Maybe[str] = None
    """Why it cannot."""
    equal: Maybe[int] = None
    """Samples whose outputs are the same."""
    ties: Maybe[int] = None
    """Samples that differ within float32's error of a quantizer's step."""


def reference(described: Graph, lowered: Graph, codes: np.ndarray) -> Reference | None:
    """Compares a network's outputs with those of its own framework; None if there is no framework.

    QhwError if an output differs where there is no tie.

    Parameters
    ----------
    described : the graph as it was loaded
    lowered : the graph of integers
    codes : input codes (N, *shape)
    """
    known = _runner(described)
    if known is None:
        return None
    name, run = known
    products = sum(n.op.vectors(lowered.tensors[n.inputs[0]]) * n.op.outputs * n.op.inputs
                   for n in lowered.nodes if isinstance(n.op, MatVec))
    x = _reals(lowered, codes[:max(1, min(SAMPLES, MOST_PRODUCTS // max(products, 1)))])
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            theirs = run(x)
    except Exception as e:      # what a framework cannot compute, it says in its own ways
        return Reference(name, 0, str(e).strip().split("\n")[0][:200])
    exact = golden(lowered, x)
    ours = host(lowered, exact[lowered.hardware.output.name]).reshape(len(x), -1)
    return _verdict(described, name, ours, theirs, x)


def _verdict(described: Graph, name: str, ours: np.ndarray, theirs: np.ndarray,
             x: np.ndarray) -> Reference:
    """Counts of samples; QhwError if one differs and is no tie."""
    near = CLOSE * np.abs(theirs).max(initial=1.0)
    equal = (np.abs(ours - theirs) <= near).all(axis=1)
    ties = ~equal & in_doubt(described, x) if not equal.all() else ~equal
    if wrong := int((~equal & ~ties).sum()):
        sample = int(np.argmax(~equal & ~ties))
        place = int(np.argmax(np.abs(ours[sample] - theirs[sample])))
        raise QhwError(
            f"{described.name}: {wrong} of {len(x)} samples differ from {name}: output {place} "
            f"is {ours[sample, place]:g} and should be {theirs[sample, place]:g}; nothing was "
            f"written. This is a fault of qhw; --no-check builds all the same")
    return Reference(name, len(x), equal=int(equal.sum()), ties=int(ties.sum()))


def in_doubt(described: Graph, given: np.ndarray) -> np.ndarray:
    """Finds the samples for which float32's error changes a code or a class, bool (N,).

    ``given`` are real samples (N, *shape).
    """
    values = evaluate(described, given)
    doubt = np.zeros(len(given), bool)
    for node in described.nodes:
        if not isinstance(node.op, Quantizer | ArgMax):
            continue
        x, = (seen(node.op, values[i], described.tensors[i]) for i in node.inputs)
        axes = tuple(range(1, x.ndim))
        off = ERROR * np.abs(x).max(axis=axes, keepdims=True)
        if isinstance(node.op, ArgMax):
            two = np.sort(x.reshape(len(x), -1), axis=1)[:, -2:]
            doubt |= two[:, -1] - two[:, 0] <= 2 * off.ravel()
        else:
            doubt |= (node.op.evaluate(x - off) != node.op.evaluate(x + off)).any(axis=axes)
    return doubt


def _reals(lowered: Graph, codes: np.ndarray) -> np.ndarray:
    """Real input in place of codes; the host of some networks computes codes from other numbers,
    which are often bytes or parts of 1."""
    first = lowered.nodes[0]
    assert isinstance(first.op, Input)
    if len(first.op.steps) < 2:
        return lowered.tensors[first.name].real(codes)
    rng = np.random.default_rng(0)
    return np.stack([rng.integers(0, 256, codes.shape[1:]) / (255 if k % 2 else 1)
                     for k in range(len(codes))])


def _runner(described: Graph) -> tuple[str, Runner] | None:
    """What computes the file of a graph, with its version, and how; None if that is not installed,
    or the graph has no file of a framework, or another input than its file."""
    path, first = described.source, described.nodes[0].op
    assert isinstance(first, Input)
    if path is None or format_of(path).name != "onnx" or not find_spec("onnxruntime"):
        return None
    model = onnx.load(path, load_external_data=False)
    inputs = [i for i in model.graph.input
              if i.name not in {t.name for t in model.graph.initializer}]
    if len(inputs) != 1:
        return None
    shape = tuple(d.dim_value for d in inputs[0].type.tensor_type.shape.dim)
    if shape[-len(first.given):] != first.given:
        return None
    domains = {node.domain for node in model.graph.node}
    if domains <= set(RUNTIME):
        return f"onnxruntime {version('onnxruntime')}", _onnxruntime(path, inputs[0])
    if find_spec("qonnx"):
        return f"qonnx {version('qonnx')}", _qonnx(path, inputs[0].name)
    return None


def _onnxruntime(path: Path, given: onnx.ValueInfoProto) -> Runner:
    def run(x: np.ndarray) -> np.ndarray:
        import onnxruntime  # takes half a second

        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = SILENT
        session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
        kind = onnx.helper.tensor_dtype_to_np_dtype(given.type.tensor_type.elem_type)
        batch = len(given.type.tensor_type.shape.dim) > x.ndim - 1
        return _outputs(session.run(None, {given.name: (one[None] if batch else one).astype(kind)})
                        for one in x)
    return run


def _qonnx(path: Path, name: str) -> Runner:
    def run(x: np.ndarray) -> np.ndarray:
        import onnxruntime  # qonnx runs it node by node, and it would print warnings
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.core.onnx_exec import execute_onnx
        from qonnx.transformation.infer_shapes import InferShapes

        onnxruntime.set_default_logger_severity(SILENT)
        model = ModelWrapper(str(path)).transform(InferShapes())
        return _outputs(execute_onnx(model, {name: one[None].astype(np.float32)}).values()
                        for one in x)
    return run


def _outputs(found: Iterable[Iterable[Any]]) -> np.ndarray:
    """Concatenates all outputs of each sample, float64 (N, size)."""
    return np.stack([np.concatenate([np.asarray(y, np.float64).ravel() for y in ys])
                     for ys in found])

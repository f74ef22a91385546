"""ONNX Runtime and the executor of qonnx, which compute the outputs of a file.

ONNX Runtime without optimizations computes ONNX files, the executor of qonnx those with operators
of QONNX. Both compute in float32, and sums of 8-bit products exactly.
"""

from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from ...graph.source import Runner
from .saturation import OPERANDS, unsaturated

__all__ = ["runner"]

RUNTIME = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
"""Domains whose operators ONNX Runtime knows."""
SILENT = 4
"""Of ONNX Runtime's logger: errors are raised too."""


def runner(path: Path, shape: tuple[int, ...]) -> tuple[str, Runner] | None:
    """Finds the framework that computes the outputs of a file; returns its name with version, and a
    function that runs it.

    None if it is not installed, or if the file has several inputs or one whose shape does not end
    with ``shape``, (height, width, channels) or (inputs,)."""
    if not find_spec("onnxruntime"):
        return None
    model = onnx.load(path, load_external_data=False)  # pyright: ignore[reportUnknownMemberType]
    inputs = [i for i in model.graph.input
              if i.name not in {t.name for t in model.graph.initializer}]
    if len(inputs) != 1:
        return None
    given = tuple(d.dim_value for d in inputs[0].type.tensor_type.shape.dim)
    if given[-len(shape):] != shape:
        return None
    domains = {node.domain for node in model.graph.node}
    if domains <= set(RUNTIME):
        sums = any(node.op_type in OPERANDS for node in model.graph.node)
        return f"onnxruntime {version('onnxruntime')}", _onnxruntime(path, inputs[0], sums)
    if find_spec("qonnx"):
        return f"qonnx {version('qonnx')}", _qonnx(path, inputs[0])
    return None


def _onnxruntime(path: Path, given: onnx.ValueInfoProto, sums: bool) -> Runner:
    """``sums`` says whether the file has operators that add products of 8-bit codes."""
    def run(x: np.ndarray) -> np.ndarray:
        import onnxruntime  # takes half a second

        runtime: Any = onnxruntime
        options = runtime.SessionOptions()
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = SILENT
        model: Any = str(path)
        if sums:
            model = unsaturated(onnx.load(path)).SerializeToString()  # pyright: ignore[reportUnknownMemberType]
        session = runtime.InferenceSession(model, options, ["CPUExecutionProvider"])
        names = [o.name for o in session.get_outputs() if o.type.startswith("tensor")]
        kind = onnx.helper.tensor_dtype_to_np_dtype(given.type.tensor_type.elem_type)
        return _outputs((session.run(names, {given.name: one.astype(kind)})
                         for one in _fed(given, x)), _samples(given, x))
    return run


def _qonnx(path: Path, given: onnx.ValueInfoProto) -> Runner:
    def run(x: np.ndarray) -> np.ndarray:
        import onnxruntime  # qonnx runs it node by node, and it would print warnings
        from qonnx.core import onnx_exec
        from qonnx.core.modelwrapper import ModelWrapper
        from qonnx.transformation.infer_shapes import InferShapes

        runtime: Any = onnxruntime
        executor: Any = onnx_exec
        runtime.set_default_logger_severity(SILENT)
        model = ModelWrapper(str(path)).transform(InferShapes())
        return _outputs((
            executor.execute_onnx(model, {given.name: one.astype(np.float32)}).values()
            for one in _fed(given, x)), _samples(given, x))
    return run


def _samples(given: onnx.ValueInfoProto, x: np.ndarray) -> int:
    """The samples that a file takes at once, of the samples ``x``; 0 if it has no batch."""
    dims = given.type.tensor_type.shape.dim
    return max(dims[0].dim_value, 1) if len(dims) > x.ndim - 1 else 0


def _fed(given: onnx.ValueInfoProto, x: np.ndarray) -> Iterable[np.ndarray]:
    """Each sample as the file takes it: as often as its batch has samples."""
    count = _samples(given, x)
    return (np.repeat(one[None], count, axis=0) if count else one for one in x)


def _outputs(found: Iterable[Iterable[Any]], samples: int) -> np.ndarray:
    """Concatenates all outputs of each sample, float64 (N, size); a batch of several gives its
    first."""
    def first(y: Any) -> np.ndarray:
        y = np.asarray(y, np.float64)
        return (y[:1] if samples > 1 and len(y) == samples else y).ravel()
    return np.stack([np.concatenate([first(y) for y in ys]) for ys in found])

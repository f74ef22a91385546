"""ONNX files: reading them safely, and their nodes as plain Python."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.external_data_helper import load_external_data_for_model

from ..errors import ModelError

__all__ = ["OnnxFile", "OnnxNode", "read_onnx"]

MOST_BYTES = 1 << 31
MOST_ELEMENTS = 1 << 26
"""Of one tensor."""


@dataclass(frozen=True)
class OnnxNode:
    """An operator; ``name`` is its own, or that of its first output if it has none."""

    name: str
    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)

    def __call__(self, name: str, default: Any = None) -> Any:
        """An attribute; those that are tensors of one element are numbers."""
        return self.attributes.get(name, default)


@dataclass(frozen=True)
class OnnxFile:
    """A graph in an order in which each node comes after its inputs."""

    path: Path
    name: str
    nodes: tuple[OnnxNode, ...]
    constants: dict[str, np.ndarray]
    inputs: dict[str, tuple[int, ...]]
    """Shapes with the batch; 0 where a dimension is not given."""
    outputs: dict[str, tuple[int, ...]]
    opset: int


def read_onnx(path: Path) -> OnnxFile:
    """The file with its external data; ModelError in one line if it is not sound."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelError(f"{path}: it has more than {MOST_BYTES >> 30} GB")
        model = onnx.load(path, load_external_data=False)
        _external(path, model)
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such file") from None
    except ModelError:
        raise
    except Exception as e:      # protobuf's and onnx's errors have no common ancestor
        raise ModelError(f"{path}: it is no ONNX model: {_line(e)}") from None
    if not model.graph.node:
        raise ModelError(f"{path}: its graph has no nodes")
    constants = {t.name: _array(path, t) for t in model.graph.initializer}
    nodes = _sorted(path, [_node(path, n) for n in model.graph.node],
                    {*constants, *(i.name for i in model.graph.input)})
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 1)
    return OnnxFile(path, path.stem, nodes, constants,
                    {i.name: _shape(path, i) for i in model.graph.input
                     if i.name not in constants},
                    {o.name: _shape(path, o) for o in model.graph.output}, opset)


def _external(path: Path, model: onnx.ModelProto) -> None:
    """Loads external data, which must be beside the model."""
    outside = [t for t in model.graph.initializer if t.data_location == TensorProto.EXTERNAL]
    for tensor in outside:
        where = next((e.value for e in tensor.external_data if e.key == "location"), "")
        file = (path.parent / where).resolve()
        if not file.is_relative_to(path.parent.resolve()):
            raise ModelError(f"{path}: tensor {tensor.name!r}: its data {where!r} is outside the "
                             f"model's folder")
        if not file.is_file():
            raise ModelError(f"{path}: tensor {tensor.name!r}: its data file {where!r} is missing")
    if outside:
        load_external_data_for_model(model, str(path.parent))


def _array(path: Path, tensor: TensorProto) -> np.ndarray:
    try:
        if any(d < 0 for d in tensor.dims) or np.prod([float(d) for d in tensor.dims]
                                                      ) > MOST_ELEMENTS:
            raise ValueError(f"its shape {list(tensor.dims)} is too large")
        return np.array(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError, RuntimeError, AttributeError, IndexError,
            OverflowError, MemoryError) as e:
        raise ModelError(f"{path}: tensor {tensor.name!r}: {_line(e)}") from None


def _node(path: Path, node: onnx.NodeProto) -> OnnxNode:
    attributes: dict[str, Any] = {}
    for a in node.attribute:
        try:
            value = (_array(path, a.t) if a.type == onnx.AttributeProto.TENSOR
                     else onnx.helper.get_attribute_value(a))
        except (ValueError, TypeError) as e:
            raise ModelError(f"{path}: node {node.name!r}: attribute {a.name}: {_line(e)}"
                             ) from None
        if isinstance(value, np.ndarray) and value.size == 1 and node.op_type != "Constant":
            value = value.item()
        attributes[a.name] = value.decode(errors="replace") if isinstance(value, bytes) else value
    name = node.name or (node.output[0] if node.output else node.op_type)
    return OnnxNode(name, node.op_type, node.domain, tuple(node.input), tuple(node.output),
                    attributes)


def _shape(path: Path, value: onnx.ValueInfoProto) -> tuple[int, ...]:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        raise ModelError(f"{path}: {value.name!r} is no tensor")
    return tuple(d.dim_value for d in kind.shape.dim)


def _sorted(path: Path, nodes: list[OnnxNode], known: set[str]) -> tuple[OnnxNode, ...]:
    """Each node after its inputs; ModelError if one has an input that nothing makes."""
    made: dict[str, OnnxNode] = {}
    for node in nodes:
        for name in node.outputs:
            if name and (name in made or name in known):
                raise ModelError(f"{path}: node {node.name!r}: {name!r} is made twice")
            made[name] = node
    for node in nodes:
        for name in node.inputs:
            if name and name not in made and name not in known:
                raise ModelError(f"{path}: node {node.name!r}: nothing makes its input {name!r}")
    found: list[OnnxNode] = []
    waiting = list(nodes)
    ready = {"", *known}
    while waiting:
        now = [n for n in waiting if all(i in ready for i in n.inputs)]
        if not now:
            raise ModelError(f"{path}: node {waiting[0].name!r}: it depends on itself")
        found += now
        ready.update(o for n in now for o in n.outputs)
        gone = {id(n) for n in now}
        waiting = [n for n in waiting if id(n) not in gone]
    return tuple(found)


def _line(e: Exception) -> str:
    return (str(e).strip().splitlines() or [type(e).__name__])[0][:200]

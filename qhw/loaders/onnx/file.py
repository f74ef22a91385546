"""Reads ONNX files safely, and makes plain Python of their nodes."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from ... import limits
from ...errors import ModelError
from ...graph.source import Origin
from ...tools.outside import read_bytes
from .constants import Constants
from .external import bytes_of, internalize

__all__ = ["OnnxFile", "OnnxNode", "read_onnx", "whole"]

T = TypeVar("T")


@dataclass(frozen=True)
class OnnxNode(Origin):
    """An operator; ``name`` is its own, or the name of its first output if it has none."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])
    version: int = 0
    """Version of the operator in its domain; 0 if it was not looked up."""

    def __call__(self, name: str) -> Any:
        """Returns an attribute, or None; a tensor of one element becomes a number."""
        return self.attributes.get(name)


@dataclass(frozen=True)
class OnnxFile:
    """A graph as plain Python; its nodes stand in order, each after its inputs."""

    path: Path
    name: str
    nodes: tuple[OnnxNode, ...]
    constants: dict[str, np.ndarray]
    inputs: dict[str, tuple[int, ...]]
    """Shapes with the batch; 0 where a dimension is not given."""
    outputs: dict[str, tuple[int, ...]]
    """Outputs that are tensors: sequences, such as the maps of ZipMap, are left out beside them."""
    opsets: dict[str, int]
    """The versions of operators' domains; "" is ONNX's own."""
    functions: frozenset[tuple[str, str]] = frozenset()
    """Domains and names of operators that the file itself defines."""
    types: dict[str, str] = field(default_factory=dict[str, str])
    """numpy's names of the inputs' types, where there is one."""
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    """QONNX's names of tensors' types, such as UINT8, where the file says one."""
    computed: Constants = field(default_factory=Constants, repr=False)
    """Computes the outputs of nodes with constant inputs."""


def read_onnx(path: Path) -> OnnxFile:
    """Reads a file with its external data; ModelError in one line if it is damaged or exceeds the
    limits."""
    return _understood(path, lambda model: _file(path, model))


def whole(path: Path) -> bytes:
    """Reads a file and inlines its external data; returns the bytes of one file.

    ModelError as in ``read_onnx``."""
    return _understood(path, lambda model: model.SerializeToString(deterministic=True))


def _understood(path: Path, how: Callable[[onnx.ModelProto], T]) -> T:
    content = read_bytes(path, limits.FILE_BYTES)
    try:
        model = onnx.load_model_from_string(content)
        _bounded(path, model.graph)
        internalize(path, model)
        return how(model)
    except ModelError:
        raise
    except Exception as e:      # protobuf's and onnx's errors have no common ancestor
        raise ModelError(f"{path}: it is no ONNX model: {_line(e)}") from None


def _file(path: Path, model: onnx.ModelProto) -> OnnxFile:
    graph = model.graph
    constants: dict[str, np.ndarray] = {}
    for tensor in graph.initializer:
        if tensor.name in constants:
            raise ModelError(f"{path}: tensor {tensor.name!r}: two constants have this name")
        constants[tensor.name] = _array(f"{path}: tensor {tensor.name!r}", tensor)
    nodes = _sorted(path, [_node(path, n) for n in graph.node],
                    {*constants, *(i.name for i in graph.input)})
    tensors = [o for o in graph.output if o.type.WhichOneof("value") != "sequence_type"]
    opsets = {"" if o.domain == "ai.onnx" else o.domain: o.version for o in model.opset_import}
    return OnnxFile(path, path.stem, nodes, constants,
                    {i.name: _shape(path, i) for i in graph.input if i.name not in constants},
                    {o.name: _shape(path, o) for o in tensors or graph.output}, opsets,
                    frozenset((f.domain, f.name) for f in model.functions),
                    {i.name: _type(i) for i in graph.input},
                    {a.tensor_name: pair.value for a in graph.quantization_annotation
                     for pair in a.quant_parameter_tensor_names if pair.key == "finn_datatype"})


def _bounded(path: Path, graph: onnx.GraphProto) -> None:
    """ModelError if the graph has no nodes, too many, or names that are too long."""
    if not graph.node:
        raise ModelError(f"{path}: its graph has no nodes")
    if len(graph.node) > limits.NODES:
        raise ModelError(f"{path}: its graph has {len(graph.node)} nodes, more than "
                         f"{limits.NODES}")
    for name in _names(graph):
        if len(name) > limits.NAME:
            raise ModelError(f"{path}: the name {name[:40]!r}... has {len(name)} characters, more "
                             f"than {limits.NAME}")


def _names(graph: onnx.GraphProto) -> Iterator[str]:
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
    for thing in (*graph.initializer, *graph.input, *graph.output):
        yield thing.name


def _array(says: str, tensor: TensorProto) -> np.ndarray:
    """A tensor's values; ModelError, which begins with ``says``, if they do not fit its shape."""
    try:
        if any(d < 0 for d in tensor.dims) or prod(tensor.dims) > limits.ELEMENTS or len(
                tensor.dims) > limits.DIMENSIONS:
            raise ValueError(f"its shape {str(list(tensor.dims))[:200]} is too large")
        if tensor.HasField("raw_data") and len(tensor.raw_data) != bytes_of(tensor):
            raise ValueError(f"its shape {list(tensor.dims)} needs {bytes_of(tensor)} bytes, and "
                             f"it has {len(tensor.raw_data)}")
        return np.array(numpy_helper.to_array(tensor))
    except Exception as e:      # whatever onnx finds wrong with its type and its data
        raise ModelError(f"{says}: {_line(e)}") from None


def _node(path: Path, node: onnx.NodeProto) -> OnnxNode:
    attributes: dict[str, Any] = {}
    name = node.name or (node.output[0] if node.output else node.op_type)
    for a in node.attribute:
        says = f"{path}: node {name!r}: attribute {a.name}"
        if a.name in attributes:
            raise ModelError(f"{says}: it is there twice")
        try:
            value = (_array(says, a.t) if a.type == onnx.AttributeProto.TENSOR
                     else onnx.helper.get_attribute_value(a))
        except (ValueError, TypeError) as e:
            raise ModelError(f"{says}: {_line(e)}") from None
        if isinstance(value, np.ndarray) and value.size == 1 and node.op_type not in (
                "Constant", "ConstantOfShape"):
            value = value.item()    # pyright: ignore[reportUnknownVariableType]
        attributes[a.name] = value.decode(errors="replace") if isinstance(value, bytes) else value
    return OnnxNode(name, node.op_type, node.domain, tuple(node.input), tuple(node.output),
                    attributes)


def _type(value: onnx.ValueInfoProto) -> str:
    try:
        return onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type).name
    except (KeyError, ValueError):
        return "unknown"


def _shape(path: Path, value: onnx.ValueInfoProto) -> tuple[int, ...]:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        raise ModelError(f"{path}: {value.name!r} is no tensor")
    if len(kind.shape.dim) > limits.DIMENSIONS:
        raise ModelError(f"{path}: {value.name!r} has {len(kind.shape.dim)} dimensions, more than "
                         f"{limits.DIMENSIONS}")
    return tuple(d.dim_value for d in kind.shape.dim)


def _sorted(path: Path, nodes: list[OnnxNode], known: set[str]) -> tuple[OnnxNode, ...]:
    """Each node after its inputs, those that as many nodes go before at least beside each other;
    ModelError if one has an input that nothing makes."""
    maker: dict[str, int] = {}
    for k, node in enumerate(nodes):
        for name in filter(None, node.outputs):
            if name in maker or name in known:
                raise ModelError(f"{path}: node {node.name!r}: two nodes make {name!r}")
            maker[name] = k
    users: list[list[int]] = [[] for _ in nodes]
    missing = [0] * len(nodes)
    for k, node in enumerate(nodes):
        for name in {i for i in node.inputs if i and i not in known}:
            if name not in maker:
                raise ModelError(f"{path}: node {node.name!r}: no node makes its input {name!r}")
            users[maker[name]].append(k)
            missing[k] += 1
    level = [0 if not n else -1 for n in missing]
    ready = deque(k for k, n in enumerate(missing) if not n)
    while ready:
        k = ready.popleft()
        for user in users[k]:
            missing[user] -= 1
            if not missing[user]:
                level[user] = level[k] + 1      # the last of its inputs is the latest one
                ready.append(user)
    if min(level) < 0:
        raise ModelError(f"{path}: node {nodes[level.index(-1)].name!r}: it depends on itself")
    return tuple(nodes[k] for k in sorted(range(len(nodes)), key=level.__getitem__))


def _line(e: Exception) -> str:
    return " ".join(str(e).split())[:200] or type(e).__name__

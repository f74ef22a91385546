"""Tensors of ONNX files whose data is in a separate file beside the model."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from ... import limits
from ...errors import ModelError

__all__ = ["bytes_of", "internalize"]

NARROW = {TensorProto.DataType.Value(name): bits for name, bits in (
    ("INT4", 4), ("UINT4", 4), ("FLOAT4E2M1", 4), ("INT2", 2), ("UINT2", 2))
    if name in TensorProto.DataType.keys()}     # noqa: SIM118
"""Bits of an element, for types of less than a byte."""
DIGITS = 19


def bytes_of(tensor: TensorProto) -> int:
    """Counts the bytes of a tensor's values."""
    bits = NARROW.get(tensor.data_type) or 8 * onnx.helper.tensor_dtype_to_np_dtype(
        tensor.data_type).itemsize
    return -(-prod(tensor.dims) * bits // 8)


def internalize(path: Path, model: onnx.ModelProto) -> None:
    """Loads the external data of all tensors of ``model``, nested ones too.

    ModelError if a tensor's data cannot be read from the folder of the model at ``path``."""
    external = External(path.parent)
    for says, tensor in _tensors(model):
        if tensor.data_location == TensorProto.EXTERNAL:
            try:
                tensor.CopyFrom(external.loaded(tensor))
            except (KeyError, OSError, TypeError, ValueError) as e:
                raise ModelError(f"{path}: {says}: {' '.join(str(e).split())[:200]}") from None
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")


def _tensors(model: onnx.ModelProto) -> Iterator[tuple[str, TensorProto]]:
    """Every tensor of a model, and what to call it."""
    graphs = [model.graph, *(g for t in model.training_info for g in (
        t.algorithm, t.initialization))]
    for graph in graphs:
        yield from _tensors_of_graph(graph)
    for function in model.functions:
        yield from _tensors_of_nodes(function.node)


def _tensors_of_graph(graph: onnx.GraphProto) -> Iterator[tuple[str, TensorProto]]:
    for tensor in graph.initializer:
        yield f"tensor {tensor.name!r}", tensor
    for sparse in graph.sparse_initializer:
        yield from ((f"tensor {sparse.values.name!r}", t) for t in (sparse.values, sparse.indices))
    yield from _tensors_of_nodes(graph.node)


def _tensors_of_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[tuple[str, TensorProto]]:
    for node in nodes:
        for a in node.attribute:
            says = f"node {node.name or ', '.join(node.output)!r}: attribute {a.name}"
            for sparse in _given(a, "sparse_tensor"):
                yield from ((says, sparse.values), (says, sparse.indices))
            yield from ((says, t) for t in _given(a, "t"))
            for graph in _given(a, "g"):
                yield from _tensors_of_graph(graph)


def _given(a: onnx.AttributeProto, field: str) -> list[Any]:
    """Lists the values in an attribute's field, and in the field for several values."""
    several = {"t": "tensors", "g": "graphs"}.get(field, f"{field}s")
    return [*([getattr(a, field)] if a.HasField(field) else []), *getattr(a, several)]


@dataclass
class External:
    """The files beside a model in ``folder``, and the number of bytes read from them."""

    folder: Path
    read: int = 0
    checked: dict[Path, str] = field(default_factory=dict[Path, str])
    """SHA-1 of files."""

    def loaded(self, tensor: TensorProto) -> TensorProto:
        """Returns the tensor with its data; ValueError if no file in the folder holds them."""
        about = {e.key: e.value for e in tensor.external_data}
        file = self._file(about.get("location", ""))
        size, count = file.stat().st_size, bytes_of(tensor)
        offset = _whole("offset", about.get("offset") or "0")
        length = _whole("length", about.get("length") or str(count))
        if length != count:
            raise ValueError(f"its shape {list(tensor.dims)} needs {count} bytes, and its external "
                             f"data has {length}")
        if offset + length > size:
            raise ValueError(f"its data are bytes {offset} to {offset + length} of {file.name!r}, "
                             f"which has {size}")
        self.read += length
        if self.read > limits.FILE_BYTES:
            raise ValueError(f"the external data has more than {limits.FILE_BYTES} bytes")
        self._check(file, about.get("checksum"))
        with file.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(length)
        made = TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        made.raw_data = data
        return made

    def _file(self, location: str) -> Path:
        """A regular file in the folder, wherever links lead."""
        path = Path(location)
        outside = ValueError(f"its data {location[:80]!r} is outside the model's folder")
        if not location or path.is_absolute() or ".." in path.parts:
            raise outside
        file = (self.folder / path).resolve()
        if not file.is_relative_to(self.folder.resolve()):
            raise outside
        if not file.is_file():
            raise ValueError(f"its data file {location[:80]!r} is missing")
        return file

    def _check(self, file: Path, wanted: str | None) -> None:
        if wanted is None:
            return
        if file not in self.checked:
            with file.open("rb") as stream:
                self.checked[file] = hashlib.file_digest(stream, "sha1").hexdigest()
        if self.checked[file] != wanted.lower():
            raise ValueError(f"its data file {file.name!r} does not have the checksum that the "
                             f"model says")


def _whole(what: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        raise ValueError(f"the {what} {text[:40]!r} of its external data is no whole number")
    return int(text)

"""Recognition of ONNX files. The modules that read them are imported when a file is read."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO

from ...graph.graph import Graph
from ...graph.source import Finding, Format, Runner

__all__ = ["Onnx"]

MOST_FIELDS = 1 << 12
"""Fields of a file that are looked at."""
VARINT, BYTES = 0, 2
"""Wire types of protocol buffers."""
FIELDS = {1: VARINT, 2: BYTES, 3: BYTES, 4: BYTES, 5: VARINT, 6: BYTES, 7: BYTES, 8: BYTES,
          14: BYTES, 20: BYTES, 25: BYTES, 26: BYTES}
"""Wire type of each field of ONNX's ModelProto."""
GRAPH = 7


class Onnx(Format):
    """A protocol buffer with the fields of a ModelProto, among them a graph."""

    name = "onnx"
    what = "an ONNX model"
    suffixes = (".onnx",)

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Recognizes a file whose fields are those of a ModelProto with a graph."""
        if not head or head[0] >> 3 not in FIELDS:
            return False
        with path.open("rb") as file:
            return _is_model(file, path.stat().st_size)

    def load(self, path: Path, input_format: str | None = None,
             input_shape: tuple[int, ...] | None = None) -> Graph:
        """Loads the network in the file ``path``; ModelError names the first unsupported node.

        ``input_format`` and ``input_shape`` are those of ``loaders.load``.
        """
        from .graph import load_onnx

        return load_onnx(path, input_format, input_shape)

    def findings(self, path: Path, input_format: str | None = None,
                 input_shape: tuple[int, ...] | None = None) -> list[Finding]:
        """Lists the result of reading for every node of the file ``path``.

        ``input_format`` and ``input_shape`` are those of ``loaders.load``.
        """
        from .graph import inspect_onnx

        return inspect_onnx(path, input_format, input_shape)

    def reference(self, path: Path, shape: tuple[int, ...]) -> tuple[str, Runner] | None:
        """Finds ONNX Runtime, or the executor of qonnx for files with operators of QONNX; None if
        it is missing."""
        from .reference import runner

        return runner(path, shape)

    def contents(self, path: Path) -> Mapping[str, bytes]:
        """Returns the file with its external data inlined, by name."""
        from .file import whole

        return {path.name: whole(path)}


def _is_model(file: IO[bytes], size: int) -> bool:
    """Whether the fields of a file of ``size`` bytes are those of a model with a graph."""
    graphs = 0
    for _ in range(MOST_FIELDS):
        if file.tell() == size:
            break
        tag = _varint(file)
        if tag is None or FIELDS.get(tag >> 3) != tag & 7 or (value := _varint(file)) is None:
            return False
        graphs += tag >> 3 == GRAPH
        if tag & 7 == BYTES:
            if value > size - file.tell():
                return False
            file.seek(value, 1)
    return graphs > 0


def _varint(file: IO[bytes]) -> int | None:
    """The number that comes next, or None if there is none."""
    value = 0
    for k in range(10):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 127) << 7 * k
        if byte[0] < 128:
            return value
    return None

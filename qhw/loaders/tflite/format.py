"""Recognition of TFLite files. The modules that read them are imported when a file is read."""

from collections.abc import Mapping
from pathlib import Path

from ... import limits
from ...errors import ModelError
from ...graph.graph import Graph
from ...graph.source import Finding, Format
from ...tools.outside import read_bytes

__all__ = ["TFLite"]

IDENTIFIER = b"TFL3"
"""Bytes 4 to 8 of a file."""


class TFLite(Format):
    """A flatbuffer with TensorFlow Lite's identifier."""

    name = "tflite"
    what = "a TFLite model"
    suffixes = (".tflite",)

    def recognizes(self, path: Path, head: bytes) -> bool:
        return head[4:8] == IDENTIFIER

    def load(self, path: Path, input_format: str | None = None,
             input_shape: tuple[int, ...] | None = None) -> Graph:
        """Loads the network in the file ``path``; ModelError names the first unsupported operator.

        Parameters
        ----------
        path : the file
        input_format, input_shape : refused, because the file has both
        """
        from .graph import load_tflite

        _refuse(path, input_format, input_shape)
        return load_tflite(path)

    def findings(self, path: Path, input_format: str | None = None,
                 input_shape: tuple[int, ...] | None = None) -> list[Finding]:
        """Lists the result of reading for every operator of the file ``path``.

        ``input_format`` and ``input_shape`` are refused, because the file has both.
        """
        from .graph import inspect_tflite

        _refuse(path, input_format, input_shape)
        return inspect_tflite(path)

    def contents(self, path: Path) -> Mapping[str, bytes]:
        return {path.name: read_bytes(path, limits.FILE_BYTES)}


def _refuse(path: Path, input_format: str | None, input_shape: tuple[int, ...] | None) -> None:
    """ModelError if an option is given that the file answers itself."""
    for value, option in ((input_format, "--input-format"), (input_shape, "--input-shape")):
        if value is not None:
            raise ModelError(f"{path}: a TFLite file describes its input, so {option} does not "
                             f"apply")

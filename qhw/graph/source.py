"""Where a network comes from: what a package of ``loaders`` answers for its file format."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .graph import Graph
from .tensor import Tensor

__all__ = ["Finding", "Format", "Origin", "said"]


@dataclass(frozen=True)
class Origin:
    """An operator as a file names it; ``domain`` is "" where the format has no domains."""

    name: str
    op: str
    domain: str


@dataclass(frozen=True)
class Finding:
    """What became of a file's operator."""

    node: Origin
    became: str
    """Our layers, "a constant", or nothing if it was not read."""
    shape: tuple[int, ...] = ()
    format: str = ""
    reason: str = ""
    help: str = ""


class Format(ABC):
    """A file format; the package that reads it has one as ``FORMAT``.

    ``recognizes`` decides by content. A file that no format recognizes goes to the format of its
    suffix, whose ``load`` reports the fault.
    """

    name: str
    """One word, such as "onnx"."""
    what: str
    """Name and article for messages, such as "an ONNX model"."""
    suffixes: tuple[str, ...]
    """Usual suffixes of its files, with the dot; folders have the suffix "/"."""
    text: bool = False
    """Whether its files are text."""

    @abstractmethod
    def recognizes(self, path: Path, head: bytes) -> bool:
        """Whether the file or folder is of this format; ``head`` is the beginning of a file."""

    @abstractmethod
    def load(self, path: Path, input_format: str | None = None,
             input_shape: tuple[int, ...] | None = None) -> Graph:
        """Loads the network in the file or folder ``path``; ModelError in one line if it cannot be
        read.

        Formats whose files describe their input refuse both options.

        Parameters
        ----------
        path : the file or folder
        input_format : the format of an input without a quantizer, such as "s8:scale=1/128"
        input_shape : the input's shape without the batch, instead of the file's, (height, width,
            channels) or (inputs,)
        """

    def findings(self, path: Path, input_format: str | None = None,
                 input_shape: tuple[int, ...] | None = None) -> list[Finding]:
        """Lists the result of reading for every operator of ``path``; by default every layer of the
        network.

        ``input_format`` and ``input_shape`` are those of ``load``, (height, width, channels) or
        (inputs,).
        """
        graph = self.load(path, input_format, input_shape)
        return [Finding(Origin(n.name, n.op.kind, ""), n.op.kind, graph.tensors[n.name].shape,
                        said(graph.tensors[n.name])) for n in graph.nodes]

    @abstractmethod
    def contents(self, path: Path) -> Mapping[str, bytes]:
        """All that ``load`` reads, by file name, the one to load first."""


def said(tensor: Tensor) -> str:
    """A tensor's number format in a few words."""
    return "real" if tensor.codes is None else f"{tensor.codes}, scale {float(tensor.scale):g}"

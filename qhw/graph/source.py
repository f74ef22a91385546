"""Where a network comes from: what a package of ``loaders`` answers for its file format."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import ModelError
from ..tools.typed import Json
from .graph import Graph
from .tensor import Tensor

__all__ = ["Finding", "Format", "Origin", "Recoded", "Runner", "said", "understood_all"]

Runner = Callable[[np.ndarray], np.ndarray]
"""Computes the outputs of real samples (N, *shape), float64 (N, size)."""


@dataclass(frozen=True)
class Origin:
    """An operator as a file names it; ``domain`` is "" where the format has no domains."""

    name: str
    op: str
    domain: str


@dataclass(frozen=True)
class Finding:
    """The result of reading one operator of a file."""

    node: Origin
    became: str
    """Our layers, "a constant", or nothing if it was not read."""
    shape: tuple[int, ...] = ()
    format: str = ""
    reason: str = ""
    help: str = ""


@dataclass(frozen=True)
class Recoded:
    """The scheme and the arrays that replace a layer's float weights in a file after
    quantization."""

    scheme: Json
    """As ``Scheme.described``."""
    arrays: Mapping[str, np.ndarray]
    """The codes, their scale, and their table if they have one, by these words."""


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
    recodes: bool = False
    """Whether ``recoded`` writes its files."""

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

    def reference(self, path: Path, shape: tuple[int, ...]) -> tuple[str, Runner] | None:
        """Finds the format's own framework: its name and version, and what computes ``path`` with
        it; by default None, as where it is not installed.

        Parameters
        ----------
        path : the file or folder
        shape : the input's shape without the batch, (height, width, channels) or (inputs,)
        """
        return None

    def recoded(self, path: Path, layers: Mapping[str, Recoded]) -> dict[str, str | bytes]:
        """Returns the files of ``path`` with codes for the float weights of some layers, by name;
        by default ModelError."""
        raise ModelError(f"{path}: {self.what} is not quantized")

    @abstractmethod
    def contents(self, path: Path) -> Mapping[str, bytes]:
        """All that ``load`` reads, by file name, the one to load first."""


def understood_all(path: Path, findings: Sequence[Finding]) -> None:
    """ModelError names the first operator of the file ``path`` that was not read, with the reason
    and the number of others."""
    wrong = [f for f in findings if f.reason]
    if wrong:
        first = wrong[0]
        more = f" ({len(wrong) - 1} more: qhw inspect lists them)" if len(wrong) > 1 else ""
        help = f"; {first.help}" if first.help else ""
        raise ModelError(f"{path}: node {first.node.name!r} ({first.node.op}): {first.reason}"
                         f"{help}{more}")


def said(tensor: Tensor) -> str:
    """A tensor's number format in a few words."""
    return "real" if tensor.codes is None else f"{tensor.codes}, scale {float(tensor.scale):g}"

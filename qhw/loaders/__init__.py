"""Networks from files, or by the name of a model that ships with qhw.

A format is a package in this folder, with a ``Format`` called ``FORMAT``. It is found by scanning
the folder. Only these packages know suffixes and contents of files."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from .. import limits
from ..errors import ModelError
from ..graph import Graph
from ..graph.source import Finding, Format
from ..tools.members import offered
from ..tools.outside import beginning
from .unknown import called

__all__ = ["contents", "findings", "format_of", "formats", "load", "locate", "shipped"]

HEAD = 4096
"""Bytes that a file is recognized by."""


def formats() -> tuple[Format, ...]:
    """Lists all formats, in the order of the packages' names."""
    return tuple(offered(__name__, "FORMAT", lambda one: [one.name]))


def shipped() -> dict[str, Path]:
    """Lists the models that ship with qhw, by name."""
    root = Path(str(files("qhw.models")))
    return {path.name: path for path in sorted(root.iterdir())
            if path.is_dir() and any(f.recognizes(path, b"") for f in formats())}


def locate(model: str | Path) -> Path:
    """Finds the folder or file of a model given by path or name; ModelError if none exists."""
    path = Path(model)
    if path.exists():
        return path
    try:
        return shipped()[str(model)]
    except KeyError:
        raise ModelError(f"{model}: there is no such folder or file, and no model of this name "
                         f"ships with qhw ({', '.join(shipped())})") from None


def format_of(path: Path) -> Format:
    """Finds the format of a file or folder, by content or else by suffix; ModelError names its kind
    if no format fits."""
    head = b"" if path.is_dir() else beginning(path, HEAD)
    suffix = "/" if path.is_dir() else path.suffix
    every = sorted(formats(), key=lambda f: suffix not in f.suffixes)
    if found := next((f for f in every if f.recognizes(path, head)), None):
        return found
    named = every[0] if suffix in every[0].suffixes else None
    what = "a folder" if path.is_dir() else called(head, text=named is None or not named.text)
    if named and (path.is_dir() or not what):
        return named        # its reader reports the fault
    known = " or ".join(f.what for f in formats())
    raise ModelError(f"{path}: this is {what or 'a file of unknown format'}, and qhw "
                     f"reads {known}")


def load(model: str | Path, input_format: str | None = None,
         input_shape: tuple[int, ...] | None = None) -> Graph:
    """Loads a network by path or name, before lowering; ModelError in one line if it cannot be
    read.

    Parameters
    ----------
    model : a path, or the name of a shipped model
    input_format : for ONNX files: the format of an input without a quantizer, such as
        "s8:scale=1/128"
    input_shape : for ONNX files: the input's shape without the batch, instead of the file's"""
    path = locate(model)
    return _bounded(path, format_of(path).load(path, input_format, input_shape))


def findings(model: str | Path, input_format: str | None = None,
             input_shape: tuple[int, ...] | None = None) -> list[Finding]:
    """Lists the result of reading for every operator of a file, or every layer of a description.

    Parameters
    ----------
    model : a path, or the name of a shipped model
    input_format : as in ``load``
    input_shape : as in ``load``, (height, width, channels) or (inputs,)
    """
    path = locate(model)
    return format_of(path).findings(path, input_format, input_shape)


def contents(model: str | Path) -> Mapping[str, bytes]:
    """Reads all files of a network, by file name; the first one is the file to load."""
    path = locate(model)
    return format_of(path).contents(path)


def _bounded(path: Path, graph: Graph) -> Graph:
    """This graph, or ModelError if its tensors are larger than the limits."""
    total = 0
    for name, tensor in graph.tensors.items():
        for what, count, most in (("elements", tensor.size, limits.LAYER_ELEMENTS),
                                  ("channels", tensor.channels, limits.CHANNELS)):
            if count > most:
                raise ModelError(f"{path}: layer {name!r}: its output has {count:.10g} {what}, "
                                 f"more than {most}")
        total += tensor.size
    if total > limits.NETWORK_ELEMENTS:
        raise ModelError(f"{path}: the outputs of its layers have {total} elements, more than "
                         f"{limits.NETWORK_ELEMENTS}")
    return replace(graph, source=path)

"""Networks from files: a description folder, or the name of a model that ships with qhw."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from .. import limits
from ..errors import ModelError
from ..graph import Graph
from .description.description import load_description
from .onnx.file import OnnxNode
from .onnx.graph import Finding, inspect_onnx, load_onnx, said

__all__ = ["findings", "load", "shipped"]


def shipped() -> dict[str, Path]:
    """The models that come with qhw, by name."""
    root = Path(str(files("qhw.models")))
    return {path.parent.name: path.parent for path in sorted(root.glob("*/model.toml"))}


def locate(model: str | Path) -> Path:
    """The folder or file of a model given by path or name."""
    path = Path(model)
    if path.exists():
        return path
    try:
        return shipped()[str(model)]
    except KeyError:
        raise ModelError(f"{model}: there is no such folder or file, and no model of this name "
                         f"ships with qhw ({', '.join(shipped())})") from None


def load(model: str | Path, input_format: str | None = None,
         input_shape: tuple[int, ...] | None = None) -> Graph:
    """The network at a path or of a name, as it is described.

    For ONNX files: ``input_format``, such as "s8:scale=1/128", is that of an input which has no
    quantizer; ``input_shape``, without the batch, is another than the file's.
    """
    path = locate(model)
    if path.suffix == ".onnx":
        return _bounded(path, load_onnx(path, input_format, input_shape))
    if input_format or input_shape:
        raise ModelError(f"{path}: a description says its input itself")
    if path.is_dir() or path.name == "model.toml":
        return _bounded(path, load_description(path if path.is_dir() else path.parent))
    raise ModelError(f"{path}: this is neither a model folder (one has a model.toml) nor an .onnx "
                     f"file")


def findings(model: str | Path, input_format: str | None = None,
             input_shape: tuple[int, ...] | None = None) -> list[Finding]:
    """What becomes of every node of an ONNX file, or every layer of a description; the arguments
    are those of ``load``."""
    path = locate(model)
    if path.suffix == ".onnx":
        return inspect_onnx(path, input_format, input_shape)
    graph = load(path, input_format, input_shape)
    return [Finding(OnnxNode(n.name, n.op.kind, "", n.inputs, (n.name,)), n.op.kind,
                    graph.tensors[n.name].shape, said(graph.tensors[n.name]))
            for n in graph.nodes]


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

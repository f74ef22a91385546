"""Networks from files: a description folder, or the name of a model that ships with qhw."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from ..errors import ModelError
from ..ir import Graph
from .description import load_description
from .onnx_graph import load_onnx

__all__ = ["load", "shipped"]


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
        return replace(load_onnx(path, input_format, input_shape), source=path)
    if input_format or input_shape:
        raise ModelError(f"{path}: a description says its input itself")
    if path.is_dir() or path.name == "model.toml":
        return replace(load_description(path if path.is_dir() else path.parent), source=path)
    raise ModelError(f"{path}: this is neither a model folder (one has a model.toml) nor an .onnx "
                     f"file")

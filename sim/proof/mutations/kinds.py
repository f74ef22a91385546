"""All kinds of files that are damaged, by name."""

from .kind import Kind
from .networks import Folds, Npz, Onnx, Toml
from .records import Liberty, Link, Rows
from .tflite_files import TFLiteFiles

__all__ = ["KINDS", "Kind"]

KINDS: dict[str, type[Kind]] = {
    k.name: k for k in (Onnx, TFLiteFiles, Toml, Npz, Folds, Liberty, Rows, Link)}

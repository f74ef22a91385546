"""Options that several commands share, and their values."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import verbs
from ..errors import QhwError
from ..tools.typed import as_json

if TYPE_CHECKING:
    from ..graph import Folds, Graph

__all__ = ["Calibrate", "Cycles", "Fold", "InputFormat", "InputShape", "Json", "Model", "Target",
           "folds", "loaded", "print_json", "shape"]

Model = Annotated[str, typer.Argument(help="model folder, ONNX or TFLite file, or the name of "
                                           "a model that ships with qhw")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")]
Target = Annotated[str, typer.Option(help="chip to synthesize for; see `qhw targets`")]
Fold = Annotated[Path | None, typer.Option(
    help='JSON file with folds, such as {"fc1": {"pe": 8, "simd": 4}}')]
Calibrate = Annotated[Path | None, typer.Option(
    help=".npz file with other samples x, for schemes that look at a layer's inputs")]
Cycles = Annotated[int | None, typer.Option(
    min=1, help="cycles between inferences; the smallest folds that reach them")]
InputFormat = Annotated[str | None, typer.Option(
    help="format of an ONNX input without a quantizer: u8, s16:scale=1/1024, 0..16")]
InputShape = Annotated[str | None, typer.Option(
    help="another shape of an ONNX network's input, such as 3,32,32")]


def print_json(known: Any) -> None:
    """Prints a record as JSON."""
    print(json.dumps(as_json(known)))


def folds(path: Path | None) -> "Folds | None":
    """Reads the file of folds; returns the fold of each layer by name, or None without a file."""
    return verbs.read_folds(path) if path else None


def loaded(model: str, input_format: str | None, input_shape: str | None
           ) -> "str | Graph":
    """Loads the network if options go beyond its name; ``model`` is a path or name,
    ``input_format`` and ``input_shape`` are the options' texts."""
    if input_format is None and input_shape is None:
        return model
    from ..loaders import load
    return load(model, input_format, shape(input_shape))


def shape(text: str | None) -> tuple[int, ...] | None:
    """Parses a shape such as ``28,28,1``."""
    if text is None:
        return None
    try:
        return tuple(int(n) for n in text.split(","))
    except ValueError:
        raise QhwError(f"Input shape {text!r}: it should be like 3,32,32") from None

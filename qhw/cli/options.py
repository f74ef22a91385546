"""Options that several commands share, and their values."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import verbs
from ..errors import QhwError
from ..tools.typed import as_json
from .completion import models, targets

if TYPE_CHECKING:
    import numpy as np

    from ..graph import Folds, Graph

__all__ = [
    "Calibrate",
    "Cycles",
    "Fold",
    "InputFormat",
    "InputShape",
    "Json",
    "Method",
    "Model",
    "PerTensor",
    "Reading",
    "Target",
    "calibration",
    "folds",
    "grouped",
    "print_json",
    "reading",
    "shape",
]

Model = Annotated[str, typer.Argument(help="model folder, ONNX or TFLite file, or the name of "
                                           "a model that ships with qhw",
                                 autocompletion=models)]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")]
Target = Annotated[str, typer.Option(help="chip to synthesize for; see `qhw targets`",
                                     autocompletion=targets)]
Fold = Annotated[Path | None, typer.Option(
    help='JSON file with folds, such as {"fc1": {"pe": 8, "simd": 4}}')]
Calibrate = Annotated[Path | None, typer.Option(
    help=".npz file with samples x to calibrate on: scales of activations, and schemes that look "
         "at a layer's inputs; never those of the accuracy")]
Cycles = Annotated[int | None, typer.Option(
    min=1, help="cycles between inferences; the smallest folds that reach them")]
MSE = "mse"
"""The method if none is asked for."""
Method = Annotated[str, typer.Option(
    help="method that chooses scales of activations: mse, minmax, percentile:99.9, sqnr, kl")]
PerTensor = Annotated[bool, typer.Option(
    "--per-tensor", help="one scale for all weights of a layer")]
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


def shape(text: str | None) -> tuple[int, ...] | None:
    """Parses a shape such as ``28,28,1``."""
    if text is None:
        return None
    try:
        return tuple(int(n) for n in text.split(","))
    except ValueError:
        raise QhwError(f"Input shape {text!r}: it should be like 3,32,32") from None


def calibration(path: Path | None) -> "np.ndarray | None":
    """Reads the calibration samples (M, *shape); None without a file."""
    return verbs.read_input(path)[0] if path else None


@dataclass(frozen=True)
class Reading:
    """How a network is read."""

    input_format: str | None
    input_shape: str | None
    scheme: str | None
    calibrate: Path | None
    per_tensor: bool
    activations: str | None = None
    method: str = MSE

    def __call__(self, model: str) -> "str | Graph":
        """Loads the network if options go beyond its name; ``model`` is a path or name."""
        anew = self.scheme is not None or self.activations is not None
        if not anew and (self.calibrate, self.method, self.per_tensor) != (None, MSE, False):
            raise QhwError("--calibrate, --method and --per-tensor go with --scheme or "
                           "--activations")
        if (self.input_format, self.input_shape, anew) == (None, None, False):
            return model
        return verbs.load(model, self.input_format, shape(self.input_shape), scheme=self.scheme,
                          activations=self.activations, calibration=calibration(self.calibrate),
                          method=self.method, per_tensor=self.per_tensor)


def _reading(input_format: InputFormat = None, input_shape: InputShape = None,
             scheme: Annotated[str | None, typer.Option(
                 help="quantize the weights first, as compare does: a scheme, or inq,fc2=binary "
                      "for a layer of its own")] = None,
             activations: Annotated[str | None, typer.Option(
                 help="format of real activations, such as u8, which then become codes first")
             ] = None,
             calibrate: Calibrate = None, method: Method = MSE,
             per_tensor: PerTensor = False) -> Reading:
    return Reading(input_format, input_shape, scheme, calibrate, per_tensor, activations, method)


def grouped(name: str, make: Callable[..., Any]) -> Callable[..., Callable[..., None]]:
    """Makes a decorator that gives a command the options of another function, and the result of
    that function as an argument.

    Parameters
    ----------
    name : the argument
    make : the function, whose parameters are options
    """
    def added(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in signature(command).parameters.values() if p.name != name]
        more = [p.replace(kind=p.KEYWORD_ONLY) for p in signature(make).parameters.values()]

        @wraps(command)
        def run(**given: Any) -> None:
            made = make(**{p.name: given.pop(p.name) for p in more})
            command(**given, **{name: made})

        parameters = [*(p.replace(kind=p.KEYWORD_ONLY) for p in own), *more]
        run.__dict__["__signature__"] = Signature(parameters)
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        return run

    return added


reading = grouped("read", _reading)
"""Adds the options of reading a network to a command, which receives them as ``read``."""

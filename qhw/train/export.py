"""Export of a trained module as a description folder."""

from io import BytesIO
from pathlib import Path

import numpy as np
import tomli_w
import torch
from torch import nn

from ..tools.files import write_folder
from ..tools.typed import JsonObject
from .activations import Input
from .describe import Described, describe
from .tracing import plain

__all__ = ["described", "export"]


def export(model: nn.Module, folder: Path | str, *, input: JsonObject | None = None,
           description: str = "", argmax: bool = True, multiplier_bits: int | None = None) -> None:
    """Writes ``model.toml`` and ``weights.npz``; layers keep their names in ``model``, with
    underscores for dots.

    QhwError names a layer that a description does not have, or says that the folder has other
    files.

    Parameters
    ----------
    model : a module of quantized layers; branches may be code in its forward()
    folder : the folder to write or replace
    input : the table of that name in ``model.toml``; None if the model has an ``Input``
    description : one sentence about the model
    argmax : whether an ArgMax layer ends the description
    multiplier_bits : bits of the multiplier that makes ``Uniform`` a requantization; None for
        thresholds
    """
    folder = Path(folder)
    made = described(model, input, argmax=argmax, multiplier_bits=multiplier_bits)
    text = {"schema": 1, "name": folder.name, "description": description, "input": made.input,
            "layer": made.layers}
    packed = BytesIO()
    np.savez_compressed(packed, **made.arrays)  # type: ignore
    write_folder(folder, {"model.toml": tomli_w.dumps(text), "weights.npz": packed.getvalue()},
                 "description")


def described(model: nn.Module, input: JsonObject | None = None, *, argmax: bool = True,
              multiplier_bits: int | None = None) -> Described:
    """Describes the module ``model``, whose input is the table ``input``, as ``export`` does.

    ``argmax`` and ``multiplier_bits`` are those of ``export``."""
    first = next((m for m in model.modules() if isinstance(m, Input)), None)
    if (first is None) == (input is None):
        raise ValueError("A model needs either an Input layer or the table of its input")
    shape = first.shape if first else _shape(model, input)
    graph = plain(model, torch.zeros(2, *shape))
    return describe(graph, None if input is None else dict(input), argmax=argmax,
                    multiplier_bits=multiplier_bits)


def _shape(model: nn.Module, input: JsonObject | None) -> tuple[int, ...]:
    """PyTorch's shape of a sample of a description's table."""
    assert input is not None
    *pixels, channels = (int(n) for n in input["shape"])
    if any(isinstance(m, nn.Conv1d) for m in model.modules()):
        pixels = pixels[-1:]
    return channels, *pixels

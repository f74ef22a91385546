"""Export of a trained stack of layers as a description folder."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from torch import nn

from ..tools.files import write_folder
from ..tools.typed import JsonObject
from .activations import Sign, Uniform
from .layers import QuantLinear

__all__ = ["export"]


def export(model: nn.Sequential, folder: Path, *, input: JsonObject, description: str = "",
           argmax: bool = True, multiplier_bits: int | None = None) -> None:
    """Writes ``model.toml`` and ``weights.npz``; layers keep their names in ``model``.

    ValueError for a layer type that a description does not have, QhwError if the folder has other
    files.

    Parameters
    ----------
    model : the layers, in order
    folder : the folder to write or replace
    input : the table of that name in ``model.toml``
    description : one sentence about the model
    argmax : whether an ArgMax layer ends the model
    multiplier_bits : bits of the multiplier that makes ``Uniform`` a requantization; None for
        thresholds
    """
    layers: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    for name, layer in model.named_children():
        match layer:
            case QuantLinear():
                layers.append(_dense(name, layer, arrays))
            case nn.BatchNorm1d():
                layers.append({"name": name, "type": "batch_norm", "epsilon": layer.eps})
                state = layer.state_dict()
                for ours, theirs in (("gamma", "weight"), ("beta", "bias"),
                                     ("mean", "running_mean"), ("variance", "running_var")):
                    arrays[f"{name}.{ours}"] = state[theirs].numpy()
            case Uniform():
                more = {"multiplier_bits": multiplier_bits} if multiplier_bits else {}
                layers.append({"name": name, "type": "quantize", "bits": layer.bits,
                               "scale": abs(float(layer.scale.item())), **more})
            case Sign():
                layers.append({"name": name, "type": "sign"})
            case nn.ReLU():
                layers.append({"name": name, "type": "relu"})
            case _:
                raise ValueError(f"Layer {name!r}: a {type(layer).__name__} cannot be described")
    if argmax:
        layers.append({"name": "class", "type": "argmax"})
    text = {"schema": 1, "name": folder.name, "description": description, "input": dict(input),
            "layer": layers}
    packed = BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore
    write_folder(folder, {"model.toml": tomli_w.dumps(text), "weights.npz": packed.getvalue()},
                 "description")


def _dense(name: str, layer: QuantLinear, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    if layer.bias is not None:
        arrays[f"{name}.bias"] = layer.bias.detach().numpy()
    spec = {"name": name, "type": "dense", "units": layer.out_features}
    if layer.scheme is None:
        arrays[f"{name}.weight"] = layer.weight.detach().numpy()
        return {**spec, "scheme": "float"}
    found = layer.codes()
    arrays[f"{name}.codes"], arrays[f"{name}.scale"] = found.codes, found.scale
    if found.table is not None:
        arrays[f"{name}.table"] = found.table
    return {**spec, "scheme": layer.scheme.described}

"""A network with float weights gets a scheme for each layer, and what that does to it is measured.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from .. import __version__
from ..errors import ModelError
from ..ir import Graph
from ..load import load, locate
from ..load.description import read_toml
from ..load.weights import open_npz
from ..lower import lower
from ..ops import ArgMax, Dense, Linear
from ..schemes import Codes, Scheme, parse
from .files import write_folder
from .golden import evaluate, golden, host

__all__ = ["quantize"]

OURS = "quantized.json"
"""The file by which a folder of ours is known."""


@dataclass(frozen=True)
class Layer:
    """One layer's weights, before and after."""

    name: str
    scheme: Scheme
    real: np.ndarray
    codes: Codes

    @property
    def error(self) -> np.ndarray:
        integers = self.scheme.decode(self.codes.codes, self.codes.table)
        return self.real - np.reshape(self.codes.scale, (-1, 1)) * integers

    @property
    def report(self) -> dict[str, Any]:
        bits = self.scheme.storage(self.codes.codes, self.codes.table)
        return {"name": self.name, "scheme": str(self.scheme), "weights": self.real.size,
                "mse": float(np.square(self.error).mean()),
                "relative_mse": float(np.square(self.error).mean()
                                      / max(np.square(self.real).mean(), 1e-300)),
                "bits_per_weight": bits / self.real.size}


def quantize(model: str | Path, scheme: str, output: str | Path, *,
             layers: Mapping[str, str] | None = None, x: np.ndarray | None = None,
             labels: np.ndarray | None = None, per_tensor: bool = False) -> dict[str, Any]:
    """Writes a description whose dense layers have the scheme; returns what it did.

    ``layers`` gives other schemes by layer name. Weights get a scale for each output, and one for
    all with ``per_tensor`` or before an argmax. With samples ``x`` schemes that look at a layer's
    inputs are told them, and with ``labels`` the accuracies before and after are in the report.
    """
    folder = locate(model)
    folder = folder if folder.is_dir() else folder.parent
    graph = load(folder)
    schemes = _schemes(graph, scheme, layers or {})
    values = evaluate(graph, x) if x is not None else {}
    done: list[Layer] = []
    for node in graph.nodes:
        if not isinstance(node.op, Linear):
            continue
        one = per_tensor or any(isinstance(n.op, ArgMax) for n in graph.users[node.name])
        chosen, real = schemes[node.name], node.op.weight
        try:
            if x is None:
                codes = chosen.quantize(real, per_channel=not one)
            else:
                source = graph.tensors[node.inputs[0]]
                seen = values[node.inputs[0]]
                codes = chosen.fit(real, seen if source.codes is None else source.real(seen),
                                   per_channel=not one)
        except ValueError as e:
            raise ModelError(f"{folder}: layer {node.name!r}: {e}") from None
        done.append(Layer(node.name, chosen, real, codes))
    changed = _replaced(graph, done)
    known = _report(graph.name, scheme, done)
    if x is not None and labels is not None:
        known |= _accuracies(graph, changed, x, labels)
    write_folder(Path(output), _files(folder, done, known), ours=OURS)
    return known


def _schemes(graph: Graph, scheme: str, layers: Mapping[str, str]) -> dict[str, Scheme]:
    names = [n.name for n in graph.nodes if isinstance(n.op, Linear)]
    if not names:
        raise ModelError(f"Model {graph.name!r}: no layer of it has float weights")
    for name in layers:
        if name not in names:
            raise ModelError(f"Layer {name!r}: no layer with float weights has this name "
                             f"({', '.join(names)})")
    try:
        return {name: parse(layers.get(name, scheme)) for name in names}
    except (ValueError, TypeError) as e:
        raise ModelError(str(e)) from None


def _replaced(graph: Graph, done: list[Layer]) -> Graph:
    """The network with the layers' codes."""
    by_name = {layer.name: layer for layer in done}
    nodes = []
    for node in graph.nodes:
        if node.name in by_name:
            layer = by_name[node.name]
            assert isinstance(node.op, Linear)
            node = replace(node, op=Dense(layer.scheme, layer.codes, node.op.bias))
        nodes.append(node)
    return graph.replaced(nodes).check()


def _report(name: str, scheme: str, done: list[Layer]) -> dict[str, Any]:
    rows = [layer.report for layer in done]
    weights = sum(row["weights"] for row in rows)
    squares = sum(float(np.square(layer.error).sum()) for layer in done)
    return {"name": name, "scheme": scheme, "qhw": __version__, "layers": rows,
            "weights": weights, "mse": squares / weights,
            "bits_per_weight": sum(r["bits_per_weight"] * r["weights"] for r in rows) / weights}


def _accuracies(before: Graph, after: Graph, x: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Right answers of the float network and of the integers that the hardware computes."""
    last = before.output.name
    lowered = lower(after)
    codes = golden(lowered, x)[lowered.hardware.output.name]
    found = {"float": evaluate(before, x)[last], "quantized": host(lowered, codes)}
    right = {}
    for name, answer in found.items():
        answer = answer.reshape(len(x), -1)
        classes = answer[:, 0] if answer.shape[1] == 1 else answer.argmax(1)
        right[name] = int((classes == labels).sum())
    return {"samples": len(x), "float_correct": right["float"], "correct": right["quantized"],
            "float_accuracy": right["float"] / len(x), "accuracy": right["quantized"] / len(x)}


def _files(folder: Path, done: list[Layer], known: Mapping[str, Any]) -> dict[str, str | bytes]:
    text, arrays = read_toml(folder / "model.toml"), open_npz(folder / "weights.npz")
    by_name = {layer.name: layer for layer in done}
    for spec in text["layer"]:
        layer = by_name.get(spec["name"])
        if layer is None:
            continue
        spec["scheme"] = layer.scheme.described
        arrays.pop(f"{layer.name}.weight")
        arrays[f"{layer.name}.codes"], arrays[f"{layer.name}.scale"] = (layer.codes.codes,
                                                                       layer.codes.scale)
        if layer.codes.table is not None:
            arrays[f"{layer.name}.table"] = layer.codes.table
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore
    return {"model.toml": tomli_w.dumps(text), "weights.npz": packed.getvalue(),
            OURS: json.dumps(known, indent=2) + "\n"}

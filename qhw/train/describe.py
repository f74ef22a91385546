"""The layers of a traced PyTorch module as tables and arrays of a description."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from torch import Tensor, fx, nn

from ..errors import ModelError, QhwError
from ..exact.window import Window
from .activations import Activation, Input, channels_last
from .tracing import DROPS, Add, Join, layer_of
from .weights import Quantized

__all__ = ["Described", "describe"]

MOST_NAME = 40
"""Letters of a name in a description."""
Pair = tuple[int, int]


@dataclass
class Described:
    """Tables and arrays of a description; ``names`` has the layer that computes each node."""

    input: Any = None
    layers: list[Any] = field(default_factory=list)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    names: dict[fx.Node, str] = field(default_factory=dict)
    flat: dict[fx.Node, tuple[int, ...]] = field(default_factory=dict)
    """The shape (channels, rows, columns) of the image that a vector was."""
    graph: fx.GraphModule | None = None

    def add(self, node: fx.Node, type: str, *parts: fx.Node, name: str | None = None,
            **keys: Any) -> str:
        """Adds a layer that computes ``node`` from ``parts``, by default the node's inputs; returns
        the layer's name.

        ``type`` is its word in ``model.toml``, ``keys`` are the other keys; ``name`` is that of the
        module by default."""
        name = self.unique(name or layer_of(node))
        sources = [self.names[p] for p in parts or node.all_input_nodes]
        before = self.layers[-1]["name"] if self.layers else "input"
        inputs = {} if sources == [before] else {"inputs": sources}
        self.layers.append({"name": name, "type": type, **inputs, **keys})
        self.names[node] = name
        return name

    def unique(self, name: str) -> str:
        """Returns a name for a layer ``name``: dots become underscores."""
        name = re.sub(r"\W", "_", name, flags=re.ASCII)
        name = name if name[0].isalpha() else f"layer_{name}"
        known = {"input", *(layer["name"] for layer in self.layers)}
        found, k = name[:MOST_NAME], 1
        while found in known:
            k += 1
            found = f"{name[:MOST_NAME - len(str(k)) - 1]}_{k}"
        return found


def describe(made: fx.GraphModule, given: Any, *, argmax: bool, multiplier_bits: int | None
             ) -> Described:
    """Describes a graph of modules (see ``tracing.plain``).

    QhwError names a layer that no description has.

    Parameters
    ----------
    made : the graph, with shapes
    given : the table ``[input]``; None if the model begins with an ``Input``
    argmax : whether an ArgMax layer ends the description
    multiplier_bits : bits of the multipliers that even steps become; None for thresholds
    """
    of = Described(given, graph=made)
    for node in made.graph.nodes:
        try:
            _node(of, made, node, argmax, multiplier_bits)
        except (ModelError, ValueError) as e:
            raise QhwError(f"Layer {layer_of(node)!r}: {e}") from None
    if argmax:
        of.layers.append({"name": of.unique("class"), "type": "argmax"})
    return of


def _node(of: Described, made: fx.GraphModule, node: fx.Node, argmax: bool,
          multiplier_bits: int | None) -> None:
    if node.op == "placeholder":
        if of.names:
            raise ValueError("a description has one input")
        of.names[node] = "input"
    elif node.op == "output":
        _output(of, node, argmax)
    elif node.op == "call_module":
        _module(of, node, made.get_submodule(str(node.target)), argmax, multiplier_bits)
    else:
        raise ValueError(f"{node.target} cannot be described")


def _meeting(of: Described, node: fx.Node, module: Add | Join) -> None:
    """Describes a sum or a join."""
    parts: tuple[Any, ...] = node.args
    if len({of.flat.get(n, ()) for n in parts}) > 1 or (
            isinstance(module, Join) and any(n in of.flat for n in parts)):
        raise ValueError("it mixes images that are flattened in different orders")
    of.add(node, "add" if isinstance(module, Add) else "concat", *parts)
    _flat_as_before(of, node)


def _flat_as_before(of: Described, node: fx.Node) -> None:
    before = node.all_input_nodes[0]
    if before in of.flat:
        of.flat[node] = of.flat[before]


def _output(of: Described, node: fx.Node, argmax: bool) -> None:
    result, = node.args
    if not isinstance(result, fx.Node):
        raise ValueError("the model has several outputs, and a description has one")
    if of.flat.get(result):
        raise ValueError("it is an image that is flattened; put no flatten at the end")
    if argmax and len(result.meta["shape"]) != 2:
        raise ValueError(f"classes need a vector, and the output is {result.meta['shape'][1:]}: "
                         f"use argmax=False")
    if of.layers and of.layers[-1]["name"] != of.names[result]:
        raise ValueError("the last layer is not the output")


def _module(of: Described, node: fx.Node, module: nn.Module, argmax: bool,
            multiplier_bits: int | None) -> None:
    if isinstance(module, Add | Join):
        return _meeting(of, node, module)
    source, = node.all_input_nodes
    match module:
        case Input():
            if source.op != "placeholder" or of.input is not None:
                raise ValueError("an Input is the first layer, and stands for the table of inputs")
            of.input, of.names[node] = module.table(), "input"
        case Quantized() | nn.Linear() | nn.Conv1d() | nn.Conv2d():
            _weighted(of, node, module)
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            _norm(of, node, module)
        case Activation():
            _activation(of, node, module, multiplier_bits)
        case nn.ReLU():
            of.add(node, "relu")
        case nn.MaxPool1d() | nn.MaxPool2d() | nn.AvgPool1d() | nn.AvgPool2d():
            _pool(of, node, module)
        case nn.Flatten():
            of.add(node, "flatten")
            shape = source.meta["shape"][1:]
            if shape[0] > 1 and prod(shape[1:]) > 1:
                of.flat[node] = shape
        case _ if isinstance(module, DROPS):
            of.names[node] = of.names[source]
        case nn.Softmax() | nn.LogSoftmax() if argmax and next(iter(node.users)).op == "output":
            of.names[node] = of.names[source]
        case _:
            raise ValueError(f"a {type(module).__name__} cannot be described")
    if not isinstance(module, Quantized | nn.Linear | nn.Flatten):
        _flat_as_before(of, node)


def _weighted(of: Described, node: fx.Node, layer: Any) -> None:
    shape = layer.weight.shape
    if isinstance(layer, nn.Linear):
        if len(node.meta["shape"]) != 2:
            raise ValueError(f"it multiplies the last dimension of {node.meta['shape'][1:]}; put a "
                             f"Flatten before it")
        image = of.flat.get(node.all_input_nodes[0])
        channels = image[0] if image else 1
        if image and getattr(layer, "channels", channels) != channels:
            raise ValueError(f"its inputs are {channels} channels: QuantLinear(channels="
                             f"{channels}) quantizes them in the order of a description")
        keys: dict[str, Any] = {"type": "dense", "units": shape[0]}
    else:
        if layer.padding_mode != "zeros":
            raise ValueError(f"pads are zeros, not {layer.padding_mode}")
        channels = 1
        keys = {"type": "conv", "units": shape[0], **_window(layer)}
        if layer.groups > 1:
            keys["groups"] = layer.groups
    scheme = getattr(layer, "scheme", None)
    name = of.add(node, **keys, scheme="float" if scheme is None else scheme.described)
    if layer.bias is not None:
        of.arrays[f"{name}.bias"] = _array(layer.bias)
    if scheme is None:
        rows = layer.weight if layer.weight.ndim > 2 else layer.weight.reshape(
            shape[0], channels, -1)
        of.arrays[f"{name}.weight"] = _array(rows.movedim(1, -1).flatten(1))
        return
    found = layer.codes()
    of.arrays[f"{name}.codes"], of.arrays[f"{name}.scale"] = found.codes, found.scale
    if found.table is not None:
        of.arrays[f"{name}.table"] = found.table


def _array(values: Tensor) -> np.ndarray:
    return values.detach().cpu().numpy()


def _window(layer: Any) -> dict[str, Any]:
    """Kernel, stride, dilation and pads of a convolution."""
    kernel, stride, dilation = (_pair(n) for n in (layer.kernel_size, layer.stride,
                                                   layer.dilation))
    if isinstance(layer.padding, str):
        whole = [d * (k - 1) if layer.padding == "same" else 0
                 for k, d in zip(kernel, dilation, strict=True)]
        pads = [whole[0] // 2, whole[1] // 2, whole[0] - whole[0] // 2, whole[1] - whole[1] // 2]
    else:
        pads = [*_pair(layer.padding, 0)] * 2
    return _keys(Window(kernel, stride, dilation, (pads[0], pads[1], pads[2], pads[3])))


def _keys(window: Window) -> dict[str, Any]:
    """The keys of a window that differ from their defaults."""
    found: dict[str, Any] = {"kernel": list(window.kernel)}
    if window.stride != (1, 1):
        found["stride"] = list(window.stride)
    if window.dilation != (1, 1):
        found["dilation"] = list(window.dilation)
    return found | ({"pads": list(window.pads)} if any(window.pads) else {})


def _pair(n: int | Sequence[int], row: int = 1) -> Pair:
    """Rows and columns of a number or of one or two of them; with one, an image has one row."""
    match n:
        case int():
            return n, n
        case (columns,):
            return row, columns
        case rows, columns:
            return rows, columns
        case _:
            raise ValueError(f"{n} are no rows and columns")


def _pool(of: Described, node: fx.Node, pool: Any) -> None:
    one = isinstance(pool, nn.MaxPool1d | nn.AvgPool1d)
    kernel, stride, pads, dilation = (
        _pair((n,) if one and isinstance(n, int) else n, row) for n, row in (
            (pool.kernel_size, 1), (pool.stride, 1), (pool.padding, 0),
            (getattr(pool, "dilation", 1), 1)))
    window = Window(kernel, stride, dilation, (*pads, *pads))
    average = isinstance(pool, nn.AvgPool1d | nn.AvgPool2d)
    if getattr(pool, "return_indices", False) or getattr(pool, "divisor_override", None):
        raise ValueError("a pool returns the maximum or the mean alone")
    if average and (any(pads) and not pool.count_include_pad or pool.ceil_mode):
        raise ValueError("a mean counts pads as zeros, and has no partial windows: "
                         "use count_include_pad=True and ceil_mode=False")
    if pool.ceil_mode:
        size = channels_last(node.all_input_nodes[0].meta["shape"][1:])
        window = window.ceiled(size[0], size[1])
    of.add(node, "average_pool" if average else "max_pool", **_keys(window))


def _norm(of: Described, node: fx.Node, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError("a batch norm without running statistics cannot be described")
    name = of.add(node, "batch_norm", epsilon=norm.eps)
    ones = np.ones(norm.num_features, np.float32)
    image = of.flat.get(node.all_input_nodes[0])
    for what, values in (("gamma", norm.weight), ("beta", norm.bias),
                         ("mean", norm.running_mean), ("variance", norm.running_var)):
        array = ones * (what == "gamma") if values is None else _array(values)
        if image:
            array = array.reshape(image[0], -1).T.ravel()
        of.arrays[f"{name}.{what}"] = array


def _activation(of: Described, node: fx.Node, layer: Activation, multiplier_bits: int | None
                ) -> None:
    *first, last = (dict(table) for table in layer.tables())
    if first and len(node.meta["shape"]) > 2:
        raise ValueError("statistics of a sample are of vectors")
    if multiplier_bits and last["type"] == "quantize":
        last["multiplier_bits"] = multiplier_bits
    parts = node.all_input_nodes
    for table in first:
        of.add(node, table.pop("type"), *parts, name=f"{layer_of(node)}_codes", **table)
        parts = [node]
    of.add(node, last.pop("type"), *parts, **last)

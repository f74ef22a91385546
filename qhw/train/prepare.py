"""Turns an ordinary PyTorch module into a trainable quantized one."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Unpack

import torch
from torch import Tensor, fx, nn

from ..errors import QhwError
from ..schemes import Scheme, parse
from .activations import Activation, Input, Levels, Uniform
from .layers import exact_norm, quantized
from .tracing import DROPS, Add, Join, layer_of, plain, unused
from .weights import Options, Quantized
from .words import activation

__all__ = ["prepare"]

ACTIVE = (nn.ReLU, nn.ReLU6, nn.Hardtanh)
"""Modules that a quantizer stands for."""
WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d)
KEEPING = (nn.MaxPool1d, nn.MaxPool2d, nn.Flatten, *DROPS)
"""Modules whose outputs are codes if their inputs are."""
OTHERS = (*KEEPING, nn.AvgPool1d, nn.AvgPool2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.Softmax,
          nn.LogSoftmax, Activation, Quantized, Input, Add, Join)
HELP = "use a layer of docs/guides/training.md, or keep it outside of the model"


@dataclass
class _Wishes:
    """The schemes and words asked for; names that no layer has are left in ``layers``."""

    scheme: str | Scheme
    activations: str
    layers: dict[str, str | Scheme]
    inner: int
    how: Any = field(default_factory=dict)

    def scheme_of(self, name: str) -> Scheme:
        word = self.layers.pop(name, self.scheme)
        return parse(word) if isinstance(word, str) else word

    def activation_of(self, name: str) -> Activation:
        return activation(str(self.layers.pop(name, self.activations)))


def prepare(model: nn.Module, x: Tensor, *, scheme: str | Scheme, activations: str = "u8",
            layers: Mapping[str, str | Scheme] | None = None, first: str | Scheme | None = None,
            last: str | Scheme | None = None, input: Input | None = None, inner: int = 8,
            **how: Unpack[Options]) -> fx.GraphModule:
    """Makes a trainable quantized copy of a float module, with its weights and names.

    Dense layers and convolutions get weights of the scheme; ReLU, ReLU6 and Hardtanh become
    quantizers of the activations, whose first scales have the least squared error on ``x``. A
    quantizer of ``inner`` bits is added wherever a layer or a sum would read real numbers.
    QhwError names a module that cannot be traced or has no quantized form.

    Parameters
    ----------
    model : the module; branches may be code in its forward()
    x : a batch of training samples, with which first scales are found; no samples of the test
    scheme : scheme of the weights as ``qhw schemes`` writes it, such as ``shiftcnn:terms=2``
    activations : their word, such as ``u4``, ``sign``, ``hwgq:bits=2`` (docs/guides/training.md)
    layers : schemes or words of single layers, by their names in ``model``
    first, last : schemes of the first and the last layer with weights; None for that of all
    input : the codes of the input; None for the least that hold ``x``: bytes, or 8 bits
    inner : bits of the quantizers that are added
    how : options of the weights, see ``Options``"""
    wishes = _Wishes(scheme, activations, dict(layers or {}), inner, how)
    made = plain(deepcopy(model), x)
    weighted = [n for n in made.graph.nodes if isinstance(_module(made, n), WEIGHTED)]
    for node, word in ((weighted[:1], first), (weighted[-1:], last)):
        if node and word is not None:
            wishes.layers.setdefault(layer_of(node[0]), word)
    _input(made, input or fitting(x))
    for node in list(made.graph.nodes):
        _replace(made, node, wishes)
    _quantize_between(made, wishes)
    if wishes.layers:
        name = next(iter(wishes.layers))
        known = [layer_of(n) for n in made.graph.nodes if n.op == "call_module"]
        near = get_close_matches(name, known, 1)
        raise QhwError(f"Layer {name!r}: there is none" + (f"; is it {near[0]!r}?" if near else ""))
    made.graph.lint()
    made.recompile()
    _calibrate(made.train(), x)
    return made


def fitting(x: Tensor) -> Input:
    """Makes the input for samples ``x`` (N, ...): whole numbers are codes, parts of 255 are bytes,
    others get 8 bits for their range."""
    shape, lowest, highest = tuple(x.shape[1:]), float(x.min()), float(x.max())
    if not x.is_floating_point() or bool((x == x.round()).all()):
        return Input(shape, min(int(lowest), 0), max(int(highest), 255 if highest > 16 else 1))
    if lowest >= 0 and highest <= 1 and bool((((x * 255).round() / 255) - x).abs().max() < 1e-6):
        return Input(shape, scale=1 / 255)
    scale = (max(highest, 0) - min(lowest, 0)) / 255
    zero = round(-min(lowest, 0) / scale)
    return Input(shape, scale=scale, zero=zero)


def _module(made: fx.GraphModule, node: fx.Node) -> nn.Module | None:
    return made.get_submodule(str(node.target)) if node.op == "call_module" else None


def _input(made: fx.GraphModule, input: Input) -> None:
    node = next(n for n in made.graph.nodes if n.op == "placeholder")
    if any(isinstance(m, Input) for m in made.modules()):
        return
    _behind(made, node, input, "input_codes")


def _behind(made: fx.GraphModule, node: fx.Node, module: nn.Module, name: str,
            users: list[fx.Node] | None = None) -> fx.Node:
    """Adds a module behind a node, for some of its users or all."""
    name = unused(made, name)
    made.add_submodule(name, module)
    users = list(node.users) if users is None else users
    with made.graph.inserting_after(node):
        new = made.graph.call_module(name, (node,))
    new.meta = dict(node.meta)
    for user in users:
        user.replace_input_with(node, new)
    return new


def _replace(made: fx.GraphModule, node: fx.Node, wishes: _Wishes) -> None:
    """Replaces a layer by its quantized form."""
    module = _module(made, node)
    name = layer_of(node)
    try:
        match module:
            case None | Quantized() | Activation() | Input():
                pass
            case nn.Linear() | nn.Conv1d() | nn.Conv2d():
                how = wishes.how | ({} if _has_own_scales(made, node) else {"per_channel": False})
                made.add_submodule(name, quantized(
                    module, wishes.scheme_of(name), _channels(made, node), **how))
            case nn.BatchNorm1d() | nn.BatchNorm2d():
                made.add_submodule(name, exact_norm(module))
            case nn.ReLU() | nn.ReLU6() | nn.Hardtanh():
                _active(made, node, module, wishes.activation_of(name))
            case _ if isinstance(module, OTHERS):
                pass
            case _:
                raise ValueError(f"a {type(module).__name__} has no quantized form; {HELP}")
    except ValueError as e:
        raise QhwError(f"Layer {name!r}: {e}") from None


def _active(made: fx.GraphModule, node: fx.Node, module: nn.Module, quantizer: Activation) -> None:
    """Puts a quantizer in the place of an activation, or behind it if codes are of both signs."""
    if isinstance(module, nn.Hardtanh) and not isinstance(module, nn.ReLU6) or not quantizer.relu:
        made.add_submodule(layer_of(node), quantizer)
    else:
        made.add_submodule(layer_of(node), nn.ReLU())
        _behind(made, node, quantizer, f"{layer_of(node)}_codes")


def _has_own_scales(made: fx.GraphModule, node: fx.Node) -> bool:
    """Whether a quantizer, a norm or a sum comes behind an output before the classes: an argmax
    needs one scale for all."""
    for user in node.users:
        if user.op == "output":
            return False
        module = _module(made, user)
        if isinstance(module, (*KEEPING, nn.AvgPool1d, nn.AvgPool2d, nn.Softmax, nn.LogSoftmax)
                      ) and not _has_own_scales(made, user):
            return False
    return True


def _channels(made: fx.GraphModule, node: fx.Node) -> int:
    """Channels of the image that a vector was before it was flattened, 1 if it was none."""
    if not isinstance(_module(made, node), nn.Linear):
        return 1
    before = node.all_input_nodes[0]
    while len(before.meta["shape"]) == 2 and before.all_input_nodes:
        before = before.all_input_nodes[0]
    return before.meta["shape"][1] if len(before.meta["shape"]) > 2 and not any(
        isinstance(_module(made, n), (*WEIGHTED, Quantized)) for n in _way(before, node)) else 1


def _way(first: fx.Node, last: fx.Node) -> list[fx.Node]:
    """The nodes between two on a chain of first inputs."""
    found: list[fx.Node] = []
    node = last.all_input_nodes[0]
    while node is not first:
        found.append(node)
        node = node.all_input_nodes[0]
    return found


def _quantize_between(made: fx.GraphModule, wishes: _Wishes) -> None:
    """Adds quantizers before weights, sums and joins that would read real numbers."""
    for node in list(made.graph.nodes):
        for source in node.all_input_nodes if _reads(made, node) else ():
            while isinstance(_module(made, source), KEEPING):
                source, = source.all_input_nodes
            module = _module(made, source)
            if not isinstance(module, Activation | Input | Join):
                sign = "u" if _positive(made, source) else "s"
                _behind(made, source, activation(f"{sign}{wishes.inner}"),
                        f"{layer_of(source)}_codes",
                        [u for u in source.users if _reads(made, u) or isinstance(
                            _module(made, u), KEEPING)])


def _reads(made: fx.GraphModule, node: fx.Node) -> bool:
    """Whether a layer needs codes."""
    return isinstance(_module(made, node), Quantized | Add | Join)


def _positive(made: fx.GraphModule, node: fx.Node) -> bool:
    """Whether a layer's outputs are never below 0: means and maxima of such codes."""
    module = _module(made, node)
    if isinstance(module, (*KEEPING, nn.AvgPool1d, nn.AvgPool2d)):
        return _positive(made, node.all_input_nodes[0])
    return isinstance(module, Uniform) and not module.signed or (
        isinstance(module, Levels) and float(module.reals[0]) == 0)


class _Calibration(fx.Interpreter):
    """Runs the network, and lets each quantizer choose its scale before it is used."""

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        module = self.fetch_attr(target)
        if isinstance(module, Activation):
            module.calibrate(args[0])
        return super().call_module(target, args, kwargs)


def _calibrate(made: fx.GraphModule, x: Tensor) -> None:
    """Chooses first scales, and takes the statistics of norms from ``x``."""
    for module in made.modules():
        if isinstance(module, DROPS):
            module.eval()
    norms = [m for m in made.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    momenta = [m.momentum for m in norms]
    for norm in norms:
        norm.momentum = 1.0
    runner = _Calibration(made)
    runner.extra_traceback = False
    with torch.no_grad():
        runner.run(x)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    made.train()

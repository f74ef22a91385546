"""The graph of a PyTorch module: each call by itself, with the shape of its result.

``plain`` makes calls of functions and methods into modules, so that every call has a name."""

import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from math import prod
from typing import Any

import torch
from torch import Tensor, fx, nn

from ..errors import QhwError

__all__ = ["DROPS", "Add", "Join", "evaluating", "layer_of", "plain", "unused"]

PACKAGE = __name__.rpartition(".")[0]
SUMS = (operator.add, operator.iadd, torch.add, "add", "add_")
JOINS = (torch.cat, torch.concat)
NAMES: dict[str, tuple[Callable[..., nn.Module], str]] = {
    "relu": (nn.ReLU, "inplace"), "relu_": (nn.ReLU, ""), "relu6": (nn.ReLU6, "inplace"),
    "hardtanh": (nn.Hardtanh, "min_val max_val inplace"),
    "max_pool1d": (nn.MaxPool1d, "kernel_size stride padding dilation ceil_mode return_indices"),
    "max_pool2d": (nn.MaxPool2d, "kernel_size stride padding dilation ceil_mode return_indices"),
    "avg_pool1d": (nn.AvgPool1d, "kernel_size stride padding ceil_mode count_include_pad"),
    "avg_pool2d": (nn.AvgPool2d, "kernel_size stride padding ceil_mode count_include_pad "
                                 "divisor_override"),
    "adaptive_avg_pool1d": (nn.AdaptiveAvgPool1d, "output_size"),
    "adaptive_avg_pool2d": (nn.AdaptiveAvgPool2d, "output_size"),
    "adaptive_max_pool1d": (nn.AdaptiveMaxPool1d, "output_size return_indices"),
    "adaptive_max_pool2d": (nn.AdaptiveMaxPool2d, "output_size return_indices"),
    "softmax": (nn.Softmax, "dim"), "log_softmax": (nn.LogSoftmax, "dim"),
    "dropout": (nn.Dropout, "p training inplace"),
    "dropout1d": (nn.Dropout1d, "p training inplace"),
    "dropout2d": (nn.Dropout2d, "p training inplace"),
    **{name: (nn.Identity, "") for name in ("contiguous", "clone", "detach")},
    **{name: (nn.Flatten, "") for name in ("flatten", "view", "reshape", "squeeze")}}
"""Functions and methods by name: the module of the same meaning, and the names of its arguments
behind the tensor."""
DROPS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout)
"""Modules that change nothing in evaluation."""
SIZED = {nn.AdaptiveAvgPool1d: nn.AvgPool1d, nn.AdaptiveAvgPool2d: nn.AvgPool2d,
         nn.AdaptiveMaxPool1d: nn.MaxPool1d, nn.AdaptiveMaxPool2d: nn.MaxPool2d}


class Add(nn.Module):
    """The sum of two tensors of one shape."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Adds ``a`` and ``b``."""
        return a + b


class Join(nn.Module):
    """The channels of several tensors in order."""

    def forward(self, *parts: Tensor) -> Tensor:
        """Joins ``parts`` (N, channels, ...)."""
        return torch.cat(parts, 1)


class _Tracer(fx.Tracer):
    """Layers of PyTorch and of this package are not looked into."""

    def __init__(self):
        super().__init__()
        self.within: list[str] = []

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return m.__module__.startswith(PACKAGE) or super().is_leaf_module(
            m, module_qualified_name)

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...],
                    kwargs: Any) -> Any:
        self.within.append(self.path_of_module(m))
        made = super().call_module(m, forward, args, kwargs)
        self.within.pop()
        return made


def plain(model: nn.Module, x: Tensor) -> fx.GraphModule:
    """Traces a module; its layers are those of ``model`` itself, not copies.

    Each node has the shape of its output for the samples ``x`` (N, ...). QhwError, which names the
    module, if it cannot be traced or a call is none of a description's."""
    with evaluating(model):
        made = _traced(model)
        _shapes(made, x if x.is_floating_point() else x.float())
    for node in list(made.graph.nodes):
        if node.op in ("call_function", "call_method") and "shape" in node.meta:
            _as_modules(made, node)
    made.graph.eliminate_dead_code()
    for node in list(made.graph.nodes):
        if node.op == "call_module":
            _as_modules(made, node)
    made.graph.lint()
    made.recompile()
    return made


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Sets a model to evaluation without gradients, and each of its modules back after it."""
    before = [(m, m.training) for m in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in before:
            module.training = training


def _traced(model: nn.Module) -> fx.GraphModule:
    tracer = _Tracer()
    try:
        return fx.GraphModule(model, tracer.trace(model))
    except Exception as e:      # whatever a module's code does with what stands for a tensor
        name = tracer.within[-1] if tracer.within else ""
        of = type(model.get_submodule(name)).__name__
        raise QhwError(f"Module {name!r} (a {of}) cannot be traced: {_line(e)}. Its forward() must "
                       f"not branch on values or shapes; keep such code outside of the model"
                       ) from None


class _Shapes(fx.Interpreter):
    """Notes the shape of each tensor; computes in float32."""

    def run_node(self, n: fx.Node) -> Any:
        made = super().run_node(n)
        if isinstance(made, Tensor):
            n.meta["shape"] = tuple(made.shape)
        return made.float() if isinstance(made, Tensor) and made.is_floating_point() else made


def _shapes(made: fx.GraphModule, x: Tensor) -> None:
    runner = _Shapes(made)
    runner.extra_traceback = False
    try:
        runner.run(x)
    except Exception as e:      # PyTorch's errors about shapes and types
        at = next(n for n in made.graph.nodes if "shape" not in n.meta and n.op.startswith("call"))
        raise QhwError(f"Layer {layer_of(at)!r} fails on samples of the shape {tuple(x.shape)}: "
                       f"{_line(e)}") from None


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")


def layer_of(node: fx.Node) -> str:
    """Returns the path of the module that a node calls, or the node's name behind the path of the
    module whose code it is in."""
    if node.op == "call_module":
        return str(node.target)
    stack = list(node.meta.get("nn_module_stack", {}).values())
    return ".".join(filter(None, (stack[-1][0] if stack else "", node.name)))


def _as_modules(made: fx.GraphModule, node: fx.Node) -> None:
    """Replaces a call by those of modules that a description has.

    A module without parameters that is called twice becomes two."""
    if node.target in SUMS:
        return _replaced(made, node, Add(), _summed(node))
    if node.target in JOINS:
        return _replaced(made, node, Join(), _joined(node))
    module = made.get_submodule(str(node.target)) if node.op == "call_module" else None
    if isinstance(module, Add | Join):
        return
    if module is not None and len(node.all_input_nodes) != 1:
        raise QhwError(f"Layer {layer_of(node)!r}: a {type(module).__name__} of "
                       f"{len(node.all_input_nodes)} tensors cannot be described")
    try:
        modules = modules_of(node, module)
    except Refused as e:
        raise QhwError(f"Layer {layer_of(node)!r}: {e}") from None
    if module and modules == [module] and ([*module.parameters()] or _first(made, node)):
        return
    source = node.all_input_nodes[0]
    for k, one in enumerate(modules):
        name = layer_of(node) if one is not module else str(node.target)
        name = unused(made, name) if module is None or k or not _first(made, node) else name
        made.add_submodule(name, (deepcopy(one) if one is module else one).train(made.training))
        with made.graph.inserting_before(node):
            source = made.graph.call_module(name, (source,))
        source.meta = dict(node.meta)
        if k + 1 < len(modules):    # the pool of a mean
            source.meta["shape"] = (*node.meta["shape"], 1, 1)
    node.replace_all_uses_with(source)
    made.graph.erase_node(node)


def _first(made: fx.GraphModule, node: fx.Node) -> bool:
    """Whether no node before calls the same module."""
    return next(n for n in made.graph.nodes if n.target == node.target) is node


def _replaced(made: fx.GraphModule, node: fx.Node, module: nn.Module, parts: Sequence[fx.Node]
              ) -> None:
    """Replaces a call of a function by one of a module without parameters."""
    name = unused(made, layer_of(node))
    made.add_submodule(name, module)
    with made.graph.inserting_before(node):
        new = made.graph.call_module(name, tuple(parts))
    new.meta = dict(node.meta)
    node.replace_all_uses_with(new)
    made.graph.erase_node(node)


def _summed(node: fx.Node) -> Sequence[fx.Node]:
    parts: list[Any] = [*node.args, *node.kwargs.values()]
    if len(parts) != 2 or not all(isinstance(p, fx.Node) and "shape" in p.meta for p in parts):
        raise QhwError(f"Layer {layer_of(node)!r}: a description adds two tensors, and no numbers")
    return parts


def _joined(node: fx.Node) -> Sequence[fx.Node]:
    given: list[Any] = [*node.args, *node.kwargs.values()]
    dim = given[1] if len(given) > 1 else 0
    if dim % len(node.meta["shape"]) != 1:
        raise QhwError(f"Layer {layer_of(node)!r}: a description joins channels, not dimension "
                       f"{dim}")
    return given[0]


def unused(made: fx.GraphModule, name: str) -> str:
    """Returns a path that no module has yet: ``name``, or with a number behind it."""
    known = {path for path, _ in made.named_modules()}
    found, k = name, 1
    while found in known:
        found, k = f"{name}_{k}", k + 1
    return found


class Refused(Exception):
    """A call that no description has; the message says why."""


def modules_of(node: fx.Node, module: nn.Module | None = None) -> Sequence[nn.Module]:
    """Returns the modules that compute a call, in order; none if it changes nothing.

    Refused if a description has no such layer.

    Parameters
    ----------
    node : the call, of one tensor; it and its input have their shapes
    module : the module that is called; None for a function or a method"""
    before, after = node.all_input_nodes[0].meta["shape"], node.meta["shape"]
    if module is None:
        name = getattr(node.target, "__name__", str(node.target)).lstrip("_")
        if name == "mean":
            return _mean(node, before, after)
        module = _called(node, name)
    if isinstance(module, nn.Identity) or before == after and isinstance(module, nn.Flatten):
        return []
    if isinstance(module, nn.Flatten):
        if after != (before[0], prod(before[1:])):
            raise Refused(f"it makes {after[1:]} of {before[1:]}, and a description flattens alone")
        return [nn.Flatten()]
    if type(module) in SIZED:
        return _sized(SIZED[type(module)], before, after)
    return [module]


def _called(node: fx.Node, name: str) -> nn.Module:
    """The module of a function or method."""
    if name not in NAMES:
        raise Refused(f"a call of {name} cannot be described; use the module of torch.nn, or leave "
                      f"it outside of the model")
    maker, names = NAMES[name]
    if maker in (nn.Identity, nn.Flatten):
        return maker()
    given: dict[str, Any] = dict(zip(["input", *names.split()], node.args, strict=False))
    given |= node.kwargs
    taken = {*names.split()} - {"inplace", "training"}
    return maker(**{key: value for key, value in given.items() if key in taken})


def _mean(node: fx.Node, before: tuple[int, ...], after: tuple[int, ...]) -> list[nn.Module]:
    """The mean of whole images."""
    dims = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim")
    dims = [dims] if isinstance(dims, int) else list(dims or ())
    if sorted(d % len(before) for d in dims) != list(range(2, len(before))):
        raise Refused("a mean is described over all rows and columns alone")
    kind = nn.AvgPool1d if len(before) == 3 else nn.AvgPool2d
    return [kind(before[2:]), *[nn.Flatten()] * (len(after) == 2)]


def _sized(kind: type[nn.Module], before: tuple[int, ...], after: tuple[int, ...]
           ) -> list[nn.Module]:
    """The pool of a fixed window that an adaptive one is for images of this size."""
    sizes, parts = before[2:], after[2:]
    if any(size % part for size, part in zip(sizes, parts, strict=True)):
        raise Refused(f"an adaptive pool from {sizes} to {parts} has windows of different sizes")
    kernel = tuple(size // part for size, part in zip(sizes, parts, strict=True))
    return [kind(kernel)] if prod(kernel) > 1 else []

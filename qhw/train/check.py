"""Compares the integers of an exported network with PyTorch's, layer by layer."""

from pathlib import Path

import numpy as np
from torch import Tensor, fx, nn

from ..graph import Graph
from ..loaders import load
from ..lower import lower
from ..simulators.golden import evaluate, golden, host
from .activations import Activation, Input
from .describe import Described
from .export import described
from .tracing import evaluating

__all__ = ["differences"]


class _Codes(fx.Interpreter):
    """Collects the codes of the quantizers, channels last, by the layer's name."""

    def __init__(self, made: fx.GraphModule, of: Described):
        super().__init__(made)
        self.of, self.codes = of, dict[str, np.ndarray]()

    def run_node(self, n: fx.Node) -> Tensor:
        made = super().run_node(n)
        module = self.fetch_attr(str(n.target)) if n.op == "call_module" else None
        if isinstance(module, Activation) and len(module.tables()) == 1:
            codes = module.codes(made.numpy())
            if n in self.of.flat:
                codes = codes.reshape(len(codes), self.of.flat[n][0], -1)
            self.codes[self.of.names[n]] = np.moveaxis(codes, 1, -1).reshape(len(codes), -1)
        return made


def differences(model: nn.Module, folder: Path | str, x: Tensor) -> dict[str, int]:
    """Counts the integers of each layer in which the hardware of an exported model differs from
    the model itself; the last entry, ``output``, counts samples with another class or score.

    A layer that hardware merges with others is compared as it is described.

    Parameters
    ----------
    model : a model with an ``Input``, as ``prepare`` makes it
    folder : what ``export`` wrote
    x : samples (N, ...)"""
    graph = load(Path(folder))
    of = described(model, argmax=graph.output.op.kind == "argmax")
    assert of.graph is not None
    first = next(m for m in model.modules() if isinstance(m, Input))
    runner = _Codes(of.graph, of)
    with evaluating(of.graph):
        scores = runner.run(x).numpy()
    lowered = lower(graph)
    codes = first.codes(x).numpy().astype(np.int64)
    if codes.ndim == 3:
        codes = codes[:, :, None]
    samples = np.moveaxis(codes, 1, -1)
    integers = golden(lowered, samples)
    if any(not _same(graph, lowered, name) for name in runner.codes):
        integers = {**integers, **{name: value for name, value in evaluate(graph, samples).items()
                                   if not _same(graph, lowered, name)}}
    found = {name: int((value != integers[name].reshape(len(x), -1)).sum())
             for name, value in runner.codes.items()}
    ours = host(lowered, integers[lowered.hardware.output.name]).reshape(len(x), -1)
    if graph.output.op.kind == "argmax":
        wrong = scores.argmax(1) != ours[:, 0]
    else:
        theirs = np.moveaxis(scores, 1, -1).reshape(len(x), -1)
        wrong = ~np.isclose(theirs, ours, rtol=1e-12, atol=1e-12).all(1)
    return found | {"output": int(wrong.sum())}


def _same(graph: Graph, lowered: Graph, name: str) -> bool:
    """Whether the hardware has a layer of this name with the codes of the description; a maximum
    behind it may want others."""
    return name in lowered.by_name and (
        lowered.tensors[name].codes, lowered.tensors[name].coded) == (
        graph.tensors[name].codes, graph.tensors[name].coded)

"""Bias correction: the mean change of a layer's sums by the error of its weights is taken back.

Nagel et al., "Data-Free Quantization through Weight Equalization and Bias Correction", 2019 (arXiv
1906.04721), section 4.2: E[W x] - E[W' x], here with the mean x of samples."""

from dataclasses import replace
from functools import reduce

import numpy as np

from ..errors import ModelError
from ..graph import Graph, Op
from ..layers import Conv, Dense
from ..layers.weighted import Weighted
from ..simulators.golden import evaluate
from .places import batches

__all__ = ["corrected"]


def corrected(real: Graph, made: Graph, x: np.ndarray | None) -> Graph:
    """Adds to each layer's bias the mean loss of its outputs; ModelError without samples.

    Parameters
    ----------
    real : the graph with weights before quantization
    made : the same graph with quantized ones
    x : samples (N, *shape), whose layers' inputs are those of ``real``; or None
    """
    if x is None:
        raise ModelError("Biases are corrected by samples; add --calibrate FILE.npz")
    changed = [n for n in made.nodes if isinstance(n.op, Weighted)
               and n.op is not real.by_name[n.name].op]
    means = _means(real, {n.inputs[0] for n in changed}, x)
    ops: dict[str, Op] = {}
    for node in changed:
        assert isinstance(node.op, Conv | Dense)
        mean = means[node.inputs[0]]
        lost = real.by_name[node.name].op.evaluate(mean) - node.op.evaluate(mean)
        channels: int = lost.shape[-1]
        ops[node.name] = replace(node.op, bias=node.op.added + lost.reshape(-1, channels).mean(0))
    return made.replaced(replace(n, op=ops.get(n.name, n.op)) for n in made.nodes)


def _means(graph: Graph, names: set[str], x: np.ndarray) -> dict[str, np.ndarray]:
    """The mean of layers' real values over samples, (1, *shape) by name: a layer is linear, so
    nothing else matters."""
    sums: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for batch in batches(graph, x):
        values = evaluate(graph, batch)
        for name, parts in sums.items():
            tensor = graph.tensors[name]
            value = values[name] if tensor.codes is None else tensor.real(values[name])
            parts.append(value.sum(0, keepdims=True))
    return {name: reduce(np.add, parts) / len(x) for name, parts in sums.items()}

"""``load`` and ``inspect``: a network as it is read, before it is hardware."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import ModelError
from ..graph import Graph
from ..graph.source import Finding
from ..loaders import findings
from ..loaders import load as load_file
from ..quantization.prepare import Plan
from ..quantization.texts import Mix, mixed, requantized
from ..schemes import Scheme
from ..tools.html import table
from .networks import buildable

__all__ = ["Inspection", "inspect", "load"]


def load(model: str | Path, input_format: str | None = None,
         input_shape: tuple[int, ...] | None = None, *, scheme: Mix | Scheme | None = None,
         activations: str | None = None, calibration: np.ndarray | None = None,
         method: str = Plan.method, per_tensor: bool = False) -> Graph:
    """Loads a network by path or name; every verb takes the graph in place of the name.

    With ``scheme`` or ``activations`` it is quantized first, as ``compare`` does.

    Parameters
    ----------
    model : a path, or the name of a shipped model
    input_format : for ONNX files: the format of an input without a quantizer, such as
        "s8:scale=1/128"
    input_shape : for ONNX files: the input's shape without the batch, instead of the file's,
        (height, width, channels) or (inputs,)
    scheme : a scheme for all weights, an object or its text, or schemes by layer
    activations : format of real activations, such as ``u8``
    calibration : samples (N, *shape), for activations and schemes that look at inputs
    method : chooses scales of activations
    per_tensor : one scale for all weights of a layer

    Raises
    ------
    ModelError : if the network cannot be read, or does not take the scheme

    Examples
    --------
    >>> graph = qhw.load("digits-float", scheme=qhw.scheme("fixed", bits=3))
    >>> qhw.estimate(graph, "ice40up5k").layer("fc1").scheme
    'fixed:bits=3,narrow=True,multiplier=auto'
    """
    graph = load_file(model, input_format, input_shape)
    if scheme is None and activations is None:
        if calibration is not None or per_tensor or method != Plan.method:
            raise ModelError("calibration, method and per_tensor go with a scheme or activations")
        return graph
    text = (None if scheme is None else scheme.text if isinstance(scheme, Scheme) else
            mixed(scheme))
    return requantized(graph, text, calibration, Plan(activations, method=method),
                       per_tensor=per_tensor)


@dataclass(frozen=True)
class Inspection:
    """The result of reading a network: what each of its nodes becomes."""

    findings: tuple[Finding, ...]
    """One for each operator of a file, or layer of a description."""
    fault: str | None
    """Why a build would refuse the network, in a line; None if it would not."""

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """Lists the nodes that are not supported."""
        return tuple(f for f in self.findings if f.reason)

    def _repr_html_(self) -> str:
        return table(("node", "operator", "becomes", "shape", "format"), (
            (f.node.name, f.node.op, f.reason or f.became, "x".join(map(str, f.shape)), f.format)
            for f in self.findings))


def inspect(model: str | Path, input_format: str | None = None,
            input_shape: tuple[int, ...] | None = None) -> Inspection:
    """Reads a network and lists the result for each node, and why a build would refuse it.

    Parameters
    ----------
    model : path or name of the network
    input_format : for ONNX files: the format of an input without a quantizer
    input_shape : for ONNX files: another shape of the input, (height, width, channels) or
        (inputs,)

    Raises
    ------
    ModelError : if the file cannot be read at all

    Examples
    --------
    >>> seen = qhw.inspect("digits-binary")
    >>> seen.fault is None, seen.findings[0].node.op
    (True, 'input')
    """
    read = tuple(findings(model, input_format, input_shape))
    wrong = [f for f in read if f.reason]
    if wrong:
        first = wrong[0]
        return Inspection(read, f"{model}: {len(wrong)} of {len(read)} nodes are not supported; "
                                f"the first is {first.node.name!r} ({first.node.op}): "
                                f"{first.reason}")
    try:
        buildable(load_file(model, input_format, input_shape), model)
    except ModelError as e:
        return Inspection(read, str(e))
    return Inspection(read, None)

"""ONNX's activation functions of single elements that have parameters."""

from collections.abc import Callable

import numpy as np

from ....layers.functions import NAMED, Function
from ..file import OnnxNode
from ..operators import ANY, Only, handles
from ..reader import Reader
from ..values import Flow

__all__: list[str] = []


def _curve(reader: Reader, node: OnnxNode, function: Callable[[np.ndarray], np.ndarray],
           rises: bool = False) -> Flow:
    flow = reader.packed(reader.real(node))
    return reader.each(Function(node.op.lower(), function, rises), flow)


@handles("Elu", versions=(6, 22), alpha=ANY)
def _elu(reader: Reader, node: OnnxNode):
    alpha = float(node("alpha"))
    return _curve(reader, node, lambda x: np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)),
                  alpha >= 0)


@handles("Selu", versions=(6, 22), alpha=ANY, gamma=ANY)
def _selu(reader: Reader, node: OnnxNode):
    alpha, gamma = float(node("alpha")), float(node("gamma"))
    return _curve(reader, node, lambda x: gamma * (
        np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))), alpha >= 0 and gamma >= 0)


@handles("Celu", versions=(12,), alpha=ANY)
def _celu(reader: Reader, node: OnnxNode):
    alpha = float(node("alpha"))
    return _curve(reader, node, lambda x: np.maximum(x, 0) + np.minimum(
        alpha * np.expm1(x / alpha), 0), alpha > 0)


@handles("ThresholdedRelu", versions=(10, 22), alpha=ANY)
def _thresholded(reader: Reader, node: OnnxNode):
    alpha = float(node("alpha"))
    return _curve(reader, node, lambda x: np.where(x > alpha, x, 0), alpha >= 0)


@handles("Gelu", versions=(20,), approximate=Only("none", "tanh"))
def _gelu(reader: Reader, node: OnnxNode):
    made = NAMED["gelu_tanh" if node("approximate") == "tanh" else "gelu"]
    return reader.each(made, reader.packed(reader.real(node)))


@handles("Mish", versions=(18, 22))
def _mish(reader: Reader, node: OnnxNode):
    return reader.each(NAMED["mish"], reader.packed(reader.real(node)))

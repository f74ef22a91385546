"""TFLite's SVDF (Nakkiran et al., 2015): filters of rank 1, weights over an inference's features
times weights over time. Its state is the first weights' products with the inferences before."""

from dataclasses import replace

import numpy as np

from ....exact.window import Window
from ....layers import Conv, Dense
from ....ops import History
from ..operators import handles
from ..reader import CODES, Reader
from ..values import Coding, Flow, TFLiteNode, Unsupported
from .layers import bias_of, most_of, scheme_of
from .states import state_of

__all__: list[str] = []

FEATURES, TIME, BIAS, STATE = 1, 2, 3, 4
"""Inputs behind the first."""


def wrapped(x: np.ndarray) -> np.ndarray:
    """Integers of any shape as 8 bits keep them."""
    return (x + 128) % 256 - 128


@handles("SVDF", inputs=(5, 5))
def _svdf(reader: Reader, node: TFLiteNode):
    """A dense layer whose codes are kept for some inferences, then a convolution over time that
    sums the filters of each unit. The kernel leaves the fused activation out."""
    x, out = (reader.coding(k) for k in (node.inputs[0], node.outputs[0]))
    features, time = (_weights(reader, node, k) for k in (FEATURES, TIME))
    (filters, inputs), memory, rank = features.shape, time.shape[-1], node("rank")
    if len(time) != filters or rank < 1 or filters % rank:
        raise Unsupported(f"its weights {list(features.shape)} and {list(time.shape)} do not fit "
                          f"its rank {rank}")
    if {x.codes, out.codes} != {CODES["INT8"]} or reader.flow(node).shape != (1, inputs):
        raise Unsupported(f"its input must be {[1, inputs]} codes of INT8, and its output too")
    state, units = _state(reader, node, time.size), filters // rank
    made, most = _filtered(reader, node, features, state)
    if memory > 1:
        initial = np.full((memory - 1, filters), state.zero)
        made = reader.add(History(initial, zero=reader.tensors[made].zero), made, part="history")
    made = reader.viewed(Flow(made, (memory, filters)), (memory, 1, filters))
    weights = time.reshape(units, rank, memory).transpose(0, 2, 1).reshape(units, -1)
    bias = bias_of(reader, replace(node, inputs=(*node.inputs[:2], node.inputs[BIAS])), units)
    made = reader.add(Conv(*scheme_of(weights), Window((memory, 1)), units, bias=bias), made,
                      part="sum")
    reach = (np.abs(time).sum(axis=1) * most).reshape(units, rank).sum(axis=1)
    reach = reach if bias is None else reach + np.abs(bias)
    real = _scale(reader, node, STATE, TIME, node.outputs[0])
    return Flow(reader.rescaled(made, real, out, reach), (1, units))


def _filtered(reader: Reader, node: TFLiteNode, weights: np.ndarray, state: Coding
              ) -> tuple[str, np.ndarray]:
    """The layer of the newest row of the state, (1, filters), and the largest magnitude of each of
    its elements.

    The kernel saturates before it adds the zero point; a sum that leaves the codes wraps."""
    flow, x = reader.flow(node), reader.coding(node.inputs[0])
    made = reader.add(Dense(*scheme_of(weights)), reader.viewed(flow, weights.shape[1:]),
                      part="features")
    real, most = _scale(reader, node, 0, FEATURES, node.inputs[STATE]), most_of(weights, None, x)
    reach = np.minimum(np.ceil(most * real) + 1, state.most)
    lo, hi = (int(np.clip(n, state.codes.lo, state.codes.hi)) for n in (-reach.max(), reach.max()))
    if state.codes.lo <= lo + state.zero and hi + state.zero <= state.codes.hi:
        made = reader.rescaled(made, real, state, most, part="state")
    else:
        zero = state.zero
        made = reader.rescaled(made, real, replace(state, zero=0), most, part="saturated")
        made = reader.tabulated(made, node.op, lambda x: wrapped(x + zero) - zero, state, "state")
        reach = np.full(len(weights), state.most)
    return reader.viewed(Flow(made, (1, len(weights))), (1, len(weights))), reach


def _scale(reader: Reader, node: TFLiteNode, a: int, b: int, made: int) -> np.ndarray:
    """The scale of the product of the inputs ``a`` and ``b`` in units of the scale of the tensor
    ``made``, (1,)."""
    x, y, z = (reader.tensor(number).scales.astype(np.float64)
               for number in (node.inputs[a], node.inputs[b], made))
    return x * y / z


def _weights(reader: Reader, node: TFLiteNode, k: int) -> np.ndarray:
    """Integers (filters, inputs or inferences)."""
    data, tensor = reader.constant(node, k), reader.tensor(node.inputs[k])
    types = ("INT8", "INT16") if k == TIME else ("INT8",)
    if data is None or data.ndim != 2 or tensor.type not in types or len(tensor.scales) != 1 or (
            tensor.zeros.any()):
        raise Unsupported(f"its weights {tensor.name!r} must be a matrix of type "
                          f"{' or '.join(types)} with one scale and the zero point 0")
    return data.astype(np.int64)


def _state(reader: Reader, node: TFLiteNode, size: int) -> Coding:
    """The codes of a state of ``size`` elements."""
    coding, tensor = state_of(reader, node, STATE, (1, size)), reader.tensor(node.inputs[STATE])
    if tensor.type != reader.tensor(node.inputs[TIME]).type:
        raise Unsupported(f"its state {tensor.name!r} is of type {tensor.type}, and its weights "
                          f"over time are not")
    return coding

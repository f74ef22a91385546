"""TFLite's LSTM (Hochreiter and Schmidhuber, 1997) of integers: the inputs' share of the gates is a
dense layer over the steps, and the rest is one layer whose results come back."""

from dataclasses import replace
from math import log2

import numpy as np

from ....exact.num import Int
from ....layers import Dense, Rescale
from ....layers.rescale import fixed_point, reduced
from ....ops.lstm import Lstm
from ....ops.matvec import MatVec
from ..operators import handles
from ..reader import CODES, Reader
from ..schema import ACTIVATIONS
from ..values import Coding, Flow, TFLiteNode, Unsupported
from .layers import bias_of, most_of, scheme_of, weights_of
from .states import state_of

__all__: list[str] = []

ORDER = (1, 0, 2, 3)
"""Forget gate, input gate, new cell and output gate among the file's: input, forget, cell, output.
"""
INPUTS, RECURRENT, BIASES = 1, 5, 12
"""The first of four inputs each."""
HIDDEN, CELL = 18, 19
OTHERS = {"peepholes": range(9, 12), "a projection": range(16, 18),
          "layer normalization": range(20, 24)}
GATE = Coding(np.float32(2**-12), 0, CODES["INT16"])
POINT = 2.0**-15
"""The scale of sigmoids and tangents."""
POWERS = range(-15, 1)
"""Exponents of a cell state's scale."""


@handles("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs=(24, 24))
def _lstm(reader: Reader, node: TFLiteNode):
    _check(reader, node)
    flow, x = reader.flow(node), reader.coding(node.inputs[0])
    steps, inputs = _sizes(reader, node, flow)
    weights, recurrent = (_weights(reader, node, first) for first in (INPUTS, RECURRENT))
    units = recurrent[0].shape[-1]
    if any(w.shape != (units, n) for ws, n in ((weights, inputs), (recurrent, units)) for w in ws):
        raise Unsupported(f"its weights {[list(w.shape) for w in (*weights, *recurrent)]} do not "
                          f"fit its {inputs} inputs")
    matrix, bias = np.stack(weights, axis=1).reshape(-1, inputs), _bias(reader, node, units)
    made = reader.add(Dense(*scheme_of(matrix), bias), reader.viewed(flow, (steps, inputs)),
                      part="sum")
    real = np.tile(_scales(reader, node, x, INPUTS), units)
    made = reader.rescaled(made, real, GATE, most_of(matrix, bias, x), single=_wide(x),
                           part="gates")
    loop = _recurrent(reader, node, recurrent, _hidden(reader, node, units))
    return Flow(reader.add(loop, made), (*flow.shape[:-1], units))


def _check(reader: Reader, node: TFLiteNode) -> None:
    """Unsupported if the operator is of a kind that the kernel does not take."""
    for what, numbers in OTHERS.items():
        if any(node.inputs[k] >= 0 for k in numbers):
            raise Unsupported(f"it has {what}, which is not supported")
    if min(node.inputs[k] for k in (*range(INPUTS, INPUTS + 8), *range(BIASES, BIASES + 4))) < 0:
        raise Unsupported("its input and forget gates are coupled, or a bias is left out, which is "
                          "not supported")
    if node("activation") != ACTIVATIONS.index("TANH"):
        raise Unsupported("its activation is not TANH")
    if node("cell_clip") < 0:
        raise Unsupported(f"its cell_clip is {node('cell_clip')}")
    if node("diagonal_recurrent_tensors"):
        raise Unsupported("its recurrent weights are diagonals, which is not supported")


def _sizes(reader: Reader, node: TFLiteNode, flow: Flow) -> tuple[int, int]:
    """Steps of a sequence and inputs of a step."""
    batch = 1 if node("time_major") else 0
    if len(flow.shape) != 3 or flow.shape[batch] != 1:
        raise Unsupported(f"its input has the shape {list(flow.shape)}, and it must be one sequence"
                          f" of steps")
    return flow.shape[1 - batch], flow.shape[2]


def _wide(x: Coding) -> bool:
    return x.codes.width > 8


def _weights(reader: Reader, node: TFLiteNode, first: int) -> list[np.ndarray]:
    """The weights of the four gates, (units, inputs) each."""
    found: list[np.ndarray] = []
    for k in ORDER:
        number = node.inputs[first + k]
        data, scales = weights_of(reader, replace(node, inputs=(node.inputs[0], number)), 0)
        tensor = reader.tensor(number)
        if tensor.type != "INT8" or len(scales) > 1 or data.ndim != 2:
            raise Unsupported(f"its weights {tensor.name!r} must be a matrix of type INT8 with one "
                              f"scale")
        found.append(data)
    return found


def _bias(reader: Reader, node: TFLiteNode, units: int) -> np.ndarray:
    """The biases of the gates of each unit in turn, (4 * units,)."""
    every = [bias_of(reader, replace(node, inputs=(*node.inputs[:2], node.inputs[BIASES + k])),
                     units) for k in ORDER]
    return np.stack([b for b in every if b is not None], axis=1).ravel()


def _scales(reader: Reader, node: TFLiteNode, x: Coding, first: int) -> np.ndarray:
    """The scale of the product of codes and weights, for each gate, in steps of a gate."""
    scales = [reader.tensor(node.inputs[first + k]).scales[0] for k in ORDER]
    return np.float64(x.scale) * np.array(scales, np.float64) / np.float64(GATE.scale)


def _hidden(reader: Reader, node: TFLiteNode, units: int) -> Coding:
    """The codes of the hidden state, which those of the output are, whatever its scale."""
    x, made = reader.coding(node.inputs[0]), state_of(reader, node, HIDDEN, (1, units))
    if x.codes not in (CODES["INT8"], CODES["INT16"]) or made.codes != x.codes or _wide(x) and (
            x.zero or made.zero):
        raise Unsupported("its input and its hidden state must both be codes of INT8, or of INT16 "
                          "without a zero point")
    return made


def _recurrent(reader: Reader, node: TFLiteNode, weights: list[np.ndarray], out: Coding) -> Lstm:
    """The layer of the loop."""
    state = state_of(reader, node, CELL, (1, len(weights[0])))
    power = log2(state.scale)
    if state.codes != CODES["INT16"] or state.zero or power not in POWERS:
        raise Unsupported(f"its cell state must be codes of INT16 without a zero point, with a "
                          f"scale from 2**{POWERS[0]} to {2**POWERS[-1]} that is a power of 2")
    matrix = np.stack(weights, axis=1).reshape(-1, len(weights[0]))
    scheme, codes = scheme_of(matrix)
    gates = _rescale(_scales(reader, node, out, RECURRENT), GATE, single=_wide(out))
    most = int((np.abs(matrix).sum(axis=1) * out.most).max())
    if most * 2.0 ** max(int(gates.shift.max()), 0) >= 1 << 31:
        raise Unsupported(f"its sums can reach {most} where the kernel has 32 bits")
    cell = _rescale(np.array([POINT, POINT**2 / float(state.scale)]), GATE)
    hidden = _rescale(np.array([POINT**2 / float(out.scale)]), out)
    return Lstm(MatVec(scheme, codes.codes, -out.zero * matrix.sum(axis=1), codes.table), gates,
                cell, _cells(node, state), int(power) + 12, hidden)


def _rescale(real: np.ndarray, out: Coding, *, single: bool = False) -> Rescale:
    """The kernel's multipliers and shifts of some scales."""
    multiplier, shift = np.array([fixed_point(float(r)) for r in real], np.int64).T
    if single:
        multiplier = np.array([reduced(int(m)) for m in multiplier])
    return Rescale(multiplier, shift, out.codes, out.zero, single)


def _cells(node: TFLiteNode, state: Coding) -> Int:
    """The interval to which the cell state is limited."""
    clip = float(node("cell_clip"))
    if not clip:
        return state.codes
    end = int(min(clip / float(state.scale), state.codes.hi))
    return Int(-end, end)

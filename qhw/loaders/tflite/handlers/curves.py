"""TFLite's functions of one element: tables of the reference kernels' integers."""

import numpy as np

from ....layers.softmax import Last
from ..kernels import Curve, HardSwish, Leaky
from ..operators import handles
from ..reader import Reader
from ..values import Coding, TFLiteNode

__all__: list[str] = []


@handles("RELU")
def _relu(reader: Reader, node: TFLiteNode):
    flow, x, y = reader.flow(node), reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    out = Coding(y.scale, y.zero, reader.clipped(y, 0, None))
    real = np.float64(x.scale) / np.float64(y.scale)
    return flow.at(reader.rescaled(flow.node, np.array([real]), out, x.most))


@handles("RELU6")
def _relu6(reader: Reader, node: TFLiteNode):
    """The codes stay as they are, within limits of the input's scale."""
    flow, x, y = reader.flow(node), reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    made = reader.clamped(flow.node, Coding(x.scale, x.zero, reader.clipped(x, 0, 6)))
    return flow.at(reader.clamped(made, y))


@handles("LOGISTIC")
@handles("TANH")
@handles("HARD_SWISH")
@handles("LEAKY_RELU")
def _curve(reader: Reader, node: TFLiteNode):
    """A table; a sigmoid at the network's end is the host's."""
    flow, x, y = reader.flow(node), reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    if node.op == "LEAKY_RELU":
        function = Leaky(node("alpha"), x, y)
    else:
        function = HardSwish(x, y) if node.op == "HARD_SWISH" else Curve(node.op, x, y)
    if node.op == "LOGISTIC" and node.outputs[0] in reader.file.ending:
        return flow.at(reader.add(Last("logistic", function), flow.node))
    return flow.at(reader.tabulated(flow.node, node.op, function, y))

"""TFLite's pooling: sums whose quotient the kernel rounds away from zero, and the largest code."""

from fractions import Fraction

from ....exact.num import Rounding
from ....layers import Quantize
from ....layers.pool import AveragePool
from ....ops.pooling import Pooling
from ..operators import handles
from ..reader import Reader
from ..values import Flow, TFLiteNode, Unsupported
from .layers import window_of

__all__: list[str] = []


@handles("MAX_POOL_2D")
def _max_pool(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    window = window_of(node, (node("filter_height"), node("filter_width")), flow)
    out = reader.activated(node.outputs[0], node("activation"))
    made = reader.clamped(reader.add(Pooling(window, "max"), reader.image(flow)), out)
    return Flow(made, (1, *reader.tensors[made].shape))


@handles("AVERAGE_POOL_2D")
def _average_pool(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    window = window_of(node, (node("filter_height"), node("filter_width")), flow)
    if any(window.pads):
        raise Unsupported("an average whose pads do not count is not supported", "pad its input")
    out, x = reader.activated(node.outputs[0], node("activation")), reader.image(flow)
    zero = int(reader.tensors[x].zero)
    mean = reader.add(AveragePool(window), x, part="mean")
    made = reader.add(Quantize(out.codes, Fraction(1), zero, Rounding.HALF_AWAY), mean)
    return Flow(reader.clamped(made, out), (1, *reader.tensors[made].shape))

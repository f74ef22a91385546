"""TFLite's operators that join tensors and repeat or reorder their parts: codes as they are."""

from fractions import Fraction
from math import prod

import numpy as np

from .... import limits
from ....exact.num import Int
from ....layers import Quantize
from ....ops import Reorder, Take
from ..operators import handles
from ..reader import Reader
from ..values import Flow, TFLiteNode, TFLiteTensor, Unsupported
from .moves import axis_of, gathered, joined, repeated, sliced

__all__: list[str] = []


def codes_of(reader: Reader, node: TFLiteNode, k: int) -> Flow:
    """Returns the codes of input ``k`` of an operator, an index, with the zero point of its first
    output; a constant becomes a layer of ``reader``."""
    found, zero = reader.values.get(node.inputs[k]), reader.coding(node.outputs[0]).zero
    if not isinstance(found, TFLiteTensor):
        return reader.recoded(reader.flow(node, k), zero, f"codes{k}")
    if found.type != reader.tensor(node.outputs[0]).type:
        raise Unsupported(f"its input {k} is of type {found.type}")
    return Flow(_constant(reader, np.asarray(reader.constant(node, k)).ravel(), zero, f"part{k}"),
                found.shape)


def _constant(reader: Reader, codes: np.ndarray, zero: int, part: str) -> str:
    """Adds a layer of constant codes (n,): an element of the network's input, times 0."""
    first = reader.input
    if first is None or codes.size > limits.CHANNELS:
        raise Unsupported(f"its constant of {codes.size} elements cannot be joined to others")
    size = reader.tensors[first].size
    one = reader.add(Take(0, 1), reader.viewed(Flow(first, (size,)), (size,)), part=f"{part}_one")
    every = reader.add(Reorder(1, ((codes.size, 0),), codes.shape), one, part=f"{part}_every")
    made = reader.affine(every, 0, codes.astype(np.int64) - zero, f"{part}_real")
    return reader.add(Quantize(Int.of(codes), Fraction(1), zero), made, part=part)


@handles("CONCATENATION", inputs=(1, 1 << 10))
def _concatenation(reader: Reader, node: TFLiteNode):
    """Codes as they are: the kernel of 8 bits refuses several scales, that of 16 bits does not look
    at them."""
    out = reader.activated(node.outputs[0], node("activation"))
    for x in map(reader.coding, node.inputs):
        if out.codes.width == 8 and (x.scale, x.zero) != (out.scale, out.zero):
            raise Unsupported("its inputs and output have several scales or zero points, which the "
                              "kernel does not bring together", "quantize them alike")
    flows = [codes_of(reader, node, k) for k in range(len(node.inputs))]
    made = joined(reader, flows, axis_of(node("axis"), flows[0]))
    return made.at(reader.clamped(made.node, out))


@handles("PACK", inputs=(1, 1 << 10))
def _pack(reader: Reader, node: TFLiteNode):
    """Joins along a new dimension."""
    flows = [codes_of(reader, node, k) for k in range(len(node.inputs))]
    rank = len(flows[0].shape) + 1
    if not -rank <= (axis := node("axis")) < rank:
        raise Unsupported(f"there is no dimension {axis} in {rank}")
    axis %= rank
    return joined(reader, [Flow(f.node, (*f.shape[:axis], 1, *f.shape[axis:])) for f in flows],
                  axis)


@handles("UNPACK")
def _unpack(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    axis = axis_of(node("axis"), flow)
    if len(node.outputs) != flow.shape[axis]:
        raise Unsupported(f"it has {len(node.outputs)} outputs of {list(flow.shape)}")
    made: list[Flow] = []
    for k, number in enumerate(node.outputs):
        reader.current = reader.tensor(number).name
        part = sliced(reader, flow, [(k, 1, 1) if a == axis else (0, n, 1)
                                     for a, n in enumerate(flow.shape)])
        made.append(Flow(part.node, (*flow.shape[:axis], *flow.shape[axis + 1:])))
    return made


@handles("GATHER", inputs=(2, 2))
def _gather(reader: Reader, node: TFLiteNode):
    flow, indices = reader.flow(node), reader.integers(node, 1)
    axis = axis_of(node("axis"), flow)
    if node("batch_dims"):
        raise Unsupported("it has indices for each part of a batch")
    if not indices or min(indices) < 0 or max(indices) >= flow.shape[axis]:
        raise Unsupported(f"its indices do not fit {list(flow.shape)}")
    made = gathered(reader, flow, axis, indices)
    given = reader.tensor(node.inputs[1]).shape
    return Flow(made.node, (*flow.shape[:axis], *given, *flow.shape[axis + 1:]))


@handles("REVERSE_V2", inputs=(2, 2))
def _reverse(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    for axis in reader.integers(node, 1):
        axis = axis_of(axis, flow)
        flow = gathered(reader, flow, axis, range(flow.shape[axis] - 1, -1, -1))
    return flow


@handles("BROADCAST_TO", inputs=(2, 2))
def _broadcast(reader: Reader, node: TFLiteNode):
    flow, shape = reader.flow(node), reader.integers(node, 1)
    if min(shape, default=1) < 1 or np.broadcast_shapes(flow.shape, shape) != shape:
        raise Unsupported(f"it makes {list(shape)} of {list(flow.shape)}")
    if prod(shape) > limits.LAYER_ELEMENTS:
        raise Unsupported(f"its shape {list(shape)} is too large")
    return repeated(reader, flow, shape, "all")


@handles("TILE", inputs=(2, 2))
def _tile(reader: Reader, node: TFLiteNode):
    flow, times = reader.flow(node), reader.integers(node, 1)
    if len(times) != len(flow.shape) or min(times) < 1 or (
            prod(flow.shape) * prod(times) > limits.LAYER_ELEMENTS):
        raise Unsupported(f"its repetitions {list(times)} do not fit {list(flow.shape)}")
    for axis, n in enumerate(times):
        own, block = flow.shape, prod(flow.shape[axis:])
        shape = (*own[:axis], own[axis] * n, *own[axis + 1:])
        if n > 1:
            op = Reorder(block, ((n, 0), (block, 1)), shape[1:] or shape)
            flow = Flow(reader.add(op, flow.node, part=f"repeated{axis}"), shape)
    return flow

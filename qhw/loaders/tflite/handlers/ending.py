"""TFLite's operators between real numbers and codes, and operators that the host computes at the
end."""

from dataclasses import replace
from math import prod

import numpy as np

from ....exact.num import Int
from ....layers import Input
from ....layers.single import SingleQuantize
from ....layers.softmax import Last
from ..kernels import LogSoftmax, Normalized, SingleSoftmax, within
from ..kernels import Softmax as IntegerSoftmax
from ..operators import handles
from ..reader import Reader
from ..values import Flow, Given, TFLiteNode, Unsupported
from ..wide import WideSoftmax

__all__: list[str] = []


@handles("RESHAPE", inputs=(1, 2))
@handles("SQUEEZE")
@handles("EXPAND_DIMS", inputs=(2, 2))
def _reshape(reader: Reader, node: TFLiteNode):
    """The elements stay where they are; the file has the shape with its unknown size filled in."""
    shape = reader.tensor(node.outputs[0]).shape
    found = reader.values.get(node.inputs[0])
    if isinstance(found, Given):
        if prod(shape) != prod(found.shape):
            raise Unsupported(f"it makes {list(shape)} of {list(found.shape)}")
        return Given(found.name, shape, found.given)
    flow = reader.padded(reader.plain(node))
    if prod(shape) != prod(flow.shape):
        raise Unsupported(f"it makes {list(shape)} of {list(flow.shape)}")
    if blocks := _kept(flow, shape):
        return replace(flow, shape=shape, blocks=blocks)
    flow = reader.dealt(flow)
    if flow.real or reader.tensors[flow.node].codes is None:
        made = Flow(flow.node, shape, real=flow.real)
        return made.at(reader.viewed(made, made.own))
    return Flow(flow.node, shape)


def _kept(flow: Flow, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The parts of the dimensions of ``shape`` if it differs from a flow's by dimensions of size 1
    alone; otherwise empty."""
    pairs = zip(flow.shape[1:], flow.blocks, strict=False)
    kept = [(n, b) for n, b in pairs if n > 1 or b > 1]
    if shape[:1] != flow.shape[:1] or [n for n, _ in kept] != [n for n in shape[1:] if n > 1]:
        return ()
    parts = iter(b for _, b in kept)
    return tuple(next(parts) if n > 1 else 1 for n in shape[1:])


@handles("QUANTIZE")
def _quantize(reader: Reader, node: TFLiteNode):
    coding = reader.coding(node.outputs[0])
    found = reader.values.get(node.inputs[0])
    if isinstance(found, Flow) and node.inputs[0] in reader.file.inputs and (
            reader.tensor(node.inputs[0]).type == "FLOAT32"):
        return found        # one of several inputs, which have their quantizers
    if isinstance(found, Given):
        if reader.input is not None:
            raise Unsupported("the network's input is quantized already", "quantize it once")
        near = SingleQuantize(coding.codes, float(coding.scale), coding.zero)
        shape = found.shape[1:] or found.shape
        given = found.given[1:] or found.given
        op = Input(shape, coding.codes, near.scale, near.format.zero, steps=(near,), given=given,
                   order=None if given == shape else np.arange(prod(shape)))
        return Flow(reader.add(op), found.shape)
    flow, before = reader.flow(node), reader.coding(node.inputs[0])
    real = np.float64(before.scale) / np.float64(coding.scale)
    return flow.at(reader.rescaled(flow.node, np.array([real]), coding, before.most))


@handles("DEQUANTIZE")
def _dequantize(reader: Reader, node: TFLiteNode):
    source = reader.tensor(node.inputs[0])
    if source.data is not None:
        raise Unsupported(f"it makes real weights of {source.type} for a layer in floating point",
                          "quantize the whole network")
    flow = reader.flow(node)
    made = reader.dequantized(flow.node, reader.coding(node.inputs[0]))
    return Flow(made, flow.shape, real=True)


@handles("SOFTMAX")
@handles("LOG_SOFTMAX")
def _softmax(reader: Reader, node: TFLiteNode):
    """Over the last dimension; of real numbers in floating point."""
    flow, plain = reader.dealt(reader.plain(node)), node.op == "LOG_SOFTMAX"
    beta = 1.0 if plain else float(node("beta"))
    rows = reader.viewed(flow, flow.own)
    if flow.real:
        made = reader.add(Last(node.op.lower(), SingleSoftmax(beta, plain)), rows)
        return Flow(made, flow.shape, real=True)
    x, y = reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    if x.codes.width == 16 and not plain:
        if y.codes != x.codes or y.zero or abs(float(y.scale) * 32768 - 1) > 0.001:
            raise Unsupported("its output has another scale than the kernel's")
        return Flow(reader.add(Last("softmax", WideSoftmax(beta, x, y)), rows), flow.shape)
    wanted = (0.0625, 127) if plain else {8: (1 / 256, y.codes.lo), 16: (1 / 65536, -32768)}.get(
        y.codes.width)
    near = 0.001 * (y.codes.width == 16)
    if x.codes.width != 8 or wanted is None or plain and y.codes != Int(-128, 127) or (
            y.zero != wanted[1] or abs(float(y.scale) / wanted[0] - 1) > near):
        raise Unsupported("its output has another scale than the kernel's, or another type than "
                          "8 bits")
    made = LogSoftmax(x, y) if plain else IntegerSoftmax(beta, x, y)
    return Flow(reader.add(Last(node.op.lower(), made), rows), flow.shape)


@handles("L2_NORMALIZATION")
def _normalized(reader: Reader, node: TFLiteNode):
    """Adds the host's normalization of the last dimension."""
    flow, x, y = reader.flow(node), reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    if x.codes != Int(-128, 127) or y.codes != x.codes or node("activation"):
        raise Unsupported("it is supported of INT8 alone, without an activation")
    rows = reader.viewed(flow, flow.own)
    within(float(x.most)**2 * reader.tensors[rows].channels, 0)
    return Flow(reader.add(Last("l2_normalization", Normalized(x, y)), rows), flow.shape)

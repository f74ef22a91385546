"""Reads a TFLite graph into our layers: the state that handlers of operators share.

All scales are 1. The real numbers of a layer are the file's codes minus their zero point, so that
sums equal the sums of the reference kernels; only multipliers contain the file's scales."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod

import numpy as np

from ... import limits
from ...errors import ModelError
from ...exact.num import Int, Rounding
from ...exact.window import Window
from ...graph import Node, Op, Tensor
from ...layers import Affine, Function, Input, Quantize, Rescale, Reshape
from ...layers.rescale import fixed_point, reduced
from ...layers.shapes import Recode
from ...names import unused
from ...ops import Reorder, Take
from ...ops.pooling import Pooling
from .file import TFLiteFile
from .schema import ACTIVATIONS
from .values import (
    Coding,
    Flow,
    Given,
    Lost,
    TFLiteNode,
    TFLiteTensor,
    Unsupported,
    Value,
    Variable,
)

__all__ = ["CODES", "MOVES", "Reader", "safe"]

CODES = {"INT8": Int(-128, 127), "UINT8": Int(0, 255), "INT16": Int(-32768, 32767),
         "INT32": Int(-(1 << 31), (1 << 31) - 1)}
"""Codes of activations by their type."""
CONVERTING = ("ARG_MAX", "ARG_MIN", "DEQUANTIZE", "QUANTIZE", "SHAPE", "SOFTMAX")
"""Operators whose output may be of another type than their input."""
MOVES = (Reshape, Recode, Take, Reorder)
"""Layers that move elements of one layer."""


def safe(name: str) -> str:
    """Makes a layer's name from a tensor's name; a fused operator has several, of which the first
    is used."""
    found = re.sub(r"[^A-Za-z0-9]+", "_", name.partition(";")[0]).strip("_")
    return found if found[:1].isalpha() else f"t{found}"


class Reader:
    """The layers made so far, and the file's tensors by number."""

    def __init__(self, file: TFLiteFile):
        self.file = file
        self.nodes: list[Node] = []
        self.tensors: dict[str, Tensor] = {}
        self.values: dict[int, Value] = {
            k: t for k, t in enumerate(file.tensors) if t.data is not None and not t.variable}
        self.variables: dict[tuple[str, str], Variable] = {}
        """By container and name."""
        self.unjoined: dict[str, Variable] = {}
        """Variables by the layers that have their elements from the inferences before."""
        self.current = ""

    @property
    def input(self) -> str | None:
        """The name of the layer of the network's input; None before it is quantized."""
        return next((n.name for n in self.nodes if type(n.op) is Input), None)

    # -- what handlers ask for

    def tensor(self, number: int) -> TFLiteTensor:
        """Returns a tensor's description; Unsupported if the tensor cannot be read."""
        found = self.file.tensors[number]
        if found.fault:
            raise Unsupported(f"its tensor {found.name!r}: {found.fault}")
        return found

    def flow(self, node: TFLiteNode, k: int = 0) -> Flow:
        """Returns input ``k`` of an operator, an index, as computed codes, with its pads added by a
        layer.

        Unsupported if the input is a constant or real."""
        found = self.plain(node, k)
        if found.real:
            raise Unsupported("it computes in floating point", "quantize the whole network")
        return self.dealt(found)

    def plain(self, node: TFLiteNode, k: int = 0) -> Flow:
        """Returns input ``k`` of an operator, an index, unchanged: real or codes, perhaps with pads
        or blocks that no layer makes yet."""
        found = self.values.get(node.inputs[k]) if node.inputs[k] >= 0 else None
        self.tensor(node.inputs[k])
        if isinstance(found, Given):
            raise Unsupported("it reads the network's input, which is real-valued",
                              "quantize the whole network")
        if not isinstance(found, Flow):
            raise Unsupported(f"its input {k} is a constant, a state or missing, not a layer's "
                              f"output")
        return found

    def constant(self, node: TFLiteNode, k: int) -> np.ndarray | None:
        """Returns input ``k`` of an operator, an index, as an array of the file's numbers; None if
        it is left out.

        Unsupported if layers compute it."""
        if k >= len(node.inputs) or node.inputs[k] < 0:
            return None
        self.tensor(node.inputs[k])
        found = self.values.get(node.inputs[k])
        if not isinstance(found, TFLiteTensor):
            raise Unsupported(f"its input {k} must be a constant")
        return found.data

    def integers(self, node: TFLiteNode, k: int) -> tuple[int, ...]:
        """Returns input ``k`` of an operator, an index, as constant integers, such as a shape.

        Unsupported if it is not constant."""
        found = self.constant(node, k)
        if found is None or found.dtype.kind != "i":
            raise Unsupported(f"its input {k} must be constant integers")
        return tuple(int(n) for n in found.ravel())

    def coding(self, number: int) -> Coding:
        """Returns scale, zero point and codes of an activation; Unsupported if it has several
        scales or none."""
        tensor = self.tensor(number)
        if tensor.type not in CODES:
            raise Unsupported(f"its tensor {tensor.name!r} has elements of type {tensor.type}, and "
                              f"only {', '.join(CODES)} are supported",
                              "quantize the whole network")
        if len(tensor.scales) != 1:
            raise Unsupported(f"its tensor {tensor.name!r} has {len(tensor.scales)} scales, and an "
                              f"activation has one", "quantize the whole network")
        zero, codes = int(tensor.zeros[0]), CODES[tensor.type]
        if not codes.lo <= zero <= codes.hi:
            raise Unsupported(f"its tensor {tensor.name!r} has the zero point {zero}, which is "
                              f"none of its codes {codes}")
        return Coding(tensor.scales[0], zero, codes)

    def alike(self, node: TFLiteNode) -> None:
        """Unsupported if an operator's activations are of several types, and it is none that
        converts them."""
        flows = [k for k in node.inputs if isinstance(self.values.get(k), Flow)]
        types = {self.tensor(k).type: None for k in (*flows, *node.outputs)}
        if flows and len(types) > 1 and node.op not in CONVERTING:
            raise Unsupported(f"its inputs and outputs are of the types {' and '.join(types)}, and "
                              f"it does not convert them")

    def activated(self, number: int, activation: int) -> Coding:
        """Returns the coding of a tensor; a fused activation narrows its codes."""
        coding = self.coding(number)
        name = ACTIVATIONS[activation] if 0 <= activation < len(ACTIVATIONS) else str(activation)
        ends = {"NONE": (None, None), "RELU": (0, None), "RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1)}
        if name not in ends:
            raise Unsupported(f"its fused activation {name} is not supported")
        codes = self.clipped(coding, *ends[name])
        return Coding(coding.scale, coding.zero, codes)

    def clipped(self, coding: Coding, low: float | None, high: float | None) -> Int:
        """Computes the codes between the real numbers ``low`` and ``high``, rounded as the
        reference kernels do.

        ``coding`` is the tensor's coding; a limit that is None does not apply. Unsupported if no
        code is left."""
        def code(value: float) -> int:
            steps = np.float64(np.float32(value) / coding.scale)
            if abs(steps) >= 1 << 31:
                raise Unsupported(f"its output's scale {coding.scale} is too small for its "
                                  f"activation in 32 bits")
            return coding.zero + int(Rounding.HALF_AWAY.real(np.asarray(steps)))
        lo = coding.codes.lo if low is None else max(coding.codes.lo, code(low))
        hi = coding.codes.hi if high is None else min(coding.codes.hi, code(high))
        if lo > hi:
            raise Unsupported(f"its activation leaves no code between {lo} and {hi}")
        return Int(lo, hi)

    # -- layers

    def add(self, op: Op, *inputs: str, part: str = "") -> str:
        """Adds a layer and returns its name.

        The name is that of the tensor that the operator makes, with ``part`` appended if this is
        not the operator's last layer. Unsupported if the layer does not fit its inputs."""
        name = unused(safe(self.current) + (f"_{part}" if part else ""), self.tensors)
        try:
            made = op.infer(*(self.tensors[i] for i in inputs))
        except (ModelError, ValueError) as e:
            raise Unsupported(str(e)) from None
        for what, count, most in (("elements", made.size, limits.LAYER_ELEMENTS),
                                  ("channels", made.channels, limits.CHANNELS)):
            if count > most:
                raise Unsupported(f"its output would have {count} {what}, more than {most}")
        for variable in (self.unjoined[i] for i in inputs if i in self.unjoined):
            if not isinstance(op, MOVES):
                raise Unsupported(f"it computes with the variable {variable.name!r}, which is only "
                                  f"supported where it is joined with new rows",
                                  "keep the rows of a streaming convolution in it")
            self.unjoined[name] = variable
        self.nodes.append(Node(name, op, inputs))
        self.tensors[name] = made
        return name

    def viewed(self, flow: Flow, shape: tuple[int, ...]) -> str:
        """Adds a layer with the elements of a flow in ``shape``, without the batch; returns its
        name. A shape without dimensions becomes one element."""
        shape = shape or (1,)
        if self.tensors[flow.node].shape == shape:
            return flow.node
        if prod(shape) != self.tensors[flow.node].size:
            raise Unsupported(f"its input has shape {list(flow.shape)}, not {list(shape)}")
        return self.add(Reshape(shape), flow.node, part="view")

    def image(self, flow: Flow) -> str:
        """Adds a layer of rows, columns and channels, from a flow with a batch of 1; returns its
        name."""
        shape, (top, left, bottom, right) = flow.whole, flow.pads
        if len(shape) != 4 or shape[0] != 1:
            raise Unsupported(f"it needs one image of rows, columns and channels, and its input "
                              f"has shape {list(shape)}")
        return self.viewed(flow, (shape[1] - top - bottom, shape[2] - left - right, shape[3]))

    def padded(self, flow: Flow) -> Flow:
        """Adds a layer for the pads of a flow; returns a flow without pads."""
        if not any(flow.pads):
            return flow
        x = self.image(flow)
        zero = self.tensors[x].zero
        window = Window((1, 1), pads=flow.pads)
        made = self.add(Pooling(window, "sum", fill=int(zero)), x, part="pads")
        return replace(flow, node=self.add(Recode(Fraction(1), zero), made, part="padded"),
                       pads=(0, 0, 0, 0))

    def dealt(self, flow: Flow) -> Flow:
        """Adds layers for the pads and the blocks of a flow; returns a flow without both."""
        flow = self.padded(flow)
        if not flow.blocks:
            return flow
        inner = [prod(flow.whole[k + 1:]) for k in range(1, len(flow.whole))]
        loops = [(b, s) for b, s in zip(flow.blocks, inner, strict=True)]
        loops += [(n, b * s) for n, b, s in zip(flow.shape[1:], flow.blocks, inner, strict=True)]
        made = self.reordered(flow.node, prod(flow.shape), loops, flow.shape, "dealt")
        return Flow(made, flow.shape, real=flow.real)

    def reordered(self, source: str, block: int, loops: Sequence[tuple[int, int]],
                  shape: tuple[int, ...], part: str = "") -> str:
        """Adds a layer that reads blocks of the elements of ``source`` by nested loops of (count,
        stride); returns its name, or that of the source in ``shape`` if the elements stay where
        they are."""
        op = Reorder(block, tuple(p for p in loops if p[0] > 1) or ((1, 1),), shape)
        if np.array_equal(op.order, np.arange(block)):
            return self.viewed(Flow(source, shape), shape)
        return self.add(op, source, part=part)

    def recoded(self, flow: Flow, zero: int, part: str) -> Flow:
        """Adds a layer that gives the codes of ``flow`` another zero point; the codes stay."""
        if self.tensors[flow.node].zero == zero:
            return flow
        flow = self.padded(flow)
        return flow.at(self.add(Recode(Fraction(1), Fraction(zero)), flow.node, part=part))

    def rescaled(self, source: str, real: np.ndarray, coding: Coding, most: np.ndarray | int, *,
                 single: bool = False, part: str = "") -> str:
        """Adds the requantization of a layer's integers to codes.

        Parameters
        ----------
        source : the layer
        real : scales of its channels in units of the codes' scale, (channels,) or (1,)
        coding : the codes
        most : the largest magnitude that the integers can have, (channels,) or one number
        single : whether the reference kernel has accumulators of 64 bits, and so rounds once
        part : as in ``add``
        """
        pairs = np.array([fixed_point(float(r)) for r in real], np.int64)
        multiplier, shift = pairs.T
        reach = np.max(most * (real if single else 2.0 ** np.maximum(shift, 0)))
        if reach >= 1 << 31:
            raise Unsupported(f"its sums can reach {reach:.3g} where the kernel has 32 bits")
        if single:
            multiplier = np.array([reduced(int(m)) for m in multiplier])
        return self.add(Rescale(multiplier, shift, coding.codes, coding.zero, single), source,
                        part=part)

    def clamped(self, source: str, coding: Coding) -> str:
        """Clamps a layer's codes to the interval of ``coding``, whose zero point they have; returns
        the layer's name."""
        x = self.tensors[source]
        if x.codes is not None and x.codes | coding.codes == coding.codes:
            return source if x.zero == coding.zero else self.add(
                Recode(Fraction(1), Fraction(coding.zero)), source)
        return self.add(Quantize(coding.codes, Fraction(1), int(x.zero)), source)

    def dequantized(self, source: str, coding: Coding) -> str:
        """Adds the dequantization of a layer's codes; returns the layer's name."""
        count = self.tensors[source].channels
        slopes = (Fraction(float(coding.scale)),) * count
        return self.add(Affine(slopes, (Fraction(0),) * count), source, part="real")

    def tabulated(self, source: str, op: str, function: Callable[[np.ndarray], np.ndarray],
                  coding: Coding, part: str = "") -> str:
        """Adds a table from a layer's codes to the codes that ``function`` computes.

        Parameters
        ----------
        source : the layer
        op : name of the operator
        function : from codes to codes, of any shape, both minus their zero points
        coding : coding of the result
        part : as in ``add``"""
        if self.tensors[source].integer.width > 8:
            raise Unsupported(f"{op} of more than 8 bits is not supported before other layers",
                              "quantize its input to 8 bits, or end the network there")
        made = self.add(Function(op.lower(), function), source, part="curve")
        return self.add(Quantize(coding.codes, Fraction(1), coding.zero), made, part=part)

    def channelwise(self, source: str, values: np.ndarray) -> tuple[str, np.ndarray]:
        """Reduces ``values``, one for each element, to one for each channel; returns the layer with
        these channels and the values, (channels,).

        If the values differ between places of a channel, the layer becomes a vector, each element a
        channel."""
        rows = values.reshape(-1, self.tensors[source].channels)
        if (rows == rows[0]).all():
            return source, rows[0]
        size = self.tensors[source].size
        return self.viewed(Flow(source, (size,)), (size,)), values.ravel()

    def affine(self, source: str, slope: np.ndarray | int, offset: np.ndarray | int, part: str
               ) -> str:
        """Adds ``slope * x + offset`` of the integers x of the layer ``source``; returns the
        layer's name.

        ``slope`` and ``offset`` are each one number or (channels,); ``part`` is as in ``add``."""
        count = self.tensors[source].channels
        slopes, offsets = (tuple(Fraction(int(n)) for n in np.broadcast_to(v, count))
                           for v in (slope, offset))
        return self.add(Affine(slopes, offsets), source, part=part)

    def lost(self, node: TFLiteNode) -> Lost | None:
        """Returns the first of an operator's inputs that could not be read; None if all could."""
        found = (self.values.get(k) for k in node.inputs)
        return next((v for v in found if isinstance(v, Lost)), None)

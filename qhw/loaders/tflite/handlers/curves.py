"""TFLite's functions of one element: tables of the reference kernels' integers."""

from fractions import Fraction

import numpy as np

from ....exact.num import Int, Rounding
from ....layers import Add, Function, Quantize, Rescale
from ....layers.product import Product
from ....layers.softmax import Last
from ..kernels import (
    Absolute,
    Curve,
    Exponential,
    HardSwish,
    InverseRoot,
    Leaky,
    SingleSigmoid,
)
from ..operators import handles
from ..reader import Reader
from ..values import Coding, TFLiteNode
from ..wide import WideCurve
from .sums import branched

__all__: list[str] = []

TABLES = {"ABS": Absolute, "ELU": Exponential, "HARD_SWISH": HardSwish, "RSQRT": InverseRoot}
"""Functions of codes that only need the codings of input and output."""


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
@handles("ABS")
@handles("ELU")
@handles("RSQRT")
def _curve(reader: Reader, node: TFLiteNode):
    """A table; a sigmoid at the network's end is the host's."""
    if node.op == "LOGISTIC" and (real := reader.plain(node)).real:
        made = reader.add(Last("logistic", SingleSigmoid()), real.node)
        return real.at(made)
    flow, x, y = reader.flow(node), reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    if node.op in ("LEAKY_RELU", "ABS") and x.codes.width > 8:
        real, one = float(x.scale) / float(y.scale), np.ones(1, np.int64)
        below = (one, real * node("alpha")) if node.op == "LEAKY_RELU" else (-one, real)
        return flow.at(branched(reader, flow.node, y, {"above": (one, real), "below": below}))
    if node.op == "LEAKY_RELU":
        function = Leaky(node("alpha"), x, y)
    elif node.op in TABLES:
        function = TABLES[node.op](x, y)
    else:
        wide = x.codes.width > 8
        function = WideCurve(node.op, x, y) if wide else Curve(node.op, x, y)
        if node.outputs[0] in reader.file.ending and (wide or node.op == "LOGISTIC"):
            return flow.at(reader.add(Last(node.op.lower(), function), flow.node))
        if isinstance(function, WideCurve):
            return flow.at(_interpolated(reader, flow.node, function))
    return flow.at(reader.tabulated(flow.node, node.op, function, y))


def _interpolated(reader: Reader, source: str, curve: WideCurve) -> str:
    """Adds the kernel's lines between the entries of its table: the upper bits of a step select a
    line, and its lower bits are multiplied by the line's rise."""
    (multiplier, drop), inside = curve.steps, reader.tensors[source].integer
    steps = Int.of(curve.scaled(np.array([inside.lo, inside.hi])))
    place = reader.add(_shift(2 * multiplier, drop + 1, steps), source, part="steps")
    entries, size = Int(steps.lo >> curve.bits, steps.hi >> curve.bits), 1 << curve.bits
    entry = reader.add(Quantize(entries, Fraction(size), 0, Rounding.FLOOR), place, part="entry")
    first = reader.add(Add(), place, reader.affine(entry, -1, 0, "start"), part="behind")
    behind = reader.add(Quantize(Int(0, size - 1), Fraction(1)), first, part="offset")
    starts, rises = (reader.add(Quantize(Int.of(v), Fraction(1)), reader.add(
        Function(part, lambda x, v=v: v[(x / size).astype(np.int64) - entries.lo]), entry,
        part=f"{part}_curve"), part=part)
        for part, v in zip(("line", "rise"), curve.lines(entries.lo, entries.hi), strict=True))
    more = reader.add(Product(), behind, rises, part="more")
    total = reader.add(Add(), starts, more, part="sum")
    return reader.add(_shift(1, curve.dropped, curve.codes), total)


def _shift(multiplier: int, drop: int, codes: Int) -> Rescale:
    """A multiplication behind which bits are dropped, rounded half up."""
    return Rescale(np.array([multiplier]), np.array([31 - drop]), codes, single=True)

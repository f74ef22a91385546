"""Scales, biases, batch norm and activation fold into integer thresholds, or a multiplier."""

from dataclasses import replace
from fractions import Fraction
from functools import reduce
from itertools import chain
from typing import Any

import numpy as np

from ..errors import ModelError
from ..exact.cuts import Cuts
from ..exact.num import Int, Rounding
from ..graph import Graph, Node, Op, Tensor
from ..layers import Add, Function, Join, Quantize, Quantizer, Relu, Rescale, ShiftRound
from ..layers.real import Monotone, Straight
from ..ops import Concat, Lookup, Requantize, Sum, Threshold
from ..ops.requantize import RealLine as Line
from ..ops.requantize import direct
from .chain import chain_before, line
from .codes.curves import curved
from .codes.meetings import MOST_INTEGERS, Branch, Met, meet, meet_of_tables
from .codes.multipliers import Ends, cheapest, ends_of
from .codes.thresholds import Seen, alike, pulls, seen, thresholds
from .codes.wide import straight

__all__ = ["activations"]

MOST_ENTRIES = 1 << 12
"""Most entries of a function's table, and most thresholds of a channel."""

MOST_SHIFT = 40
"""A smaller scale than this many bits can hold is as good as zero."""


def activations(graph: Graph) -> Graph:
    """Fuses each quantizer and the real layers before it into one integer layer.

    ModelError if a layer before a quantizer can become neither thresholds nor a multiplier."""
    nodes: list[Node] = []
    for node in graph.nodes:
        op = node.op
        if isinstance(op, Quantizer):
            source, way = chain_before(graph, node, (Add, Join))
            try:
                if graph.tensors[source].codes is None:
                    nodes += _met(graph, node, op, graph.by_name[source], way)
                else:
                    nodes += _activation(graph, node.name, op, source, way)
            except (ModelError, ValueError) as e:
                raise ModelError(f"Layer {node.name!r}: {e}") from None
        else:
            nodes.append(node)
    return graph.replaced(_trimmed(nodes))


def _trimmed(nodes: list[Node]) -> list[Node]:
    """Tables without entries of codes that a multiplier before them never makes."""
    found: list[Node] = []
    known: dict[str, Tensor] = {}
    for node in nodes:
        xs = [known[i] for i in node.inputs]
        if isinstance(node.op, Lookup) and xs[0].codes is not None:
            node = replace(node, op=node.op.within(xs[0].codes))
        found.append(node)
        known[node.name] = node.op.infer(*xs)
    return found


def _activation(graph: Graph, name: str, op: Quantizer, source: str, way: list[Node]
                ) -> list[Node]:
    """The integer layers that an activation becomes."""
    x = graph.tensors[source]
    if isinstance(op, Quantize) and op.multiplier_bits:
        return [Node(name, _requantize(op, way, x), (source,))]
    if isinstance(op, ShiftRound) and (shifted := _shift(op, way, x)):
        return [Node(name, shifted, (source,))]
    own = _own(op, way, x) if isinstance(op, Rescale) else None
    if own and op.format.integer.hi - op.format.integer.lo >= MOST_ENTRIES:
        return [Node(name, own, (source,))]
    if isinstance(op, Rescale) and own and (both := _rescaled(graph, name, op, source, way)):
        return both
    if any(isinstance(layer.op, Function) for layer in way):
        made = _tabulated(op, way, x)
        return [Node(name, made if isinstance(made, Lookup) else _cheapest(
            x, ends_of(graph, source), made), (source,))]
    ways = seen([*(n.op for n in way), op], x.channels)
    return _stepped(graph, name, op, ways, source, own)


def _stepped(graph: Graph, name: str, op: Quantizer, ways: list[Seen], source: str,
             own: Requantize | None = None) -> list[Node]:
    """Thresholds or a multiplier of a tensor's channels, and a table if codes do not count up."""
    x = graph.tensors[source]
    made = thresholds(op, ways, x)
    if op.table is None:
        lines = straight(op, ways, x) if made.levels > MOST_ENTRIES else None
        return [Node(name, _cheapest(x, ends_of(graph, source), made, own, lines=lines),
                     (source,))]
    return _ranked(graph, name, op, made, source)


def _ranked(graph: Graph, name: str, op: Quantizer, steps: Threshold, source: str) -> list[Node]:
    """Thresholds that count, and a table of the codes."""
    assert op.table is not None
    level, ranks = graph.fresh(f"{name}_level"), Threshold(steps.thresholds, steps.flip)
    return [Node(level, ranks if ranks.levels > 1 else _constant(ranks), (source,)),
            Node(name, Lookup(op.table, op.format), (level,))]


def _cheapest(x: Tensor, ends: Ends, steps: Threshold, own: Requantize | None = None,
              gaps: Ends | None = None, lines: list[Line] | None = None) -> Threshold | Requantize:
    """The cheapest layer with the codes of ``steps``; ModelError if it has too many thresholds."""
    if steps.levels == 1:
        return _constant(steps)
    made = cheapest(x, ends, steps, own, gaps, lines)
    if isinstance(made, Threshold) and made.levels > MOST_ENTRIES:
        raise ModelError(f"its {made.levels} levels need too many thresholds, more than "
                         f"{MOST_ENTRIES}; quantize to 12 bits, or with a multiplier and a "
                         f"shift")
    return made


def _met(graph: Graph, node: Node, op: Quantizer, meeting: Node, way: list[Node]) -> list[Node]:
    """The integer layers of a quantizer behind branches that meet as real numbers."""
    branches = [chain_before(graph, replace(meeting, inputs=(i,))) for i in meeting.inputs]
    if any(isinstance(n.op, Function) for n in (*way, *(n for _, before in branches
                                                         for n in before))):
        raise ModelError(f"it is a function of branches that meet in {meeting.name!r}; put a "
                         f"quantize layer before it")
    if isinstance(meeting.op, Add):
        return _summed(graph, node, op, meeting, branches, way)
    nodes: list[Node] = []
    start, parts = 0, list[str]()
    for k, (source, before) in enumerate(branches):
        count = graph.tensors[source].channels
        ways = [[*((n.op, c) for n in before), *((n.op, start + c) for n in way), (op, start + c)]
                for c in range(count)]
        parts.append(graph.fresh(f"{node.name}_part{k}"))
        nodes += _stepped(graph, parts[-1], op, ways, source)
        start += count
    return [*nodes, Node(node.name, Concat(), tuple(parts))]


def _summed(graph: Graph, node: Node, op: Quantizer, add: Node,
            branches: list[tuple[str, list[Node]]], way: list[Node]) -> list[Node]:
    """A sum of integers with small factors, and its thresholds or multiplier."""
    branches = sorted(branches, key=lambda b: -_size(graph.tensors[b[0]].value))
    (_, one), (_, two) = branches
    x, y = (graph.tensors[source] for source, _ in branches)
    far = ModelError(f"the scales of the inputs of {add.name!r} have only a far smaller step in "
                     f"common; put a quantize layer before it")
    if _size(y.value) > MOST_INTEGERS or not all(isinstance(n.op, Straight) for n in two):
        raise far
    known, mets = dict[Any, list[Met]](), list[list[Met]]()
    for c in range(x.channels):
        back = pulls([(n.op, c) for n in one], x.line)
        behind = pulls([(n.op, c) for n in way], (Fraction(1), Fraction(0)))
        slope, offset = line(two, c, y)
        key = (op.alike or c, slope, offset, *map(alike, back), None, *map(alike, behind))
        if key not in known:
            try:
                cuts = Cuts.gathered(op.cuts(c))
            except ValueError:      # logarithmic levels
                raise far from None
            cuts = reduce(lambda cuts, pull: pull(cuts), behind, cuts)
            known[key] = meet(cuts, back, Branch(x.value, *line(one, c, x)),
                              Branch(y.value, slope, offset))
        mets.append(known[key])
    return _sums(graph, node.name, op, mets, [source for source, _ in branches])


def _sums(graph: Graph, name: str, op: Quantizer, mets: list[list[Met]], sources: list[str]
          ) -> list[Node]:
    """The sum of two branches with the smallest factors behind which a multiplier has the
    quantizer's codes, or with the smallest of all and thresholds."""
    found = (_sum(graph, name, op, [m[min(k, len(m) - 1)] for m in mets], sources)
             for k in range(max(map(len, mets))))
    first = next(found)
    return next((made for made in chain([first], found)
                 if isinstance(made[1].op, Requantize)), first)


def _sum(graph: Graph, name: str, op: Quantizer, mets: list[Met], sources: list[str]
         ) -> list[Node]:
    """A sum with some factors, and its thresholds or multiplier, and a table if codes do not count
    up."""
    x, y = (graph.tensors[source] for source in sources)
    made, total = op.format, graph.fresh(f"{name}_sum")
    added = Sum(*np.array([met.factors for met in mets], np.int64).T)
    steps = Threshold(np.array([m.thresholds for m in mets]), np.array([m.falls for m in mets]),
                      made.integer.lo, scale=made.scale, zero=made.zero)
    if op.table is not None:
        return [Node(total, added, tuple(sources)), *_ranked(graph, name, op, steps, total)]
    reach = [m.sums(x.value, y.value) for m in mets]
    ends = np.array([r.lo for r in reach]), np.array([r.hi for r in reach])
    gaps = np.array([m.before for m in mets]), np.array([m.behind for m in mets])
    return [Node(total, added, tuple(sources)),
            Node(name, _cheapest(added.infer(x, y), ends, steps, gaps=gaps), (total,))]


def _rescaled(graph: Graph, name: str, op: Rescale, source: str, way: list[Node]
              ) -> list[Node] | None:
    """The sum of two branches of codes that are rescaled before it and behind, as TensorFlow Lite's
    is: one sum with small factors; None if it is none of such codes."""
    total = graph.by_name[source].op
    if not isinstance(total, Sum):
        return None
    sources, tables = list[str](), list[tuple[Int, np.ndarray]]()
    for i, factor in zip(graph.by_name[source].inputs, (total.a, total.b), strict=True):
        node = graph.by_name[i]
        before, layers = chain_before(graph, node) if isinstance(node.op, Rescale) else (i, [])
        table = _table(layers, node.op, graph.tensors[before])
        if table is None or len(set(factor.tolist())) > 1:
            return None
        sources.append(before)
        tables.append((graph.tensors[before].value, int(factor[0]) * table))
    steps = thresholds(op, seen([*(n.op for n in way), op], len(total.a)), graph.tensors[source])
    if steps.flip.any() or (steps.thresholds != steps.thresholds[0]).any():
        return None
    met = meet_of_tables(steps.thresholds[0], *tables)
    return _sums(graph, name, op, [met] * len(steps.flip), sources) if met else None


def _table(way: list[Node], op: Op, x: Tensor) -> np.ndarray | None:
    """Computes the codes of few integers behind whole scales and a rescaling.

    None if there are too many integers, or if the scales are not the same for all channels.
    """
    if not isinstance(op, Rescale) or _size(x.value) > MOST_INTEGERS or len(op.multiplier) > 1 or (
            not all(isinstance(n.op, Straight) for n in way)):
        return None
    lines = {line(way, c, x) for c in range(x.channels)}
    slope, offset = lines.pop()
    if lines or slope.denominator > 1 or offset.denominator > 1:
        return None
    every = np.arange(x.value.lo, x.value.hi + 1)
    return op.evaluate(every * int(slope) + int(offset))


def _size(x: Int) -> int:
    return x.hi - x.lo + 1


def _constant(steps: Threshold) -> Requantize:
    """The only code of a step function without thresholds, whatever the integers are."""
    if steps.zero.denominator > 1:
        raise ModelError("it has one code, and its zero point is no integer")
    nothing = np.zeros(len(steps.flip), np.int64)
    return Requantize(nothing, nothing, 0, Int(steps.lo, steps.lo), int(steps.zero),
                      scale=steps.scale)


def _requantize(op: Quantize, way: list[Node], x: Tensor) -> Requantize:
    """The nearest multiplier of the bits asked for, and one shift for the layer."""
    lines = [line(way, channel, x) for channel in range(x.channels)]
    slopes = [slope / op.scale for slope, _ in lines]
    offsets = [offset / op.scale for _, offset in lines]
    most = max(abs(s) for s in slopes)
    top, shift = (1 << op.multiplier_bits - 1) - 1, 0
    while shift < MOST_SHIFT and round(most * (1 << shift + 1)) <= top:
        shift += 1
    if round(most * (1 << shift)) > top:
        raise ModelError(f"Its scale {float(most):g} needs more than {op.multiplier_bits} bits")
    multipliers = [round(s * (1 << shift)) for s in slopes]
    addends = [round(o * (1 << shift)) for o in offsets]
    while shift and not any(n % 2 for n in (*multipliers, *addends)):
        shift -= 1
        multipliers, addends = [m // 2 for m in multipliers], [a // 2 for a in addends]
    inside = 0 if op.zero_last or _moves(op.rounding, op.zero) else op.zero
    addends = [a + (inside << shift) for a in addends]
    relu = any(isinstance(n.op, Relu) for n in way)
    lo = min(max(op.codes.lo, op.zero), op.codes.hi) if relu else op.codes.lo
    return Requantize(
        np.array(multipliers, np.int64), np.array(addends, np.int64), shift,
        Int(lo, op.codes.hi), op.zero - inside, op.rounding, op.scale, offset_zero=inside)


def _moves(rounding: Rounding, zero: int) -> bool:
    """Tells whether round(x) + zero is round(x + zero) for every x, ties included."""
    same = (Rounding.HALF_UP, Rounding.FLOOR, Rounding.CEIL)
    return zero == 0 or rounding in same or rounding == Rounding.HALF_EVEN and zero % 2 == 0


def _shift(op: ShiftRound, way: list[Node], x: Tensor) -> Requantize | None:
    """The file's own multiplier and shift, if they meet the integers themselves."""
    shift = op.divisor.bit_length() - 1
    try:
        lines = [line(way, channel, x) for channel in range(x.channels)]
    except ModelError:
        return None
    if 1 << shift != op.divisor or any(a != 1 or b.denominator > 1 for a, b in lines):
        return None
    multiplier, offset = (np.broadcast_to(v, x.channels) for v in (op.multiplier, op.offset))
    biases = np.array([int(b) for _, b in lines])
    return Requantize(multiplier, offset + biases * multiplier, shift, op.codes, 0,
                      Rounding.HALF_UP, op.scale)


def _own(op: Rescale, way: list[Node], x: Tensor) -> Requantize | None:
    """The file's own multipliers, if they meet integers."""
    if not all(isinstance(node.op, Straight) for node in way):
        return None
    return direct(op, [line(way, channel, x) for channel in range(x.channels)], x)


def _tabulated(op: Quantizer, way: list[Node], x: Tensor) -> Lookup | Threshold:
    """A table of the codes of every integer, computed in floating point; thresholds if it would be
    too large or different for each channel, and the functions rise."""
    entries = x.integer.hi - x.integer.lo + 1
    few = entries <= MOST_ENTRIES
    rises = op.table is None and x.coded is None and all(
        isinstance(n.op, Monotone) or isinstance(n.op, Function) and n.op.rises for n in way)
    if not few and not rises:
        raise ModelError(f"{way[-1].op.kind} of {entries} values needs too large a table; put a "
                         f"quantize layer before it")
    every = np.arange(x.integer.lo, x.integer.hi + 1) if few else np.array(
        [x.value.lo, x.value.hi])
    value = np.broadcast_to(x.real(every)[:, None], (len(every), x.channels))
    for layer in way:
        value = layer.op.evaluate(value)
    if np.isnan(value).any():
        n = x.real(every)[np.isnan(value).any(axis=1)][0]
        raise ModelError(f"{way[-1].op.kind} of {n:g}, a possible input, is no number")
    codes = np.broadcast_to(op.evaluate(value), value.shape)
    if rises and not (few and (codes == codes[:, :1]).all()):
        return curved(op, [n.op for n in way], x)
    if (codes != codes[:, :1]).any():
        raise ModelError("a function that is different for each channel needs a quantize layer "
                         "before it")
    return Lookup(codes[:, 0], op.format, x.integer.lo)

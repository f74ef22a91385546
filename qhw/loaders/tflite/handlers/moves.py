"""TFLite's operators that move elements: slices, joins, pads, and other orders of dimensions."""

from collections.abc import Sequence
from fractions import Fraction
from math import prod

import numpy as np

from ....exact.num import Int
from ....exact.window import Window
from ....layers import ArgMax, Quantize
from ....layers.shapes import Recode
from ....layers.softmax import Place
from ....ops import Concat, Reorder, Take
from ....ops.pooling import Pooling
from ..operators import handles
from ..reader import Reader
from ..values import Flow, TFLiteNode, Unsupported

__all__ = ["Part", "axis_of", "gathered", "joined", "pads_of", "repeated", "sliced", "with_pads"]

RUNS = 6
"""Most parts that are selected one by one."""
Part = tuple[int, int, int]
"""First index, count and step along a dimension."""


def axis_of(axis: int, flow: Flow) -> int:
    """Converts an axis, which may count from the end, to the index of one of the flow's dimensions;
    Unsupported if there is no such dimension."""
    if not -len(flow.shape) <= axis < len(flow.shape):
        raise Unsupported(f"there is no dimension {axis} in {list(flow.shape)}")
    return axis % len(flow.shape)


def repeated(reader: Reader, flow: Flow, shape: tuple[int, ...], part: str) -> Flow:
    """Repeats the dimensions of size 1 of a flow to the sizes in ``shape``.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : the tensor
    shape : the shape wanted
    part : name of the layer"""
    if flow.shape == shape:
        return flow
    own = (1,) * (len(shape) - len(flow.shape)) + flow.shape
    if prod(own) == prod(shape):
        return Flow(flow.node, shape)
    strides = [prod(own[k + 1:]) if n > 1 else 0 for k, n in enumerate(own)]
    loops = tuple((n, s) for n, s in zip(shape, strides, strict=True) if n > 1)
    op = Reorder(prod(own), loops, shape[1:] or shape)
    return Flow(reader.add(op, flow.node, part=f"{part}_repeated"), shape)


def sliced(reader: Reader, flow: Flow, parts: Sequence[Part], part: str = "") -> Flow:
    """Adds layers that select a part of a tensor; Unsupported if it is empty, backwards
    or outside.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : the tensor
    parts : (first index, count, step) for each dimension
    part : name of the layer; if empty, the name of the tensor that the operator makes"""
    shape, node = list(flow.shape), flow.node
    wanted = [k for k, p in enumerate(parts) if p != (0, shape[k], 1)]
    for axis in wanted:
        first, count, step = parts[axis]
        if count < 1 or first < 0 or first + (count - 1) * step >= shape[axis] or step < 1:
            raise Unsupported(f"it takes nothing of the dimension {axis} of {list(flow.shape)}, or "
                              f"more than there is, or backwards")
        inner, span = prod(shape[axis + 1:]), (count - 1) * step + 1
        last = axis == wanted[-1]
        if span < shape[axis]:
            view = reader.viewed(Flow(node, tuple(shape)),
                                 (prod(shape[:axis]), shape[axis] * inner))
            node = reader.add(Take(first * inner, span * inner), view,
                              part=part if last and step == 1 else f"{part}_taken")
        shape[axis] = count
        if step > 1:
            op = Reorder(span * inner, ((count, step * inner), (inner, 1)), tuple(shape))
            node = reader.add(op, node, part=part if last else f"{part}_stepped")
    return Flow(node, tuple(shape))


def joined(reader: Reader, flows: Sequence[Flow], axis: int) -> Flow:
    """Concatenates ``flows`` of one zero point along the dimension ``axis``, an index, in
    ``reader``.

    Unsupported if other dimensions differ."""
    first = flows[0].shape
    if any(f.shape[:axis] != first[:axis] or f.shape[axis + 1:] != first[axis + 1:]
           for f in flows):
        raise Unsupported(f"it joins {', '.join(str(list(f.shape)) for f in flows)} along the "
                          f"dimension {axis}")
    outer = prod(first[:axis])
    views = [reader.viewed(f, (outer, prod(f.shape[axis:]))) for f in flows]
    made = reader.add(Concat(), *views) if len(views) > 1 else views[0]
    total = sum(f.shape[axis] for f in flows)
    return Flow(made, (*first[:axis], total, *first[axis + 1:]))


def gathered(reader: Reader, flow: Flow, axis: int, places: Sequence[int]) -> Flow:
    """Adds layers to ``reader`` that select indices ``places`` along the dimension ``axis`` of a
    tensor: few runs of neighbours are joined, many are read from a memory of the whole."""
    runs: list[list[int]] = []
    for k in places:
        if runs and k == runs[-1][-1] + 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    if len(runs) > RUNS:
        own, inner = flow.shape, prod(flow.shape[axis + 1:])
        shape = (*own[:axis], len(places), *own[axis + 1:])
        loops = (len(places), tuple((k - places[0]) * inner for k in places)), (inner, 1)
        op = Reorder(own[axis] * inner, loops, shape[1:] or shape, start=places[0] * inner)
        return Flow(reader.add(op, flow.node), shape)
    whole: list[Part] = [(0, n, 1) for n in flow.shape]
    return joined(reader, [
        sliced(reader, flow, [*whole[:axis], (run[0], len(run), 1), *whole[axis + 1:]], "selected")
        for run in runs], axis)


@handles("SLICE", inputs=(3, 3))
def _slice(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    begin, size = reader.integers(node, 1), reader.integers(node, 2)
    if not len(begin) == len(size) == len(flow.shape):
        raise Unsupported("its beginnings and sizes do not fit its input")
    return sliced(reader, flow, [(b, n - b if s == -1 else s, 1) for b, s, n in zip(
        begin, size, flow.shape, strict=True)])


@handles("STRIDED_SLICE", inputs=(4, 4))
def _strided_slice(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    rows = [reader.integers(node, k) for k in (1, 2, 3)]
    if node("ellipsis_mask") or node("new_axis_mask") or node("offset"):
        raise Unsupported("its ellipsis, new dimensions or offset are not supported")
    if any(len(row) != len(flow.shape) for row in rows):
        raise Unsupported("its beginnings, ends and steps do not fit its input")
    places: list[range] = []
    for k, (n, begin, end, step) in enumerate(zip(flow.shape, *rows, strict=True)):
        found = range(n)[slice(None if node("begin_mask") >> k & 1 else begin,
                               None if node("end_mask") >> k & 1 else end, step)]
        if node("shrink_axis_mask") >> k & 1:
            if step < 0:
                raise Unsupported(f"it takes one index of the dimension {k} with a step of {step}")
            found = range(n)[found.start:][:1]
        places.append(found)
    made = sliced(reader, flow, [(min(p, default=0), len(p), abs(p.step)) for p in places])
    for axis, found in enumerate(places):
        if found.step < 0:
            made = gathered(reader, made, axis, range(len(found) - 1, -1, -1))
    return Flow(made.node, tuple(n for k, n in enumerate(made.shape)
                                 if not node("shrink_axis_mask") >> k & 1))


@handles("SPLIT", inputs=(2, 2))
@handles("SPLIT_V", inputs=(3, 3))
def _split(reader: Reader, node: TFLiteNode):
    even = node.op == "SPLIT"
    flow = reader.flow(node, 1 if even else 0)
    axis, = reader.integers(node, 0 if even else 2)
    axis, count = axis_of(axis, flow), len(node.outputs)
    sizes = [flow.shape[axis] // count] * count if even else list(reader.integers(node, 1))
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = flow.shape[axis] - sum(sizes) - 1
    if sum(sizes) != flow.shape[axis] or len(sizes) != count or min(sizes) < 1:
        raise Unsupported(f"its parts {sizes} do not fit {flow.shape[axis]}")
    made: list[Flow] = []
    for number, size, first in zip(node.outputs, sizes, np.cumsum([0, *sizes]), strict=False):
        reader.current = reader.tensor(number).name
        whole: list[Part] = [(0, n, 1) for n in flow.shape]
        whole[axis] = int(first), size, 1
        made.append(sliced(reader, flow, whole))
    return made


@handles("TRANSPOSE", inputs=(2, 2))
def _transpose(reader: Reader, node: TFLiteNode):
    """Dimensions in front that stay there are read one by one; the others are kept as a whole."""
    flow, order = reader.flow(node), reader.integers(node, 1)
    if sorted(order) != list(range(len(flow.shape))):
        raise Unsupported(f"its order {list(order)} does not fit {list(flow.shape)}")
    shape = tuple(flow.shape[a] for a in order)
    moved = [a for a in order if flow.shape[a] > 1]
    if moved == sorted(moved):
        return Flow(flow.node, shape)
    still = next(k for k, a in enumerate(moved) if a != sorted(moved)[k])
    own = [flow.shape[a] for a in sorted(moved)]
    strides = {a: prod(own[k + 1:]) for k, a in enumerate(sorted(moved))}
    loops = tuple((flow.shape[a], strides[a]) for a in moved[still:])
    op = Reorder(prod(own[still:]), loops, shape[1:] if shape[0] == 1 and len(shape) > 1 else shape)
    return Flow(reader.add(op, flow.node), shape)


@handles("PAD", inputs=(2, 2))
@handles("PADV2", inputs=(3, 3))
def _pad(reader: Reader, node: TFLiteNode):
    flow, fill = reader.plain(node), reader.coding(node.outputs[0]).zero
    if node.op == "PADV2":
        fill, = reader.integers(node, 2)
    flow = reader.dealt(flow) if flow.blocks else flow
    return with_pads(reader, flow, pads_of(reader, node, flow), fill)


def pads_of(reader: Reader, node: TFLiteNode, flow: Flow) -> np.ndarray:
    """Reads input 1 of an operator of ``reader`` as pads before and behind each dimension of a
    flow, (rank, 2).

    Unsupported if they do not fit."""
    pads = np.array(reader.integers(node, 1)).reshape(-1, 2)
    if len(pads) != len(flow.shape) or pads.min() < 0:
        raise Unsupported(f"its pads {pads.tolist()} do not fit {list(flow.shape)}")
    return pads


def with_pads(reader: Reader, flow: Flow, pads: np.ndarray, fill: int) -> Flow:
    """Adds pads to a flow without blocks. Zeros around an image are left to a convolution that
    reads it.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : the tensor
    pads : before and behind each dimension, (rank, 2)
    fill : code of the pads"""
    shape = tuple(int(n) for n in np.array(flow.shape) + pads.sum(axis=1))
    image = len(shape) == 4 and not pads[[0, 3]].any() and not flow.real
    if image and fill == reader.tensors[flow.node].zero:
        (_, _), (top, bottom), (left, right), _ = pads.tolist()
        a, b, c, d = flow.pads
        return Flow(flow.node, shape, (a + top, b + left, c + bottom, d + right))
    flow = reader.padded(flow)
    if flow.real:
        raise Unsupported("it computes in floating point", "quantize the whole network")
    zero = reader.tensors[flow.node].zero
    for axis in np.flatnonzero(pads.any(axis=1)).tolist():
        own = flow.shape
        inner = prod(own[axis + 1:])
        x = reader.viewed(flow, (prod(own[:axis]), own[axis], inner))
        window = Window((1, 1), pads=(0, int(pads[axis][0]), 0, int(pads[axis][1])))
        made = reader.add(Pooling(window, "sum", fill=fill), x, part="pads")
        made = reader.add(Recode(Fraction(1), zero), made, part=f"padded{axis}")
        flow = Flow(made, (*own[:axis], own[axis] + int(pads[axis].sum()), *own[axis + 1:]))
    return flow


@handles("MIRROR_PAD", inputs=(2, 2))
def _mirror_pad(reader: Reader, node: TFLiteNode):
    """Rows at the edge come again in the other order; with mode 1 the last of them too."""
    flow = reader.flow(node)
    pads = np.array(reader.integers(node, 1)).reshape(-1, 2)
    if len(pads) != len(flow.shape) or node("mode") not in (0, 1):
        raise Unsupported(f"its pads {pads.tolist()} do not fit {list(flow.shape)}")
    for axis in np.flatnonzero(pads.any(axis=1)).tolist():
        n, (before, behind), again = flow.shape[axis], pads[axis].tolist(), node("mode")
        if min(before, behind) < 0 or max(before, behind) > n - 1 + again:
            raise Unsupported(f"its pads {before} and {behind} are more than {n} has")
        flow = gathered(reader, flow, axis, [
            *range(before - again, -again, -1), *range(n), *(n - 2 + again - k
                                                             for k in range(behind))])
    return flow


@handles("ARG_MAX", "ARG_MIN", inputs=(2, 2))
def _argmax(reader: Reader, node: TFLiteNode):
    """Over the last dimension, or one with nothing behind it; the first of equals wins. The least
    is the largest of turned codes. Behind a softmax, or of real numbers, it
    is the host's."""
    flow = reader.dealt(reader.plain(node))
    axis, = reader.integers(node, 1)
    axis = axis_of(axis, flow)
    if prod(flow.shape[axis + 1:]) != 1:
        raise Unsupported(f"it is over the dimension {axis} of {list(flow.shape)}, and only the "
                          f"last is supported")
    outer = prod(flow.shape[:axis])
    view = (outer, flow.shape[axis]) if outer > 1 else (flow.shape[axis],)
    source = reader.viewed(flow, view)
    if reader.tensors[source].codes is None:
        made = reader.add(Place(node.op == "ARG_MIN"), source)
        return Flow(made, (*flow.shape[:axis], *flow.shape[axis + 1:]))
    if node.op == "ARG_MIN":
        x = reader.tensors[source]
        turned = Int(int(x.zero) - x.integer.hi, int(x.zero) - x.integer.lo)
        source = reader.add(Quantize(turned, Fraction(1)), reader.affine(source, -1, 0, "negated"),
                            part="turned")
    made = reader.add(ArgMax(), source)
    return Flow(made, (*flow.shape[:axis], *flow.shape[axis + 1:]))

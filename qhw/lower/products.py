"""Weighted sums become integer products; their scales and biases move behind them."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..exact.window import Window
from ..graph import Graph, Node, Tensor
from ..hw.units.matvec import Storage
from ..layers import Add, AveragePool, Conv, Dense, Join, Linear, MaxPool, Reshape
from ..layers.run_time import BlockFloat, Residual, RunTime
from ..ops import (
    Combine,
    Concat,
    Gain,
    Lookup,
    MatVec,
    Pooling,
    Reorder,
    Requantize,
    Sum,
    Take,
    Windows,
)
from ..ops.dynamic import DynamicMatVec
from ..schemes import Stage
from .decode import decoder, ranked
from .lines import Line, Work, common

__all__ = ["products"]


def products(graph: Graph) -> Graph:
    """Each layer that adds up codes becomes an integer layer and an affine one.

    With x = s (code - z) and w = t * integer, sum w x + b = s t (sum integer * code)
    + (b - s t z sum integer), all of it rational.
    """
    work = Work(graph)
    for node in graph.nodes:
        match node.op:
            case RunTime() if any(not isinstance(n.op, Dense) for n in graph.users[node.name]) or (
                    node.name == graph.output.name):
                raise ModelError(f"Layer {node.name!r}: only a dense layer takes {node.op.kind} "
                                 f"codes, whose scales are found at run time")
            case Linear():
                raise ModelError(f"Layer {node.name!r}: its weights are floats; give them a "
                                 f"scheme with qhw quantize")
            case Dense() if isinstance(graph.by_name[node.inputs[0]].op, RunTime):
                _dynamic(work, node, node.op)
            case Dense() | Conv() if _countable(work, node):
                _weighted(work, node, node.op)
            case AveragePool() if _countable(work, node):
                _average(work, node, node.op)
            case MaxPool() if _countable(work, node):
                _maximum(work, node, node.op)
            case Add() if _countable(work, node):
                _sum(work, node)
            case Join() | Concat() if len(node.inputs) == 1:
                work.now[node.name], = work.inputs(node)
            case Join() if _countable(work, node):
                _join(work, node)
            case Reshape() | Reorder() | Take() if _countable(work, node):
                _move(work, node, node.op)
            case Requantize() if _countable(work, node):
                _requantize(work, node, node.op)
            case _:
                work.add(node.name, node.op, *work.inputs(node))
    return graph.replaced(work.nodes)


def _countable(work: Work, node: Node) -> bool:
    """Whether all inputs are integers, scales and offsets aside."""
    return len(_lines(work, node)) == len(node.inputs)


def _lines(work: Work, node: Node) -> list[Line]:
    """The integers that a layer's inputs are made of."""
    return [line for name in work.inputs(node) if (line := work.line(name)) is not None]


def _weighted(work: Work, node: Node, op: Dense | Conv) -> None:
    source = _whole(work, node)
    if isinstance(op, Conv):
        source = _windows(work, node.name, op, source)
    x = work.tensors[source]
    outputs, integers = len(op.integers), op.integers
    scales = np.broadcast_to(op.weights.scale, (outputs,))
    slopes = tuple(Fraction(float(t)) * x.scale for t in scales)
    offsets = tuple(Fraction(float(b)) - s * x.zero * int(w) for b, s, w in
                    zip(op.added, slopes, integers.sum(axis=1), strict=True))
    last = _sums(work, node.name, op, source)
    work.finish(node.name, Line(last, slopes, offsets))


def _whole(work: Work, node: Node) -> str:
    """The codes of a layer's input: as they are, or with one scale if each channel has its own."""
    name, = work.inputs(node)
    line, = _lines(work, node)
    if name == line.source:
        return name
    scale, (factors,), offset = common([line], node.name)
    return work.beside(f"{node.name}_codes", Gain(factors, offset, scale), line.source)


def _windows(work: Work, name: str, op: Conv, source: str) -> str:
    """The vectors that a convolution multiplies; the real zero is around the image."""
    window, fill = op.window, 0
    if any(window.pads):
        source, fill = _with_zero(work, name, source)
    if window.taps == 1 and window.stride == (1, 1) and not any(window.pads) and op.groups == 1:
        return source
    return work.beside(f"{name}_window", Windows(window, op.groups, fill), source)


def _with_zero(work: Work, name: str, source: str) -> tuple[str, int]:
    """A source in which the real zero has a code, and that code."""
    x = work.tensors[source]
    if x.coded is not None:
        zeros = np.flatnonzero(x.coded.decode(x.coded.codes) == x.zero)
        if not len(zeros):
            raise ModelError(f"Layer {name!r}: its input has no zero to pad with")
        return source, int(x.coded.codes[zeros[0]])
    if x.zero.denominator == 1:
        return source, int(x.zero)
    codes = np.arange(x.integer.lo, x.integer.hi + 1)
    doubled = (codes * x.zero.denominator - x.zero.numerator).astype(np.int64)
    made = Tensor((), Int.of(doubled), x.scale / x.zero.denominator)
    return work.beside(f"{name}_signs", Lookup(doubled, made, x.integer.lo), source), 0


def _sums(work: Work, name: str, op: Dense | Conv, source: str) -> str:
    """The integer products of the scheme's stages, and the layers that finish their sums."""
    stages = op.scheme.stages(op.weights.codes, op.weights.table)
    groups = op.groups if isinstance(op, Conv) else 1
    storage: Storage = op.storage if isinstance(op, Dense) else "packed"
    if groups > 1 and len(stages) > 1:
        raise ModelError(f"Layer {name!r}: scheme {op.scheme} has {len(stages)} products one after "
                         f"the other, which cannot be in groups; use another scheme")
    for k, stage in enumerate(stages):
        last = k == len(stages) - 1
        source = _stage(work, name if last else work.fresh(f"{name}_stage{k + 1}"), stage, source,
                        op.fold if last else None, storage, groups)
    return source


def _stage(work: Work, name: str, stage: Stage, source: str, fold: tuple[int, int] | None,
           storage: Storage, groups: int) -> str:
    """A product; several parts of its sums are combined, and gains multiplied, exactly."""
    scheme, codes, table, gains = stage
    nothing = np.zeros(len(codes), np.int64)
    matvec = MatVec(scheme, codes, nothing, table, fold=fold, storage=storage, groups=groups)
    made = work.add(name, matvec, source)
    if matvec.parts > 1:
        factors = scheme.factors(len(codes), table)
        made = work.beside(f"{name}_sum", Combine(factors, nothing), made)
    return made if gains is None else work.beside(f"{name}_gain", Gain(gains), made)


def _dynamic(work: Work, node: Node, dense: Dense) -> None:
    """A product whose inputs are coded at run time, and what its integers are worth."""
    coding = work.graph.by_name[node.inputs[0]]
    op, outputs, x = coding.op, len(dense.integers), work.graph.tensors[coding.inputs[0]]
    if x.codes is None or x.zero.denominator > 1 or x.coded:
        raise ModelError(f"Layer {coding.name!r}: it needs whole numbers before it: put a quantize "
                         f"layer there")
    assert isinstance(op, Residual | BlockFloat)
    if len(dense.scheme.stages(dense.weights.codes, dense.weights.table)) > 1:
        raise ModelError(f"Layer {node.name!r}: {op.kind} does not go with {dense.scheme.name} "
                         f"weights, which are several products")
    nothing = np.zeros(outputs, np.int64)
    product = MatVec(dense.scheme, dense.weights.codes, nothing, dense.weights.table,
                     fold=dense.fold)
    unit = x.scale / (x.size ** op.planes if isinstance(op, Residual) else 1)
    slopes = tuple(Fraction(float(t)) * unit
                   for t in np.broadcast_to(dense.weights.scale, (outputs,)))
    offsets = tuple(map(Fraction, dense.added.tolist()))
    made = work.add(node.name, DynamicMatVec(op, product, int(x.zero)), *coding.inputs)
    work.finish(node.name, Line(made, slopes, offsets))


def _average(work: Work, node: Node, op: AveragePool) -> None:
    line, fill = _with_pads(work, node, op.window)
    source = line.source
    if work.tensors[source].coded is not None:
        source = work.beside(f"{node.name}_values", decoder(work.tensors[source]), source)
    made = work.add(node.name, Pooling(op.window, "sum", fill=fill), source)
    work.finish(node.name, Line(made, tuple(a / op.window.taps for a in line.slopes),
                                line.offsets))


def _with_pads(work: Work, node: Node, window: Window) -> tuple[Line, int]:
    """The integers of a layer's input, of which one is the real zero around it, and that one."""
    line, = _lines(work, node)
    if not any(window.pads):
        return line, 0
    zeros = {-b / a for a, b in zip(line.slopes, line.offsets, strict=True) if a}
    constant = any(b for a, b in zip(line.slopes, line.offsets, strict=True) if not a)
    if len(zeros) == 1 and not constant and (zero := zeros.pop()).denominator == 1:
        return line, int(zero)
    scale, (factors,), offset = common([line], node.name)
    source = work.beside(f"{node.name}_codes", Gain(factors, offset, scale), line.source)
    return Line(source, (scale,) * len(factors), (Fraction(0),) * len(factors)), 0


def _maximum(work: Work, node: Node, op: MaxPool) -> None:
    """Of the integers; the least where the scale is negative."""
    name, = work.inputs(node)
    line, = _lines(work, node)
    x, flip = work.tensors[line.source], np.array([a < 0 for a in line.slopes])
    pool = Pooling(op.window, "max", flip)
    if x.coded is None:
        made = work.add(node.name, pool, line.source)
    else:
        ranks, back = ranked(x)
        made = work.beside(f"{node.name}_ranks", ranks, line.source)
        made = work.add(node.name, back, work.beside(f"{node.name}_largest", pool, made))
    if name != line.source:
        work.finish(node.name, Line(made, line.slopes, line.offsets))


def _sum(work: Work, node: Node) -> None:
    lines = _lines(work, node)
    steps, (a, b) = _each(lines, node.name)
    offsets = tuple(sum(o, Fraction(0)) for o in zip(*(line.offsets for line in lines),
                                                     strict=True))
    made = work.add(node.name, Sum(a, b), *(line.source for line in lines))
    work.finish(node.name, Line(made, steps, offsets))


def _each(lines: Sequence[Line], name: str) -> tuple[tuple[Fraction, ...], list[np.ndarray]]:
    """The greatest step of each channel that all slopes are whole multiples of, and these."""
    steps: list[Fraction] = []
    rows: list[list[int]] = []
    for slopes in zip(*(line.slopes for line in lines), strict=True):
        scale, factors, _ = common([Line("", (s,), (Fraction(0),)) for s in slopes], name)
        steps.append(scale)
        rows.append([int(f[0]) for f in factors])
    return tuple(steps), list(np.array(rows, np.int64).T)


def _move(work: Work, node: Node, op: Reshape | Reorder | Take) -> None:
    """The integers move; where those that come together in a channel have several scales, they
    come to one before."""
    name, = work.inputs(node)
    line, = _lines(work, node)
    x = work.tensors[line.source]
    pairs = list(zip(line.slopes, line.offsets, strict=True))
    first = np.array([pairs.index(pair) for pair in pairs])
    which = op.evaluate(np.broadcast_to(first, (1, *x.shape))).reshape(-1, op.infer(x).channels)
    if name == line.source or (which != which[0]).any():
        work.add(node.name, op, _whole(work, node))
        return
    made = work.add(node.name, op, line.source)
    slopes, offsets = zip(*(pairs[k] for k in which[0]), strict=True)
    work.finish(node.name, Line(made, slopes, offsets))


def _requantize(work: Work, node: Node, op: Requantize) -> None:
    """Whole sums and biases are multiplied as they are."""
    name, = work.inputs(node)
    line, = _lines(work, node)
    if name != line.source:
        if any(a != 1 or b.denominator > 1
               for a, b in zip(line.slopes, line.offsets, strict=True)):
            raise ModelError(f"Layer {node.name!r}: it takes whole numbers, and those of "
                             f"{node.inputs[0]!r} have a scale or a fraction: give its weights and "
                             f"its input the scale 1")
        op = replace(op, offset=op.offset + op.multiplier * np.array(
            [int(b) for b in line.offsets]))
    work.add(node.name, op, line.source)


def _join(work: Work, node: Node) -> None:
    """Channels with scales of their own come to one scale before they are joined."""
    lines = _lines(work, node)
    scale, factors, offset = common(lines, node.name)
    ends = np.cumsum([len(f) for f in factors])[:-1]
    offsets = np.split(offset, ends)
    made = [work.beside(f"{node.name}_codes{k}", Gain(f, o, scale), line.source)
            for k, (f, o, line) in enumerate(zip(factors, offsets, lines, strict=True))]
    work.concat(node.name, made)

"""Turns weighted sums into integer products; their scales and biases move behind them."""

from fractions import Fraction

import numpy as np

from ..engines import FoldedEngine
from ..errors import ModelError
from ..exact.num import Int
from ..graph import Graph, Node, PeSimd, Tensor
from ..hw.units.matvec import Storage
from ..layers import Conv, Dense, Join
from ..layers.product import Product
from ..layers.run_time import BlockFloat, Residual, RunTime
from ..ops import (
    Combine,
    Concat,
    Gain,
    Lookup,
    MatVec,
    Sum,
    Windows,
)
from ..ops.dynamic import DynamicMatVec
from ..ops.multiply import Multiply
from ..schemes import Stage
from .lines import Line, Work, as_integers, common

__all__ = ["products"]

MOST_SQUARES = 1 << 12
"""Most entries of a table of squares; products of more values have multipliers."""


def products(graph: Graph) -> Graph:
    """Splits each layer that sums codes into an integer layer and an affine layer."""
    work = Work(graph)
    for node in graph.nodes:
        match node.op:
            case RunTime() if any(not isinstance(n.op, Dense) for n in graph.users[node.name]) or (
                    node.name == graph.output.name):
                raise ModelError(f"Layer {node.name!r}: only a dense layer takes {node.op.kind} "
                                 f"codes, whose scales are found at run time")
            case Dense() if isinstance(graph.by_name[node.inputs[0]].op, RunTime):
                _dynamic(work, node, node.op)
            case Join() | Concat() if len(node.inputs) == 1:
                work.now[node.name], = work.inputs(node)
            case op if work.countable(node):
                as_integers(op, work, node)
            case op:
                work.add(node.name, op, *work.inputs(node))
    return graph.replaced(work.nodes)


@as_integers.register
def _(op: Dense | Conv, work: Work, node: Node) -> None:
    source = work.whole(node)
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


@as_integers.register
def _(op: Product, work: Work, node: Node) -> None:
    """A product of few bits is a difference of quarter squares, ``((x + y)**2 - (x - y)**2) / 4``,
    which are in two tables; both squares are odd or even, so that halves cancel."""
    (first, x), (second, y) = (_units(work, node, k) for k in (0, 1))
    ones, scales = np.ones(x.channels, np.int64), (x.scale * y.scale,) * x.channels
    nothing = (Fraction(0),) * x.channels
    if sum(t.integer.hi - t.integer.lo for t in (x, y)) >= MOST_SQUARES:
        made = work.add(node.name, Multiply((int(x.zero), int(y.zero))), first, second)
        return work.finish(node.name, Line(made, scales, nothing))
    tables: list[str] = []
    for part, sign in (("total", 1), ("difference", -1)):
        made = work.beside(f"{node.name}_{part}", Sum(ones, sign * ones), first, second)
        tables.append(work.beside(f"{node.name}_{part}_square", _squares(
            work.tensors[made].integer, int(x.zero + sign * y.zero)), made))
    made = work.add(node.name, Sum(ones, -ones), *tables)
    work.finish(node.name, Line(made, scales, nothing))


def _units(work: Work, node: Node, k: int) -> tuple[str, Tensor]:
    """A layer of integers that input ``k`` of a layer is a multiple of, less a whole zero point,
    and its format."""
    name = work.inputs(node)[k]
    line = work.line(name)
    assert line
    x = work.tensors[line.source]
    if name != line.source or x.coded is not None or x.zero.denominator > 1:
        scale, (factors,), offset = common([line], node.name)
        name = work.beside(f"{node.name}_codes{k}", Gain(factors, offset, scale), line.source)
    return name, work.tensors[name]


def _squares(x: Int, zero: int) -> Lookup:
    """The table of ``(x - zero)**2 // 4``."""
    table = (np.arange(x.lo, x.hi + 1) - zero) ** 2 // 4
    return Lookup(table, Tensor((), Int.of(table)), x.lo)


def _windows(work: Work, name: str, op: Conv, source: str) -> str:
    """Adds the vectors that a convolution multiplies; pads are the code of the real zero."""
    window, fill = op.window, 0
    if any(window.pads):
        source, fill = _with_zero(work, name, source)
    if window.taps == 1 and window.stride == (1, 1) and not any(window.pads) and op.groups == 1:
        return source
    return work.beside(f"{name}_window", Windows(window, op.groups, fill), source)


def _with_zero(work: Work, name: str, source: str) -> tuple[str, int]:
    """Returns a source in which the real zero has a code, and that code."""
    x = work.tensors[source]
    if x.coded is not None:
        zeros = np.flatnonzero(x.coded.decode(x.coded.codes) == x.zero)
        if not len(zeros):
            raise ModelError(f"Layer {name!r}: no code of its input stands for 0, which its "
                             f"pads need")
        return source, int(x.coded.codes[zeros[0]])
    if x.zero.denominator == 1:
        return source, int(x.zero)
    codes = np.arange(x.integer.lo, x.integer.hi + 1)
    doubled = (codes * x.zero.denominator - x.zero.numerator).astype(np.int64)
    made = Tensor((), Int.of(doubled), x.scale / x.zero.denominator)
    return work.beside(f"{name}_signs", Lookup(doubled, made, x.integer.lo), source), 0


def _sums(work: Work, name: str, op: Dense | Conv, source: str) -> str:
    """Adds the integer products of the scheme's stages, and the layers that combine their sums."""
    stages = op.scheme.stages(op.weights.codes, op.weights.table)
    groups = op.groups if isinstance(op, Conv) else 1
    storage: Storage = op.storage if isinstance(op, Dense) else "packed"
    if groups > 1 and len(stages) > 1:
        raise ModelError(f"Layer {name!r}: scheme {op.scheme} has {len(stages)} products in "
                         f"sequence, which cannot be in groups; use another scheme")
    for k, stage in enumerate(stages):
        last = k == len(stages) - 1
        source = _stage(work, name if last else work.fresh(f"{name}_stage{k + 1}"), stage, source,
                        op.fold if last else None, storage, groups)
    return source


def _stage(work: Work, name: str, stage: Stage, source: str, fold: PeSimd | None,
           storage: Storage, groups: int) -> str:
    """A product; several parts of its sums are combined, and gains multiplied, exactly."""
    scheme, codes, table, gains = stage
    nothing = np.zeros(len(codes), np.int64)
    matvec = MatVec(scheme, codes, nothing, table, groups, fold, FoldedEngine(storage=storage))
    made = work.add(name, matvec, source)
    if matvec.parts > 1:
        factors = scheme.factors(len(codes), table)
        made = work.beside(f"{name}_sum", Combine(factors, nothing), made)
    return made if gains is None else work.beside(f"{name}_gain", Gain(gains), made)


def _dynamic(work: Work, node: Node, dense: Dense) -> None:
    """Adds a product whose inputs are quantized with run-time statistics, and the scale of its
    integers."""
    coding = work.graph.by_name[node.inputs[0]]
    op, outputs, x = coding.op, len(dense.integers), work.graph.tensors[coding.inputs[0]]
    if x.codes is None or x.zero.denominator > 1 or x.coded:
        raise ModelError(f"Layer {coding.name!r}: it needs whole numbers before it: put a quantize "
                         f"layer there")
    assert isinstance(op, Residual | BlockFloat)
    if dense.scheme.factorized:
        raise ModelError(f"Layer {node.name!r}: {op.kind} does not go with {dense.scheme.name} "
                         f"weights, which are several products")
    nothing = np.zeros(outputs, np.int64)
    product = MatVec(dense.scheme, dense.weights.codes, nothing, dense.weights.table,
                     asked=dense.fold)
    unit = x.scale / (x.size ** op.planes if isinstance(op, Residual) else 1)
    slopes = tuple(Fraction(float(t)) * unit
                   for t in np.broadcast_to(dense.weights.scale, (outputs,)))
    offsets = tuple(map(Fraction, dense.added.tolist()))
    made = work.add(node.name, DynamicMatVec(op, product, int(x.zero)), *coding.inputs)
    work.finish(node.name, Line(made, slopes, offsets))

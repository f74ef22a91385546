"""Small networks of an activation and what reads it, many of them side by side in one network."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Fold, Folds, Graph, Node, Op, Spatial
from qhw.layers import (
    Add,
    Affine,
    ArgMax,
    BatchNorm,
    Clamp,
    Conv,
    Dense,
    Flatten,
    Function,
    Input,
    Join,
    LeakyRelu,
    MultiThreshold,
    Quantize,
    Quantizer,
    Relu,
    Reshape,
    Sign,
    Ternarize,
)
from qhw.layers.levels import gaussian, logarithmic, minifloat, residual
from qhw.layers.pool import AveragePool, MaxPool
from qhw.layers.run_time import BlockFloat, Residual
from qhw.lower import lower
from qhw.ops import Concat, Take
from qhw.ops.reorder import enlarge, transpose
from qhw.schemes import Scheme, schemes
from qhw.schemes.fixed import Fixed
from qhw.simulators.golden import evaluate

__all__ = ["ACTIVATIONS", "READERS", "Case", "add_pairs", "beside", "concat_pairs", "legal",
           "readers", "samples", "with_schemes"]

F = Fraction
SHAPE, CODES = (3, 3, 2), Int(-8, 7)
INPUT = Input(SHAPE, CODES, F(1, 4))
CHANNELS = 4
ENDS = Int(-4, 3)
"""Codes of each network's answer where several are side by side."""

ACTIVATIONS: dict[str, Quantizer] = {
    "quantize": Quantize(Int(-8, 7), F(1, 2)), "unsigned": Quantize(Int(0, 15), F(1, 4), zero=3),
    "sign": Sign(F(1, 2)), "ternary": Ternarize(np.array([.5]), np.array([-.75]), F(3, 4)),
    "hwgq": gaussian([F(538, 1000) * k for k in (1, 2, 3)]),
    "levels": gaussian([F(1, 4), F(7, 10), F(3, 2)]),
    "residual": residual([F(5, 4), F(1, 2)]), "log": logarithmic(3, 2),
    "signed log": logarithmic(2, 1, signed=True), "minifloat": minifloat(3, 2),
    "constant": Quantize(Int(3, 3), F(1, 2))}
RUN_TIME: dict[str, Op] = {"k": Residual(1), "planes": Residual(2), "blocks": BlockFloat(4)}


@dataclass(frozen=True)
class Case:
    """A network behind ``INPUT``: nodes in a row, or a few rows that join.

    ``folds`` is by layer name; ``real`` says whether float64 evaluation gives its meaning.
    """

    name: str
    nodes: tuple[Node, ...]
    folds: Folds = field(default_factory=dict)
    real: bool = True

    @property
    def graph(self) -> Graph:
        return Graph("case", (Node("input", INPUT), *self.nodes)).check()


class Row:
    """Nodes one after the other, behind the input at first."""

    def __init__(self, prefix: str = "", source: str = "input"):
        self.prefix, self.last, self.nodes = prefix, source, list[Node]()

    def add(self, name: str, op: Op, *others: str) -> "Row":
        self.nodes.append(Node(f"{self.prefix}{name}", op, (self.last, *others)))
        self.last = self.nodes[-1].name
        return self


def weights(scheme: Scheme, outputs: int, inputs: int, seed: int):
    return scheme.quantize(np.random.default_rng(seed).normal(size=(outputs, inputs)))


def active(kind: str, prefix: str = "", seed: int = 1, channels: int = CHANNELS) -> Row:
    """A layer of pixels, and the activation behind it."""
    fixed = Fixed(4)
    layer = Conv(fixed, weights(fixed, channels, SHAPE[2], seed), Window((1, 1)),
                 bias=np.linspace(-1, 1, channels))
    return Row(prefix).add("layer", layer).add("act", ACTIVATIONS[kind])


# -- pairs of activations

def add_pairs() -> Iterator[Case]:
    for a, b in combinations_with_replacement(ACTIVATIONS, 2):
        one, two = active(a, "a_", 1), active(b, "b_", 2)
        yield Case(f"{a} + {b}", (*two.nodes, *one.add("sum", Add(), two.last).nodes))


def concat_pairs() -> Iterator[Case]:
    """Of unequal widths, either one first."""
    for a in ACTIVATIONS:
        for b in ACTIVATIONS:
            one, two = active(a, "a_", 1), active(b, "b_", 2, channels=2)
            yield Case(f"{a} beside {b}", (*two.nodes, *one.add("join", Join(), two.last).nodes))


# -- schemes

def with_schemes() -> Iterator[Case]:
    """Every activation before a padded convolution of every scheme; scales of run time before a
    dense layer."""
    window = Window((2, 2), pads=(1, 0, 0, 1))
    for name, kind in schemes.items():
        scheme = kind()
        for act in ACTIVATIONS:
            conv = Conv(scheme, weights(scheme, 4, 4 * CHANNELS, 3), window)
            yield Case(f"{name} x {act}", tuple(active(act).add("out", conv).nodes))
        for act, op in RUN_TIME.items():
            row = active("quantize").add("flat", Flatten()).add("code", op)
            row.add("out", Dense(scheme, weights(scheme, 4, 9 * CHANNELS, 3)))
            yield Case(f"{name} x {act}", tuple(row.nodes), real=act != "blocks")


# -- layers

def _dense(row: Row) -> Row:
    return row.add("flat", Flatten()).add("out", Dense(Fixed(4), weights(Fixed(4), 3, 36, 4)))


def _twice(row: Row) -> Row:
    source = row.last
    return row.add("out", Join(), source)


NORM = BatchNorm(np.array([1., -.5, .7, -2.]), np.linspace(-1, 1, 4), np.linspace(0, 1, 4),
                 np.array([.5, 1., 2., .3]), 1e-3)
FALLING = Affine((F(3, 2), F(-1), F(1, 2), F(-2)), (F(0), F(1, 4), F(-1, 2), F(1)))
PADDED = Window((2, 2), (1, 2), pads=(1, 1, 0, 1))
THREE = Quantize(Int(-4, 3), F(1, 2))

READERS: dict[str, Callable[[Row], Row]] = {
    "nothing": lambda r: r,
    "relu": lambda r: r.add("relu", Relu()).add("out", THREE),
    "quantize": lambda r: r.add("out", THREE),
    "sign": lambda r: r.add("out", Sign()),
    "log": lambda r: r.add("out", logarithmic(2, 1, signed=True)),
    "ternary": lambda r: r.add("out", Ternarize(np.array([.6]), np.array([-np.inf]))),
    "thresholds": lambda r: r.add("out", MultiThreshold(np.array([[-np.inf, -.3, .4, np.inf]]))),
    "batch norm": lambda r: r.add("norm", NORM).add("out", THREE),
    "affine": lambda r: r.add("line", FALLING).add("out", THREE),
    "leaky": lambda r: r.add("leak", LeakyRelu((F(1, 8),))).add("out", THREE),
    "clamp": lambda r: r.add("clamp", Clamp(F(-1, 2), F(1))).add("out", THREE),
    "sigmoid": lambda r: r.add("f", Function("sigmoid", lambda x: 1 / (1 + np.exp(-x)))).add(
        "out", Quantize(Int(0, 15), F(1, 15))),
    "maximum": lambda r: r.add("out", MaxPool(Window((2, 2)))),
    "padded maximum": lambda r: r.add("out", MaxPool(PADDED)),
    "maximum of a line": lambda r: r.add("line", FALLING).add("pool", MaxPool(PADDED)).add(
        "out", THREE),
    "maximum, then conv": lambda r: r.add("pool", MaxPool(Window((2, 2)))).add(
        "out", Conv(Fixed(4), weights(Fixed(4), 2, 4, 5), Window((1, 1)))),
    "mean": lambda r: r.add("out", AveragePool(Window((2, 2)))),
    "padded mean": lambda r: r.add("out", AveragePool(PADDED)),
    "dense": _dense,
    "logic": _dense,
    "groups": lambda r: r.add("out", Conv(Fixed(4), weights(Fixed(4), 4, 8, 6), PADDED, 2)),
    "argmax": lambda r: r.add("flat", Flatten()).add("out", ArgMax()),
    "flatten": lambda r: r.add("out", Flatten()),
    "reshape": lambda r: r.add("shape", Reshape((9, 4))).add("out", THREE),
    "transpose": lambda r: r.add("move", transpose((3, 3, 4), (2, 0, 1))).add("out", THREE),
    "enlarge": lambda r: r.add("more", enlarge((3, 3, 4), 2, 1)).add("out", THREE),
    "some channels": lambda r: r.add("take", Take(1, 2)).add("out", THREE),
    "beside itself": _twice,
    "codes beside themselves": lambda r: r.add("out", Concat(), r.last),
    "multiplier": lambda r: r.add("out", replace(THREE, multiplier_bits=12)),
    "added to itself": lambda r: r.add("out", Add(), r.last),
}
"""Everything that a description or a file puts behind an activation."""


def readers() -> Iterator[Case]:
    for name, reader in READERS.items():
        for act in ACTIVATIONS:
            yield Case(f"{name} of {act}", tuple(reader(active(act)).nodes),
                       {"out": Spatial()} if name == "logic" else {}, real=name != "multiplier")


# -- many in one

def legal(case: Case) -> str:
    """Why lowering refuses a network, or nothing."""
    try:
        lower(case.graph, case.folds)
    except ModelError as e:
        return str(e)
    return ""


def samples(count: int, seed: int = 0) -> np.ndarray:
    """Input codes: all lowest, all highest, alternating, and random ones."""
    x = np.random.default_rng(seed).integers(CODES.lo, CODES.hi + 1, (count, *SHAPE))
    x[0], x[1] = CODES.lo, CODES.hi
    x[2].flat[::2], x[2].flat[1::2] = CODES.lo, CODES.hi
    return x


def beside(cases: Mapping[str, Case]) -> tuple[Graph, Folds]:
    """One network of several, whose layers' names begin with their keys: each one's answer is
    quantized, and some of every answer is concatenated."""
    nodes, ends, folds = [Node("input", INPUT)], list[str](), dict[str, Fold]()
    x = samples(64)
    for key, case in cases.items():
        row = Row(f"{key}_", f"{key}_{case.nodes[-1].name}")
        nodes += [Node(f"{key}_{n.name}", n.op, tuple(
            i if i == "input" else f"{key}_{i}" for i in n.inputs)) for n in case.nodes]
        folds |= {f"{key}_{name}": pair for name, pair in case.folds.items()}
        graph = case.graph
        made, last = graph.tensors[graph.output.name], evaluate(graph, x)[graph.output.name]
        real = made.real(last) if made.codes else last
        step = F(2) ** int(np.ceil(np.log2(max(np.abs(real).max(), 1e-3) / -ENDS.lo)))
        row.add("end", replace(THREE, codes=ENDS, scale=step))
        if made.size > CHANNELS:
            row.add("flat", Flatten()).add("few", Take(0, CHANNELS))
        nodes += row.nodes
        ends.append(row.last)
    nodes.append(Node("all", Join(), tuple(ends)))
    return Graph("pairs", tuple(nodes)).check(), folds

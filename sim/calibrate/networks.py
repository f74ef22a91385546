"""Networks and single layers by number, as random as users' are: what estimates are fitted to and
held against.

``network(k, attempt)`` depends on its numbers alone. All schemes, 1 to 8 bits, folds from 1 x 1 to
full; dense, convolutional, depthwise and pooling layers, and small networks of several layers.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node, Op, PeSimd
from qhw.layers import Add, ArgMax, BatchNorm, Conv, Dense, Flatten, Input, Quantize, Relu, Sign
from qhw.layers.levels import logarithmic
from qhw.layers.pool import AveragePool, MaxPool
from qhw.schemes import Scheme, parse

__all__ = ["KINDS", "SCHEMES", "kind", "network"]

KINDS = ("dense",) * 10 + ("conv",) * 4 + ("depthwise", "depthwise", "pool", "net", "net", "images")
SCHEMES: dict[str, tuple[str, ...]] = {
    "admm": ("admm:powers=1", "admm:powers=2", "admm:powers=3"),
    "affine": ("affine",),
    "alternating": ("alternating:planes=1", "alternating:planes=2", "alternating:planes=3"),
    "balanced": ("balanced:bits=2", "balanced:bits=3", "balanced:bits=4"),
    "binary": ("binary",),
    "bwnh": ("bwnh",),
    "codebook": ("codebook:entries=4", "codebook:entries=8", "codebook:entries=16",
                 "codebook:entries=16,engine=multiply"),
    "dfp": ("dfp:bits=4", "dfp:bits=6", "dfp:bits=8"),
    "dorefa": ("dorefa:bits=2", "dorefa:bits=3", "dorefa:bits=4"),
    "ffn": ("ffn:weight_bits=2", "ffn:weight_bits=4"),
    "fixed": ("fixed:bits=2", "fixed:bits=3", "fixed:bits=4", "fixed:bits=6", "fixed:bits=8"),
    "flexpoint": ("flexpoint:bits=8", "flexpoint:bits=12", "flexpoint:bits=16"),
    "hashed": ("hashed:buckets=16", "hashed:buckets=64"),
    "inq": ("inq:bits=3", "inq:bits=4", "inq:bits=5"),
    "minifloat": ("minifloat:exponent=3,mantissa=2", "minifloat:exponent=2,mantissa=3",
                  "minifloat:exponent=4,mantissa=3"),
    "po2": ("po2:lowest=-4", "po2:lowest=-8"),
    "product": ("product:words=4", "product:words=8", "product:words=8,shared=true"),
    "shiftcnn": ("shiftcnn:terms=1", "shiftcnn:terms=2,bits=3", "shiftcnn:terms=2",
                 "shiftcnn:terms=2,bits=3,expand=true"),
    "sketch": ("sketch:planes=1", "sketch:planes=2", "sketch:planes=3"),
    "slq": ("slq:bits=3", "slq:bits=4"),
    "sqnr": ("sqnr:bits=3", "sqnr:bits=4", "sqnr:bits=6"),
    "ternary": ("ternary",),
    "tnn": ("tnn",),
    "ttq": ("ttq",),
}


def kind(k: int) -> str:
    return KINDS[k % len(KINDS)]


def network(k: int, attempt: int = 0) -> Graph:
    """Network number ``k``, its folds chosen; ValueError if its choices do not go together."""
    return _Network(k, attempt).made()


class _Network:
    """One attempt at a network; the scheme goes round with ``k``, all else is random."""

    def __init__(self, k: int, attempt: int):
        self.k, self.rng, self.nodes = k, np.random.default_rng([k, attempt]), list[Node]()
        self.shape: tuple[int, ...] = ()
        self.count = 0
        self.full = k % 7 == 3 and kind(k) not in ("net", "images")

    def made(self) -> Graph:
        getattr(self, kind(self.k))()
        return Graph(f"sample{self.k}", tuple(self.nodes)).check()

    # -- choices

    def pick(self, things: Any) -> Any:
        return things[int(self.rng.integers(len(things)))]

    def scheme(self, *without: str) -> Scheme:
        """The first layer's scheme goes round, so that each has its share."""
        names = [n for n in SCHEMES if n not in without]
        turn = self.k // len(KINDS) * 7 + self.k
        return parse(self.pick(SCHEMES[names[turn % len(names)] if not self.count
                                       else self.pick(names)]))

    def size(self, lo: int, hi: int) -> int:
        """With many divisors, mostly; where all is done in a cycle, small."""
        hi = min(hi, lo + 20) if self.full else hi
        n = int(np.exp(self.rng.uniform(np.log(lo), np.log(hi))))
        return n if self.rng.random() < 0.2 else max(n // 4 * 4, lo)

    def codes(self) -> Int:
        bits = int(self.rng.integers(1, 9))
        return Int.of_bits(bits, signed=bits > 1 and self.rng.random() < 0.4)

    def fold(self, outputs: int, inputs: int, group: int = 1) -> PeSimd:
        """Any, and now and then the smallest or the whole; ValueError if there is none."""
        pe = [d for d in range(1, outputs + 1) if outputs % d == 0]
        simd = [d for d in range(group, inputs + 1) if inputs % d == 0 and d % group == 0]
        if not simd:
            raise ValueError(f"No part of {inputs} inputs has whole groups of {group}")
        if self.full:
            return PeSimd(pe[-1], simd[-1])
        if self.rng.random() < 0.08:
            return PeSimd(pe[0], simd[0])
        return PeSimd(self.pick(pe), self.pick(simd))

    # -- layers

    def add(self, op: Op, *inputs: str) -> str:
        self.nodes.append(Node(f"l{len(self.nodes)}", op, inputs or (
            (self.nodes[-1].name,) if self.nodes else ())))
        return self.nodes[-1].name

    def input(self, *shape: int) -> None:
        self.shape = shape
        self.add(Input(shape, self.codes()))

    def weighted(self, outputs: int, inputs: int, scheme: Scheme) -> Any:
        self.count += 1
        # Few distinct weights, or many zeros, happen too.
        w = self.rng.normal(size=(outputs, inputs)) * (self.rng.random((outputs, inputs))
                                                       < self.pick([1, 1, 0.5]))
        return scheme.quantize(w)

    def fully(self, outputs: int, scheme: Scheme | None = None) -> None:
        inputs = self.shape[-1]
        scheme = scheme or self.scheme()
        codes = self.weighted(outputs, inputs, scheme)
        fold = None if scheme.factorized else self.fold(outputs, inputs, scheme.group)
        bias = self.rng.normal(size=outputs) if self.rng.random() < 0.5 else None
        self.add(Dense(scheme, codes, bias, fold))
        self.shape = (*self.shape[:-1], outputs)

    def conv(self) -> None:
        rows, columns = int(self.rng.integers(4, 15)), int(self.rng.integers(4, 15))
        self.input(rows, columns, self.size(1, 12))
        self.convolved(self.size(2, 16))
        self.maybe_activation()

    def convolved(self, outputs: int, groups: int = 1) -> None:
        window = Window(self.pick([(3, 3), (3, 3), (1, 1), (2, 2), (1, 3)]),
                        self.pick([(1, 1), (1, 1), (2, 2)]),
                        pads=self.pick([(0, 0, 0, 0), (1, 1, 1, 1)]))
        seen = window.taps * self.shape[2] // groups
        scheme = self.scheme("ffn")
        fold = self.fold(outputs // groups, seen, scheme.group)
        self.add(Conv(scheme, self.weighted(outputs, seen, scheme), window, groups, fold))
        self.shape = (*window.outputs(*self.shape[:2]), outputs)

    def depthwise(self) -> None:
        channels = self.size(2, 24)
        self.input(int(self.rng.integers(4, 15)), int(self.rng.integers(4, 15)), channels)
        self.convolved(channels * self.pick([1, 1, 2]), channels)
        self.maybe_activation()

    def pool(self) -> None:
        self.input(int(self.rng.integers(6, 17)), int(self.rng.integers(6, 17)), self.size(2, 16))
        self.convolved(self.size(2, 8))
        self.activation()
        self.pooled()
        self.activation()

    def pooled(self) -> None:
        side = self.pick([2, 2, 3])
        window = Window((side, side), self.pick([(side, side), (1, 1)]))
        self.add(self.pick([MaxPool, AveragePool])(window))
        self.shape = (*window.outputs(*self.shape[:2]), self.shape[2])

    def maybe_activation(self) -> None:
        if self.rng.random() < 0.6:
            self.activation()

    def activation(self) -> None:
        """Batch norm, and a quantizer by thresholds or by multiplier and shift."""
        channels, spread = self.shape[-1], 4.0 * np.prod(self.shape[-1:]) ** 0.5
        if self.rng.random() < 0.7:
            gamma = self.rng.uniform(0.5, 1.5, channels) * self.rng.choice([1, 1, 1, -1], channels)
            self.add(BatchNorm(gamma, self.rng.normal(size=channels) / 2,
                               self.rng.normal(size=channels) * spread / 4,
                               spread**2 * self.rng.uniform(0.5, 2, channels), 1e-5))
        way = self.rng.random()
        if way < 0.2:
            self.add(Sign())
            return
        if way < 0.25:
            self.add(logarithmic(int(self.rng.integers(2, 4)), 0, signed=False))
            return
        if self.rng.random() < 0.7:
            self.add(Relu())
        bits = int(self.rng.integers(2, 9 if way > 0.6 else 5))
        codes = Int.of_bits(bits, signed=self.rng.random() < 0.3)
        self.add(Quantize(codes, Fraction(4, codes.hi - codes.lo),
                          multiplier_bits=self.pick([8, 12, 16]) if way > 0.6 else 0))

    # -- single layers and networks

    def dense(self) -> None:
        self.input(self.size(4, 96))
        self.fully(self.size(2, 48))
        self.maybe_activation()

    def net(self) -> None:
        self.input(self.size(8, 64))
        for outputs in (self.size(8, 32), self.size(4, 24)):
            self.fully(outputs)
            self.activation()
        self.fully(self.size(3, 10))
        if self.rng.random() < 0.5:
            self.nodes[-1] = Node(self.nodes[-1].name, self.one_scale(self.nodes[-1].op),
                                  self.nodes[-1].inputs)
            self.add(ArgMax())

    def one_scale(self, op: Dense) -> Dense:
        """An argmax compares its scores as integers."""
        codes = op.scheme.quantize(self.rng.normal(size=op.integers.shape), per_channel=False)
        return Dense(op.scheme, codes, op.bias, op.fold)

    def images(self) -> None:
        """Convolution, pooling, a branch, and a fully connected layer."""
        self.input(int(self.rng.integers(5, 9)), int(self.rng.integers(5, 9)), self.size(1, 4))
        self.convolved(4)
        self.activation()
        if self.rng.random() < 0.5:
            self.pooled()
            self.activation()
        before, kept = self.nodes[-1].name, self.shape
        scheme = self.scheme("ffn", "product")
        inner = self.weighted(4, 4, scheme)
        self.add(Conv(scheme, inner, Window((1, 1)), 1, self.fold(4, 4)))
        self.shape = (*kept[:2], 4)
        self.add(Quantize(Int(-8, 7), Fraction(1, 2)))
        if self.rng.random() < 0.5:
            self.add(Quantize(Int(0, 7), Fraction(1, 2)), before)
            self.add(Add(), self.nodes[-2].name, self.nodes[-1].name)
            self.add(Quantize(Int(0, 7), Fraction(1)))
        self.add(Flatten())
        self.shape = (int(np.prod(self.shape)),)
        self.fully(self.size(2, 8), parse(self.pick(["binary", "ternary", "fixed:bits=3"])))

"""Random networks: every scheme, odd sizes, any fold, gammas of either sign and zero."""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from qhw.exact.num import Int, Rounding
from qhw.graph import Graph, Node, Op, PeSimd
from qhw.layers import ArgMax, BatchNorm, Dense, Flatten, Input, Quantize, Relu, Sign
from qhw.schemes import Scheme
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary

SCHEMES = [Binary(), Ternary(), Fixed(2), Fixed(4), Fixed(8), Fixed(3, narrow=False)]
MOST_LANES = 200
"""Products a cycle: a compiler takes minutes for thousands."""
INPUTS = [Int(0, 1), Int(0, 16), Int(-8, 7), Int(-100, 155)]


class Builder:
    """A network that grows layer by layer."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.nodes: list[Node] = []

    def add(self, name: str, op: Op) -> None:
        self.nodes.append(Node(name, op, (self.nodes[-1].name,) if self.nodes else ()))

    def pick(self, things):
        return things[int(self.rng.integers(len(things)))]

    def dense(self, name: str, scheme: Scheme, inputs: int, outputs: int, *, one_scale=False,
              bias=False) -> None:
        found = scheme.quantize(self.rng.normal(size=(outputs, inputs)),
                                per_channel=not one_scale)
        group = scheme.group
        simd = self.pick([d for d in range(group, inputs + 1, group) if inputs % d == 0])
        pe = self.pick([d for d in range(1, outputs + 1)
                        if outputs % d == 0 and d * simd <= MOST_LANES] or [1])
        self.add(name, Dense(scheme, found,
                             self.rng.normal(size=outputs) if bias else None, PeSimd(pe, simd)))

    def norm(self, name: str, size: int, spread: float) -> None:
        """Batch norm that keeps a layer's outputs near 1, a few gammas negative or zero."""
        gamma = self.rng.uniform(0.5, 1.5, size) * self.rng.choice([1, 1, 1, -1, 0], size)
        self.add(name, BatchNorm(gamma, self.rng.normal(size=size) / 2,
                                 self.rng.normal(size=size) * spread / 4,
                                 spread**2 * self.rng.uniform(0.5, 2, size), 1e-5))

    def activation(self, name: str) -> None:
        kind = int(self.rng.integers(5))
        if kind == 0:
            return self.add(name, Sign(Fraction(1, 2)))
        if kind == 1:
            self.add(f"{name}r", Relu())
        bits, signed = int(self.rng.integers(1, 9 if kind == 2 else 4)), bool(self.rng.integers(2))
        if bits == 1:
            signed = False
        codes = Int.of_bits(bits, signed=signed)
        self.add(name, Quantize(
            codes, Fraction(2) / (codes.hi - codes.lo),
            zero=int(self.rng.integers(codes.lo, codes.hi + 1)) if kind == 4 else 0,
            rounding=self.pick(list(Rounding)), multiplier_bits=12 if kind == 3 else 0))


def random_network(seed: int, *, most: int = 300, layers: int | None = None) -> Graph:
    """A network with 1 to 4 dense layers of 1 to ``most`` inputs and outputs."""
    b = Builder(seed)
    sizes = [int(most ** b.rng.uniform(0, 1)) for _ in range((layers or b.pick([1, 2, 3, 4])) + 1)]
    shape = (sizes[0],) if sizes[0] % 2 else (2, sizes[0] // 2)
    b.add("input", Input(shape, b.pick(INPUTS)))
    if len(shape) > 1:
        b.add("flat", Flatten())
    spread = 5.0 * sizes[0] ** 0.5
    for k, (inputs, outputs) in enumerate(pairwise(sizes[:-1]), 1):
        b.dense(f"fc{k}", b.pick(SCHEMES), inputs, outputs, bias=bool(b.rng.integers(2)))
        b.norm(f"bn{k}", outputs, spread)
        b.activation(f"act{k}")
        spread = inputs ** 0.5
    classes = sizes[-1]
    b.dense("last", b.pick(SCHEMES), sizes[-2], classes, one_scale=True, bias=True)
    if classes > 1 and b.rng.integers(2):
        b.add("class", ArgMax())
    return Graph(f"random{seed}", tuple(b.nodes)).check()


def random_input(graph: Graph, samples: int, seed: int = 0) -> np.ndarray:
    """Codes (N, *shape), the first samples all at the lowest and all at the highest."""
    made = graph.tensors["input"]
    codes = np.random.default_rng(seed).integers(
        made.integer.lo, made.integer.hi + 1, (samples, *made.shape))
    codes[0], codes[min(1, samples - 1)] = made.integer.lo, made.integer.hi
    return codes

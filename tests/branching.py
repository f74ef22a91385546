"""Random networks whose streams part and meet: projection shortcuts, inception and dense blocks,
U-Nets, skips over pooling, forks of forks."""

from fractions import Fraction

import numpy as np

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Graph, Node, Op
from qhw.layers import Add, Conv, Dense, Flatten, Input, Join, Quantize
from qhw.layers.pool import MaxPool
from qhw.lower import lower
from qhw.ops import Combine, HardwareOp
from qhw.ops.reorder import enlarge
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from qhw.schemes.ternary import Ternary

__all__ = ["KINDS", "branched", "lowered"]

SCHEMES = (Binary(), Ternary(), Fixed(3), Fixed(4))
KINDS = ("projection", "residual", "inception", "dense", "unet", "skip", "nested")
MOST_LANES = 64


class Maker:
    """A network that grows block by block; tensors are nodes' names."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.nodes: list[Node] = []
        self.shapes: dict[str, tuple[int, ...]] = {}
        bits = self.pick((1, 2, 3, 4))
        self.codes = Int.of_bits(bits, signed=bool(bits > 1 and self.rng.integers(2)))
        self.multiplier = self.pick((0, 0, 0, 12)) if bits > 1 else 0
        flat = self.rng.integers(5) == 0
        shape = (self.pick((6, 8, 9, 12, 16)), 1) if flat else (
            self.pick((4, 5, 6, 7, 8)), self.pick((4, 5, 6, 8)))
        self.add("input", Input((*shape, self.pick((1, 2, 3, 4))), self.codes))

    def pick(self, things):
        return things[int(self.rng.integers(len(things)))]

    def add(self, name: str, op: Op, *inputs: str) -> str:
        name = f"{name}{len(self.nodes)}" if inputs else name
        self.nodes.append(Node(name, op, inputs))
        self.shapes[name] = op.infer(*(self._tensor(i) for i in inputs)).shape
        return name

    def _tensor(self, name: str):
        return Graph("so far", tuple(self.nodes)).tensors[name]

    def quantized(self, x: str) -> str:
        spread = Fraction(self.pick((1, 2, 3, 5)))
        return self.add("q", Quantize(self.codes, spread, multiplier_bits=self.multiplier), x)

    def conv(self, x: str, units: int, kernel: int, stride: int = 1, *, padded: bool = True) -> str:
        """A convolution and its quantizer; padded, it keeps rows and columns but for the stride."""
        h, w, c = self.shapes[x]
        k = (min(kernel, 2 * h - 1), min(kernel, 2 * w - 1) if w > 1 else 1)
        pads = (k[0] // 2, k[1] // 2, k[0] // 2, k[1] // 2) if padded else (0, 0, 0, 0)
        groups = c if c > 1 and units % c == 0 and self.rng.integers(6) == 0 else 1
        scheme = self.pick(SCHEMES)
        weights = scheme.quantize(self.rng.normal(size=(units, k[0] * k[1] * c // groups)))
        window = Window(k, (stride, stride if w > 1 else 1), (1, 1), pads)
        return self.quantized(self.add("conv", Conv(scheme, weights, window, groups), x))

    def pool(self, x: str, kernel: int, stride: int) -> str:
        w = self.shapes[x][1]
        return self.add("pool", MaxPool(Window(
            (kernel, kernel if w > 1 else 1), (stride, stride if w > 1 else 1), (1, 1),
            (kernel // 2, kernel // 2 if w > 1 else 0, kernel // 2, kernel // 2 if w > 1 else 0)
            if kernel % 2 else (0, 0, 0, 0))), x)

    # -- blocks: from codes to codes

    def block(self, x: str, kind: str) -> str:
        return getattr(self, f"_{kind}")(x)

    def _sum(self, a: str, b: str) -> str:
        return self.quantized(self.add("sum", Add(), a, b))

    def _join(self, *parts: str) -> str:
        joined = self.add("join", Join(), *parts)
        return self.quantized(joined) if self.rng.integers(3) == 0 else joined

    def _projection(self, x: str) -> str:
        units, stride = self.pick((1, 2, 3, 4, 6, 8)), self.pick((1, 1, 2))
        long = self.conv(x, units, self.pick((3, 3, 5)), stride)
        if self.rng.integers(2):
            long = self.conv(long, units, 3)
        short = self.conv(x, units, 1, stride)
        return self._sum(*((long, short) if self.rng.integers(2) else (short, long)))

    def _residual(self, x: str) -> str:
        units = self.shapes[x][2]
        y = x
        for _ in range(self.pick((1, 2, 2))):
            y = self.conv(y, units, self.pick((1, 3)))
        return self._sum(y, x)

    def _inception(self, x: str) -> str:
        units = self.pick((1, 2, 4))
        ways = [lambda: self.conv(x, units, 1), lambda: self.conv(x, units, 3),
                lambda: self.conv(self.conv(x, self.pick((1, 2)), 1), units, self.pick((3, 5))),
                lambda: self.conv(self.pool(x, 3, 1), units, 1), lambda: self.pool(x, 3, 1)]
        taken = self.rng.permutation(len(ways))[:self.pick((2, 3, 4))]
        return self._join(*(ways[k]() for k in taken))

    def _dense(self, x: str) -> str:
        for _ in range(self.pick((1, 2, 3))):
            x = self._join(x, self.conv(x, self.pick((1, 2)), self.pick((1, 3))))
        return x

    def _unet(self, x: str) -> str:
        h, w, _ = self.shapes[x]
        if h % 2 or w > 1 and w % 2:
            return self._skip(x)
        skip = self.conv(x, self.pick((1, 2, 3)), 3)
        y = self.conv(self.pool(skip, 2, 2), self.pick((2, 3, 4)), self.pick((1, 3)))
        if self.rng.integers(3) == 0:
            y = self._residual(y)
        y = self.add("up", enlarge(self.shapes[y], 2, 2 if w > 1 else 1), y)
        y = self._join(skip, y) if self.rng.integers(2) else self._sum(
            self.conv(y, self.shapes[skip][2], self.pick((1, 3))), skip)
        return self.conv(y, self.pick((1, 2)), 3)

    def _skip(self, x: str) -> str:
        """Pooling beside a convolution of the same stride."""
        c = self.shapes[x][2]
        pooled = self.pool(x, 3, 2)
        y = self.conv(x, c, 3, 2)
        return self._sum(y, pooled) if self.rng.integers(2) else self._join(pooled, y)

    def _nested(self, x: str) -> str:
        """A block beside a layer or another block."""
        a = self._residual(self.conv(x, self.shapes[x][2], self.pick((1, 3))))
        b = self.pick((lambda: x, lambda: self._residual(x),
                       lambda: self.conv(x, self.shapes[x][2], 1)))()
        return self._sum(a, b) if self.rng.integers(2) else self._join(a, b, x)


def branched(seed: int, most: int = 3) -> Graph:
    """A network of 1 to ``most`` blocks."""
    made = Maker(seed)
    x = made.nodes[0].name
    if made.rng.integers(2):
        x = made.conv(x, made.pick((2, 3, 4)), made.pick((1, 3)))
    for _ in range(made.pick(range(1, most + 1))):
        x = made.block(x, made.pick(KINDS))
    if made.rng.integers(2):
        size = int(np.prod(made.shapes[x]))
        x = made.add("flat", Flatten(), x)
        scheme = made.pick(SCHEMES)
        made.add("out", Dense(scheme, scheme.quantize(made.rng.normal(size=(
            made.pick((2, 3, 4)), size))), None, None), x)
    return Graph(f"branched{seed}", tuple(made.nodes)).check()


def lowered(graph: Graph, seed: int) -> tuple[Graph, str]:
    """The integer layers with folds of one of three kinds, and which kind it is."""
    rng = np.random.default_rng(seed)
    default = lower(graph)
    products = {n.name: n.op for n in default.nodes if isinstance(n.op, HardwareOp)
                and n.op.product}
    kind = ("default", "chosen", "random")[seed % 3]
    if kind == "chosen":
        most = max(n.op.interval(*(default.tensors[i] for i in n.inputs))
                   for n in default.nodes if n.name in products)
        return lower(graph, cycles=int(most * rng.choice((0.25, 0.5, 1, 2, 4))) or 1), kind
    if kind == "random":
        folds = {}
        for name, op in products.items():
            p = op.product
            choices = [(pe, simd) for pe in range(1, p.outputs // p.groups + 1)
                       for simd in range(1, p.inputs + 1)
                       if p.outputs // p.groups % pe == 0 and p.inputs % simd == 0
                       and pe * simd <= MOST_LANES]
            folds[name] = choices[int(rng.integers(len(choices)))]
        for n in default.nodes:
            if isinstance(n.op, HardwareOp) and n.name not in products and not isinstance(
                    n.op, Combine) and rng.integers(4) == 0:
                whole = n.op.divided(*(default.tensors[i] for i in n.inputs))
                lanes = [d for d in range(1, whole + 1) if whole % d == 0]
                folds[n.name] = (int(rng.choice(lanes)),)
        return lower(graph, folds), kind
    return default, kind

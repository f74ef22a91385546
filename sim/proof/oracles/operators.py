"""Networks of operators on codes: QLinearConv, QLinearMatMul, QGemm, ConvInteger and the like."""

from dataclasses import dataclass

import numpy as np

from .layers import pads_of
from .maker import MICROSOFT, Impossible, Made, Maker

__all__ = ["operators"]


@dataclass(frozen=True)
class Codes:
    """A tensor of codes with its scale and zero point, as tensors and as numbers."""

    x: str
    scale: str
    zero: str
    step: np.float32
    origin: int

    @property
    def all(self) -> tuple[str, str, str]:
        return self.x, self.scale, self.zero


class Operators(Maker):
    """All activations are of one type, as ONNX Runtime asks for."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self.opset = self.meaning.opset = self.pick(11, 13, 17)
        self.dtype = self.pick("uint8", "uint8", "int8")
        self.lo, self.hi = (0, 255) if self.dtype == "uint8" else (-128, 127)

    def fresh(self, reals: np.ndarray) -> Codes:
        """Scale and zero point for numbers like these, without a tensor."""
        most = float(abs(reals).max(initial=0)) or 1.0
        step = self.near(max(most / self.pick(127, 127, 255, 40, 5), 1e-30))
        middle = (self.lo + self.hi + 1) // 2
        origin = int(self.pick(middle, 0, self.lo, self.hi, middle + 1, middle - 5))
        return Codes("", self.constant(step), self.constant(origin, self.dtype), step, origin)

    def real(self, c: Codes) -> np.ndarray:
        return (self.value(c.x) - c.origin) * c.step

    def made(self, like: Codes, op: str, *inputs: str, **attributes) -> Codes:
        return Codes(self.node(op, *inputs, **attributes), like.scale, like.zero, like.step,
                     like.origin)

    def weights(self, shape: tuple[int, ...], axis: int) -> tuple[str, str, str, np.ndarray]:
        """Codes, scale, zero point, and the numbers that they stand for."""
        dtype = "int8" if self.dtype == "int8" else self.pick("int8", "uint8")
        lo, hi = (0, 255) if dtype == "uint8" else (-128, 127)
        codes = self.integers(lo, hi, shape)
        each = self.chance(.5)
        count = shape[axis] if each else 1
        scale = np.array([self.near(.02 * self.pick(.5, 1, 2)) for _ in range(count)])
        zero = np.full(count, self.pick((lo + hi + 1) // 2, (lo + hi + 1) // 2, lo, 3))
        if not each:
            scale, zero = scale.reshape(()), zero.reshape(())
        wide = [1] * len(shape)
        wide[axis] = count
        real = (codes - zero.reshape(wide)) * scale.reshape(wide)
        return (self.constant(codes, dtype), self.constant(scale), self.constant(zero, dtype),
                real)

    def conv(self, c: Codes) -> Codes:
        channels, *size = self.shape(c.x)
        if not size:
            raise Impossible
        groups = self.pick(1, 1, channels)
        outputs = self.pick(1, 2, 3) * groups
        kernel = [self.random.randint(1, min(3, s)) for s in size]
        attributes = {"group": groups, "kernel_shape": kernel,
                      "strides": [self.pick(1, 1, 2) for _ in size]}
        attributes |= pads_of(self, kernel, size, [1])
        w, ws, wz, real = self.weights((outputs, channels // groups, *kernel), 0)
        if self.chance(.08):
            return self.integer(c, "ConvInteger", w, wz, ws, attributes)
        most = abs(self.real(c)).max() * abs(real).reshape(outputs, -1).sum(axis=1).max() / 2
        y = self.fresh(np.array([most]))
        bias = [self.constant(self.integers(-3000, 3000, outputs), "int32")] * self.chance(.5)
        return self.made(y, "QLinearConv", *c.all, w, ws, wz, y.scale, y.zero, *bias, **attributes)

    def dense(self, c: Codes) -> Codes:
        size = int(np.prod(self.shape(c.x)))
        x = c.x
        if len(self.shape(x)) > 1:
            x = self.node("Flatten", x) if self.chance(.5) else self.node(
                "Reshape", x, self.constant([0, -1], "int64"))
            self.meaning.types[x] = self.dtype
        outputs = self.pick(1, 2, 3, 5)
        transposed = self.chance(.3)
        shape = (outputs, size) if transposed else (size, outputs)
        w, ws, wz, real = self.weights(shape, 0 if transposed else 1)
        c = Codes(x, c.scale, c.zero, c.step, c.origin)
        if not transposed and self.chance(.1):
            return self.integer(c, "MatMulInteger", w, wz, ws, {})
        axis = 1 if transposed else 0
        y = self.fresh(abs(self.real(c)).max() * abs(real).sum(axis=axis) / 2)
        if not transposed and self.chance(.6):
            return self.made(y, "QLinearMatMul", *c.all, w, ws, wz, y.scale, y.zero)
        bias = [self.constant(self.integers(-3000, 3000, outputs), "int32")] if self.chance(
            .6) else [""]
        alpha = {"alpha": float(self.pick(.5, 2.0))} if self.chance(.2) else {}
        return self.made(y, "QGemm", *c.all, w, ws, wz, *bias, y.scale, y.zero, domain=MICROSOFT,
                         transB=int(transposed), **alpha)

    def integer(self, c: Codes, op: str, w: str, wz: str, ws: str, attributes: dict) -> Codes:
        """A sum in int32, scaled and quantized by operators of its own."""
        if self.value(wz).ndim:
            raise Impossible
        total = self.node("Cast", self.node(op, c.x, w, c.zero, wz, **attributes), to=1)
        if self.value(ws).ndim:
            raise Impossible
        both = self.node("Mul", total, self.constant(c.step * np.float32(self.value(ws))))
        y = self.fresh(self.value(both))
        return self.made(y, "QuantizeLinear", both, y.scale, y.zero)

    def pool(self, c: Codes) -> Codes:
        _, *size = self.shape(c.x)
        if len(size) != 2:
            raise Impossible
        kernel = [self.random.randint(1, min(s, 3)) for s in size]
        attributes = {"kernel_shape": kernel, "strides": [self.pick(1, 1, 2) for _ in size]}
        kind = self.pick("max", "average", "global")
        if kind == "max":
            if self.opset < 12:
                raise Impossible
            y = self.made(c, "MaxPool", c.x, **attributes)
            self.meaning.types[y.x] = self.dtype
            return y
        y = self.fresh(self.real(c)) if self.chance(.7) else c
        if kind == "global":
            return self.made(y, "QLinearGlobalAveragePool", *c.all, y.scale, y.zero,
                             domain=MICROSOFT, channels_last=0)
        return self.made(y, "QLinearAveragePool", *c.all, y.scale, y.zero, domain=MICROSOFT,
                         **attributes)

    def element(self, c: Codes) -> Codes:
        """Of one tensor: a sum with itself, a function, a join."""
        kind = self.pick("add", "add", "mul", "leaky", "sigmoid", "concat", "through")
        real = self.real(c)
        match kind:
            case "add":
                y = self.fresh(2 * real)
                other = self.again(c) if self.chance(.5) else c
                return self.made(y, "QLinearAdd", *c.all, *other.all, y.scale, y.zero,
                                 domain=MICROSOFT)
            case "mul" if self.chance(.3):
                y = self.fresh(real * real)
                return self.made(y, "QLinearMul", *c.all, *c.all, y.scale, y.zero,
                                 domain=MICROSOFT)
            case "leaky" if self.chance(.3):
                y = self.fresh(real)
                return self.made(y, "QLinearLeakyRelu", *c.all, y.scale, y.zero,
                                 domain=MICROSOFT, alpha=float(self.pick(.25, .125, .5)))
            case "sigmoid" if self.chance(.3):
                y = self.fresh(np.ones(1))
                return self.made(y, "QLinearSigmoid", *c.all, y.scale, y.zero, domain=MICROSOFT)
            case "concat" if self.chance(.5):
                y = self.fresh(real)
                return self.made(y, "QLinearConcat", y.scale, y.zero, *c.all, *self.again(c).all,
                                 domain=MICROSOFT, axis=1)
        return self.again(c)

    def again(self, c: Codes) -> Codes:
        """The same numbers with another scale and zero point."""
        y = self.fresh(self.real(c))
        x = self.node("DequantizeLinear", *c.all)
        return self.made(y, "QuantizeLinear", x, y.scale, y.zero)


def operators(seed: int) -> Made:
    """A file of operators on codes, by its seed."""
    f = Operators(seed)
    shape = f.pick((f.pick(2, 5, 9),), *[(f.pick(1, 2, 3), f.pick(3, 4, 5), f.pick(2, 4, 5))] * 4)
    raw = f.chance(.2)
    x = f.begin(shape, f.dtype if raw else "float32")
    if raw:
        c = f.fresh(np.array([1.0]))
        c = Codes(x, c.scale, c.zero, c.step, c.origin)
    else:
        y = f.fresh(f.value(x)[1])
        c = f.made(y, "QuantizeLinear", x, y.scale, y.zero)
    for _ in range(f.pick(1, 2, 2, 3, 4)):
        draw = f.pick(f.conv, f.conv, f.conv, f.dense, f.pool, f.element)
        c = f.attempt(lambda draw=draw, c=c: draw(c)) or c
    if not f.nodes or f.chance(.3):
        c = f.attempt(lambda: f.dense(c)) or c
    if not f.nodes:
        c = f.again(c)
    format = f"{f.dtype[0].replace('i', 's')}8" if raw and f.chance(.7) else None
    if f.chance(.25):
        f.meaning.types[c.x] = f.dtype
        return f.finish("operators", c.x, input_format=format)
    y = f.node("DequantizeLinear", *c.all)
    if f.chance(.15) and len(f.shape(y)) == 1:
        y = f.node(f.pick("Softmax", "Relu"), y)
    return f.finish("operators", y, input_format=format)

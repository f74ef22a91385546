"""How a network says that numbers are quantized: QONNX, or QuantizeLinear and DequantizeLinear."""

from abc import abstractmethod

import numpy as np

from .maker import DOMAIN, Impossible, Maker, given_type

__all__ = ["Form", "Qdq", "Qonnx"]

ROUNDINGS = ("ROUND", "ROUND", "ROUND", "HALF_EVEN", "FLOOR", "CEIL", "HALF_UP", "HALF_DOWN", "UP",
             "DOWN", "round")


class Form(Maker):
    """A maker of networks whose tensors are real, with quantizers between."""

    form = ""

    @abstractmethod
    def quant(self, x: str) -> str:
        """An activation quantizer."""

    @abstractmethod
    def weights(self, *shape: int, axis: int = 0) -> str:
        """Quantized weights; ``axis`` is that of the outputs."""

    def bias(self, count: int, x: str, shape: tuple[int, ...] | None = None) -> str:
        return self.constant(self.reals(count, self.reach(x)).reshape(shape or (count,)))

    def reach(self, x: str) -> float:
        """About as large as the tensor's values."""
        return float(abs(self.value(x)).max()) or 1.0


class Qonnx(Form):
    form = "qonnx"

    def quant(self, x):
        kind = self.random.random()
        if kind < .12:
            return self.bipolar(x)
        if kind < .22:
            return self.attempt(lambda: self.multi_threshold(x)) or self.quant(x)
        if kind < .3 and x in self.scales:
            return self.attempt(lambda: self.trunc(x)) or self.quant(x)
        bits, signed = self.pick(1, 2, 2, 3, 4, 4, 5, 6, 8), self.pick(0, 1)
        if bits == 8 and self.chance(.05):
            bits = self.pick(10, 12, 16, 32)
        narrow = self.pick(0, 0, 1)
        top = (1 << bits - signed) - 1
        zero = 0 if self.chance(.7) else int(self.pick(1, 3, top, -2, top // 2))
        scale = self.fit(x, max(top, 1))
        if bits == 1 and signed:
            zero = 0
        channels = self.shape(x)[0]
        if self.chance(.08):      # one a channel
            many = np.array([self.near(scale * self.pick(.5, 1, 2)) for _ in range(channels)])
            lead = (1,) if self.chance(.5) else ()
            given = self.constant(many.reshape(*lead, channels, *[1] * (len(self.shape(x)) - 1)))
        else:
            given = self.constant(np.full(self.pick((), (), (1,), (1,) * self.value(x).ndim),
                                          scale))
        y = self.node(self.pick("Quant", "Quant", "IntQuant"), x, given,
                      self.constant(np.float32(zero)), self.constant(np.float32(bits)),
                      domain=DOMAIN, signed=signed, narrow=narrow,
                      rounding_mode=self.pick(*ROUNDINGS))
        if bits > 2 and not zero and self.meaning.values[given].size == 1:
            self.scales[y] = scale
            self.bits = bits, signed
        return y

    def bipolar(self, x):
        return self.node("BipolarQuant", x, self.constant(self.fit(x, 1)), domain=DOMAIN)

    def multi_threshold(self, x):
        shape, count = self.shape(x), self.pick(1, 2, 3, 7, 15)
        layout = self.pick("", *[("NC",), ("NCW", "NWC"), ("NCHW", "NHWC")][len(shape) - 1])
        last = layout.endswith("C") or not layout and len(shape) == 2
        rows = self.pick(1, shape[-1] if last else shape[0])
        grid = self.fit(x, 8)
        thresholds = np.sort(np.rint(self.numbers.uniform(-9, 9, (rows, count)))) * grid
        scale, bias = self.pick((1.0, 0.0), (.5, -1.0), (2.0, 1.0), (1.0, -count // 2))
        attributes = {"data_layout": layout} if layout else {}
        if scale == 1 and bias >= 0:
            attributes["out_dtype"] = "UINT4"
        elif scale == 1:
            attributes["out_dtype"] = "INT5"
        else:
            attributes["out_dtype"] = "FLOAT32"
        return self.node("MultiThreshold", x, self.constant(thresholds), domain=DOMAIN,
                         out_scale=float(scale), out_bias=float(bias), **attributes)

    def trunc(self, x):
        bits, signed = self.bits
        scale, drop = self.constant(self.scales[x]), self.pick(1, 2)
        if bits - drop < 1:
            raise Impossible
        mode = self.pick("FLOOR", "FLOOR", "ROUND", "CEIL", "HALF_UP", "DOWN")
        zero, width = self.constant(np.float32(0)), self.constant(np.float32(bits))
        if self.versions.get(DOMAIN, 1) == 1:
            return self.node("Trunc", x, scale, zero, width, self.constant(np.float32(bits - drop)),
                             domain=DOMAIN, rounding_mode=mode)
        return self.node("Trunc", x, scale, zero, width,
                         self.constant(self.scales[x] * np.float32(1 << drop)),
                         self.constant(np.float32(bits - drop)), domain=DOMAIN, signed=signed,
                         narrow=self.pick(0, 1), rounding_mode=mode)

    def weights(self, *shape, axis=0):
        if self.chance(.05):
            return self.constant(self.integers(-4, 4, shape))
        each = [1] * len(shape)
        if self.chance(.5):
            each[axis] = shape[axis]
        base = self.near(self.pick(.25, .125, .5, 2.0**-10))
        scale = np.array([self.near(base * self.pick(.5, 1, 2))
                          for _ in range(int(np.prod(each)))]).reshape(each)
        kind = self.random.random()
        if kind < .15:
            return self.node("BipolarQuant", self.constant(self.numbers.normal(size=shape)),
                             self.constant(scale), domain=DOMAIN)
        bits, signed, narrow = self.pick(2, 3, 4, 6, 8), 1, self.pick(0, 1)
        if self.chance(.1):
            bits, signed = self.pick((1, 1), (1, 0), (4, 0))
        top = 1 << bits - 1
        steps = np.rint(self.numbers.normal(size=shape) * top * 2) / 2      # ties too
        zero = 0 if self.chance(.85) or bits == 1 else self.pick(1, -1, 2)
        return self.node(self.pick("Quant", "IntQuant"), self.constant(steps * scale),
                         self.constant(scale), self.constant(np.float32(zero)),
                         self.constant(np.float32(bits)), domain=DOMAIN, signed=signed,
                         narrow=narrow, rounding_mode=self.pick(*ROUNDINGS))


class Qdq(Form):
    form = "qdq"

    def codes(self):
        """A type and its range."""
        kinds = ["uint8", "int8", "uint8", "int8"]
        if self.opset >= 21:
            kinds += ["uint4", "int4", "uint4", "int4"]
            if self.chance(.01):
                kinds = ["uint16", "int16"]
        dtype = self.pick(*kinds)
        bits = int(dtype.lstrip("uint"))
        return dtype, (0, (1 << bits) - 1) if dtype[0] == "u" else (-1 << bits - 1,
                                                                    (1 << bits - 1) - 1)

    def quant(self, x, *, dequantize=True):
        dtype, (lo, hi) = self.codes()
        middle = (lo + hi + 1) // 2
        zero = int(self.pick(middle, 0, lo, hi, middle + 1, middle - 1, middle + 3, middle - 7))
        zero = min(max(zero, lo), hi)
        levels = max(hi - zero, zero - lo)
        scale = self.fit(x, self.pick(levels, levels, levels // 4, 3, 1))
        given = [self.constant(np.full(self.pick((), (), (1,)) if self.opset < 21 else (), scale))]
        if dtype != "uint8" or zero or self.chance(.5):
            given.append(self.constant(np.full(self.shape_of(given[0]), zero), dtype))
        attributes = {"axis": self.pick(0, 1)} if self.opset >= 13 and self.chance(.1) else {}
        if self.opset >= 21 and len(given) > 1 and self.chance(.2):
            attributes["output_dtype"] = given_type(dtype)
            if not zero and self.chance(.7):
                given.pop()
        y = self.node("QuantizeLinear", x, *given, **attributes)
        if dtype in ("int8", "uint8") and self.chance(.06) and self.opset >= 12:
            y = self.clip(y, dtype, lo, hi)
        if not dequantize:
            return y
        if len(given) == 1 and dtype != "uint8":
            given.append(self.constant(np.zeros(self.shape_of(given[0])), dtype))
        z = self.node("DequantizeLinear", y, *given)
        self.scales[z] = scale
        return z

    def clip(self, x, dtype, lo, hi):
        low = int(self.numbers.integers(lo, hi))
        high = int(self.numbers.integers(low, hi + 1))
        y = self.node("Clip", x, self.constant(np.array(low), dtype),
                      self.constant(np.array(high), dtype))
        self.meaning.types[y] = dtype
        return y

    def shape_of(self, constant):
        return self.value(constant).shape

    def weights(self, *shape, axis=0):
        dtype, (lo, hi) = self.codes()
        while dtype.endswith("16"):
            dtype, (lo, hi) = self.codes()
        each = self.chance(.6) and self.opset >= 13
        base = self.near(self.pick(.02, .1, .5, 2.0**-12))
        if self.chance(.03):
            base = self.near(self.pick(2.0**-60, 2.0**30))
        count = shape[axis] if each else 1
        scale = np.array([self.near(base * self.pick(.5, 1, 2)) for _ in range(count)])
        middle = (lo + hi + 1) // 2
        zero = np.full(count, middle)
        if self.chance(.3):
            zero = self.numbers.integers(lo, hi + 1, count)
        if not each:
            scale, zero = scale.reshape(()), zero.reshape(())
        inputs = [self.constant(scale)]
        if zero.any() or dtype != "uint8" or self.chance(.3):
            inputs.append(self.constant(zero, dtype))
        where = {"axis": self.pick(axis, axis - len(shape))} if each or self.chance(.1) else {}
        if where and where["axis"] == 1 and self.chance(.5):
            where = {}      # the default
        if self.opset < 13:
            where = {}
        if self.chance(.2):     # a real tensor and its quantizer
            top = float(abs(np.broadcast_to(scale, count)).max())
            real = self.constant(np.rint(self.numbers.normal(size=shape) * hi) / 2 * top)
            codes = self.node("QuantizeLinear", real, *inputs, **where)
        else:
            codes = self.constant(self.integers(lo, hi, shape), dtype)
        return self.node("DequantizeLinear", codes, *inputs, **where)

    def bias(self, count, x, shape=None):
        if self.chance(.4) or self.opset < 13:
            return super().bias(count, x, shape)
        scale = self.near(max(self.reach(x) / 200, 1e-30))
        codes = self.constant(self.integers(-300, 300, shape or (count,)), "int32")
        inputs = [self.constant(scale)]
        if self.chance(.3):
            inputs.append(self.constant(np.array(0), "int32"))
        return self.node("DequantizeLinear", codes, *inputs)

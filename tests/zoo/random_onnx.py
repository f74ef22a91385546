"""Random quantized networks as QONNX files, with powers of two for scales so that float32 is exact.
"""

import numpy as np
import onnx
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

DOMAIN = "qonnx.custom_op.general"


class Maker:
    """Draws a network operator by operator; ``x`` is the tensor so far, (channels, rows, columns).
    """

    def __init__(self, draw):
        self.draw = draw
        self.nodes, self.constants, self.count = [], [], 0
        self.random = np.random.default_rng(draw(st.integers(0, 1 << 30)))
        self.shape = (self.pick(1, 2, 3, 4), self.pick(3, 4, 5, 6, 7), self.pick(3, 4, 5, 7))

    def pick(self, *options):
        return self.draw(st.sampled_from(options))

    def name(self):
        self.count += 1
        return f"t{self.count}"

    def constant(self, array, dtype=np.float32):
        name = self.name()
        self.constants.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def node(self, op, *inputs, domain="", **attributes):
        out = self.name()
        self.nodes.append(helper.make_node(op, list(inputs), [out], domain=domain,
                                           name=f"n_{out}", **attributes))
        return out

    # -- quantizers

    def scale(self, lo=-3, hi=0):
        return np.float32(2.0 ** self.draw(st.integers(lo, hi)))

    def quant(self, x, scale=None):
        """An activation quantizer of some kind."""
        kind = self.pick("quant", "quant", "quant", "quant", "bipolar")
        scale = self.scale(-2, 2) if scale is None else scale
        if kind == "bipolar":
            return self.node("BipolarQuant", x, self.constant(scale), domain=DOMAIN)
        bits, signed = self.pick(1, 2, 3, 4, 5, 8), self.pick(0, 1)
        zero = self.pick(0, 0, 0, 1, 3) if bits > 2 else 0
        return self.node("Quant", x, self.constant(scale), self.constant(np.float32(zero)),
                         self.constant(np.float32(bits)), domain=DOMAIN, signed=signed,
                         narrow=self.pick(0, 1) if bits > 1 else 0, rounding_mode=self.pick(
                             "ROUND", "ROUND", "FLOOR", "CEIL", "HALF_UP", "HALF_DOWN", "UP",
                             "DOWN"))

    def weights(self, *shape):
        scale = np.full((shape[0], *[1] * (len(shape) - 1)), self.scale(-2, 0))
        if self.pick(True, False):
            scale = scale * 2.0 ** self.random.integers(0, 2, scale.shape)
        real = self.random.normal(size=shape)
        if self.pick("quant", "quant", "bipolar") == "bipolar":
            return self.node("BipolarQuant", self.constant(real), self.constant(scale),
                             domain=DOMAIN)
        bits = self.pick(2, 3, 4, 8)
        return self.node("Quant", self.constant(real), self.constant(scale),
                         self.constant(np.float32(self.pick(0, 0, 0, 1))),
                         self.constant(np.float32(bits)), domain=DOMAIN, signed=1,
                         narrow=self.pick(0, 1), rounding_mode="ROUND")

    # -- layers

    def conv(self, x, outputs=None, same=False):
        c, h, w = self.shape
        groups = self.pick(1, 1, c) if c > 1 else 1
        outputs = outputs or self.pick(1, 2, 3, 4) * (groups if groups > 1 else 1)
        if outputs % groups:
            groups = 1
        kernel = (3, 3) if same else (self.pick(1, 2, 3), self.pick(1, 2, 3))
        stride = (1, 1) if same else (self.pick(1, 1, 2), self.pick(1, 1, 2))
        dilation = (1, 1) if same else (self.pick(1, 1, 2), self.pick(1, 1, 2))
        extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        pads = [1, 1, 1, 1] if same else [
            self.draw(st.integers(0, e - 1)) for e in (*extent, *extent)]
        for axis, size in enumerate((h, w)):     # the window must fit
            pads[axis + 2] += max(extent[axis] - size - pads[axis] - pads[axis + 2], 0)
        inputs = [x, self.weights(outputs, c // groups, *kernel)]
        if self.pick(True, False):
            inputs.append(self.constant(self.random.integers(-8, 9, outputs) / 4))
        y = self.node("Conv", *inputs, kernel_shape=kernel, strides=stride, dilations=dilation,
                      pads=pads, group=groups)
        self.shape = (outputs, *((size + pads[a] + pads[a + 2] - extent[a]) // stride[a] + 1
                                 for a, size in enumerate((h, w))))
        return y

    def norm(self, x):
        c = self.shape[0]
        gamma = self.random.choice([-1, -.5, .5, 1, 2], c) if self.pick(True, False) else np.ones(c)
        variance = self.random.choice([.25, 1, 4, 16], c)
        return self.node("BatchNormalization", x, self.constant(gamma),
                         self.constant(self.random.integers(-8, 9, c) / 4),
                         self.constant(self.random.integers(-8, 9, c) / 2),
                         self.constant(variance), epsilon=0.0)

    def function(self, x):
        kind = self.pick("none", "norm", "relu", "leaky", "clip", "norm relu", "scale")
        if "norm" in kind:
            x = self.norm(x)
        if "relu" in kind:
            x = self.node("Relu", x)
        if kind == "leaky":
            x = self.node("LeakyRelu", x, alpha=self.pick(0.125, 0.25, 0.0))
        if kind == "clip":
            x = self.node("Clip", x, self.constant(np.float32(self.pick(-1, 0, -3))),
                          self.constant(np.float32(self.pick(1, 6, 2))))
        if kind == "scale":
            x = self.node("Mul", x, self.constant(np.float32(self.pick(.5, -2, .25))))
            x = self.node("Add", x, self.constant(np.float32(self.pick(1, -.5))))
        return x

    def pool(self, x, mean=True):
        c, h, w = self.shape
        kernel = (self.pick(*range(1, min(h, 3) + 1)), self.pick(*range(1, min(w, 3) + 1)))
        stride = (self.pick(1, 2), self.pick(1, 2))
        power = mean and kernel[0] * kernel[1] in (1, 2, 4)     # its mean is exact in float32
        op = self.pick("MaxPool", "AveragePool") if power else "MaxPool"
        y = self.node(op, x, kernel_shape=kernel, strides=stride)
        self.shape = (c, *((s - k) // t + 1 for s, k, t in zip((h, w), kernel, stride,
                                                              strict=True)))
        return y, op == "AveragePool"

    def block(self, x):
        """From codes to codes."""
        kind = self.pick("conv", "conv", "conv", "pool", "residual", "concat", "resize", "quant",
                         "space")
        c = self.shape[0]
        if kind == "conv":
            y = self.conv(x)
            if self.pick(False, False, True) and min(self.shape[1:]) > 1:
                y, _ = self.pool(self.function(y), mean=False)
            return self.quant(self.function(y))
        if kind == "pool":
            y, mean = self.pool(x)
            return self.quant(y) if mean else y
        if kind == "residual":
            a = self.quant(self.function(self.conv(x, c, same=True)))
            b = self.quant(x) if self.pick(True, False) else x
            return self.quant(self.function(self.node("Add", a, b)))
        if kind == "concat":
            a, shape = self.quant(self.conv(x, self.pick(1, 2, 3), same=True)), self.shape
            y = self.node("Concat", a, x, axis=1)
            self.shape = (shape[0] + c, *shape[1:])
            return self.quant(y) if self.pick(True, False) else y
        if kind == "resize" and max(self.shape[1:]) < 6:
            up = (self.pick(1, 2), self.pick(2, 3))
            y = self.node("Resize", x, "", self.constant([1, 1, *up]), mode="nearest",
                          coordinate_transformation_mode="asymmetric", nearest_mode="floor")
            self.shape = (c, self.shape[1] * up[0], self.shape[2] * up[1])
            return y
        if kind == "space" and c % 4 == 0:
            y = self.node("DepthToSpace", x, blocksize=2, mode=self.pick("CRD", "DCR"))
            self.shape = (c // 4, self.shape[1] * 2, self.shape[2] * 2)
            return y
        return self.quant(x)

    def network(self):
        """The whole file, and the shape of its input."""
        given = self.shape
        x = self.quant("x", self.scale(-2, 0))
        for _ in range(self.pick(1, 2, 2, 3)):
            x = self.block(x)
        if self.pick(True, True, False):
            size = int(np.prod(self.shape))
            x = self.node("Flatten", x, axis=1)
            outputs = self.pick(1, 2, 3, 4)
            weights = self.weights(outputs, size)
            if self.pick(True, False):
                x = self.node("Gemm", x, weights, self.constant(
                    self.random.integers(-4, 5, outputs) / 2), transB=1)
            else:
                x = self.node("MatMul", x, self.node("Transpose", weights, perm=[1, 0]))
            if self.pick(True, False):
                x = self.quant(x)
        elif self.pick(True, False):
            x = self.conv(x)
        out = [helper.make_tensor_value_info(x, TensorProto.FLOAT, None)]
        graph = helper.make_graph(
            self.nodes, "random", [helper.make_tensor_value_info("x", TensorProto.FLOAT,
                                                                 [1, *given])],
            out, initializer=self.constants)
        return helper.make_model(graph, opset_imports=[
            helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, 1)], ir_version=9), given


@st.composite
def networks(draw) -> tuple[onnx.ModelProto, tuple[int, ...]]:
    return Maker(draw).network()

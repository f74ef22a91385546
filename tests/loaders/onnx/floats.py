"""Random float networks as exporters write them, by a seed: images through convolutions, plain and
depthwise, norms, activations, pools, residual sums and joins, then dense layers."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["Built", "network"]


class Built:
    """A model that grows by a node at a time; ``rng`` makes its numbers."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.constants, self.count = [], {}, 0

    def constant(self, name, value):
        self.constants[name] = np.asarray(value)
        return name

    def add(self, op, *inputs, **attributes):
        """Adds a node and returns the name of its output."""
        self.count += 1
        self.nodes.append(helper.make_node(op, inputs, [f"/{op.lower()}_{self.count}/out"],
                                           **attributes))
        return self.nodes[-1].output[0]

    def weights(self, name, *shape, scale=1.):
        size = np.sqrt(np.prod(shape[1:]) or 1)
        return self.constant(name, self.rng.normal(size=shape, scale=scale / size).astype("f4"))

    def model(self, shape, output, opset=17, kind=TensorProto.FLOAT):
        graph = helper.make_graph(
            self.nodes, "floats",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *shape])],
            [helper.make_tensor_value_info(output, kind, None)],
            initializer=[numpy_helper.from_array(v, k) for k, v in self.constants.items()])
        return helper.make_model(graph, ir_version=9,
                                 opset_imports=[helper.make_opsetid("", opset)])

    def chance(self, share=.5):
        return self.rng.random() < share

    def conv(self, x, channels, outputs, stride=1):
        """A convolution; a third are depthwise, half have a norm, most an activation."""
        k = self.count
        depthwise = outputs == channels and self.chance(.3)
        size, dilation = int(self.rng.choice([1, 3, 3, 5])), int(self.rng.choice([1, 1, 2]))
        reach = (size - 1) * dilation + 1
        pads = {"pads": [reach // 2] * 4}
        if dilation == 1 and self.chance(.3):
            pads = {"auto_pad": str(self.rng.choice(["SAME_UPPER", "SAME_LOWER"]))}
        w = self.weights(f"conv{k}.weight", outputs, 1 if depthwise else channels, size, size)
        bias = [self.weights(f"conv{k}.bias", outputs)] if self.chance() else []
        x = self.add("Conv", x, w, *bias, strides=[stride] * 2, dilations=[dilation] * 2,
                     group=channels if depthwise else 1, **pads)
        if self.chance():
            x = self.add("BatchNormalization", x, *(
                self.weights(f"bn{k}.{n}", outputs) for n in ("weight", "bias", "mean")),
                self.constant(f"bn{k}.var", self.rng.uniform(.3, 3, outputs).astype("f4")))
        return self.activation(x)

    def activation(self, x):
        op = str(self.rng.choice(["Relu", "Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSwish", ""]))
        if op == "Clip":
            return self.add("Clip", x, self.constant("zero", np.float32(0)),
                            self.constant("six", np.float32(6)))
        return self.add(op, x) if op else x

    def pool(self, x):
        op = str(self.rng.choice(["MaxPool", "AveragePool"]))
        more = {"count_include_pad": 1} if op == "AveragePool" and self.chance() else {}
        pads = int(self.rng.integers(2))
        return self.add(op, x, kernel_shape=[2 + pads] * 2, strides=[2, 2], pads=[pads] * 4,
                        ceil_mode=int(self.rng.integers(2)), **more)

    def dense(self, x, inputs, outputs):
        k = self.count
        if self.chance():
            return self.add("Gemm", x, self.weights(f"fc{k}.weight", outputs, inputs),
                            self.weights(f"fc{k}.bias", outputs), transB=1)
        w = self.weights(f"fc{k}/kernel:0", inputs, outputs, scale=np.sqrt(outputs / inputs))
        return self.add("Add", self.add("MatMul", x, w), self.weights(f"fc{k}.bias", outputs))


def network(seed):
    """A float model and the shape of its input, by the seed."""
    net = Built(seed)
    rng = net.rng
    channels, size = int(rng.integers(1, 4)), int(rng.integers(6, 12))
    shape, x = (channels, size, size + 1), "x"
    if seed % 3 == 2:       # as Keras has them: channels last, and moved before a convolution
        shape = (size, size + 1, channels)
        x = net.add("Transpose", x, perm=[0, 3, 1, 2])
    for _ in range(int(rng.integers(1, 4))):
        outputs = int(rng.choice([channels, 4, 6]))
        x = net.conv(x, channels, outputs, stride=int(rng.choice([1, 1, 2])))
        if seed % 3 == 2 and net.chance():
            x = net.add("Transpose", net.add("Transpose", x, perm=[0, 2, 3, 1]), perm=[0, 3, 1, 2])
        channels = outputs
        match int(rng.integers(4)):
            case 0:
                x = net.add("Add", x, net.conv(x, channels, channels))
            case 1:
                x = net.add("Concat", x, net.conv(x, channels, 3), axis=1)
                channels += 3
            case 2:
                x = net.pool(x)
    known = onnx.shape_inference.infer_shapes(net.model(shape, x))
    *_, rows, columns = (d.dim_value for d in known.graph.output[0].type.tensor_type.shape.dim)
    match int(rng.integers(4)):
        case 0:
            x = net.add("Flatten", net.add("GlobalAveragePool", x))
        case 1:
            x = net.add("ReduceMean", x, axes=[2, 3], keepdims=0)
        case 2:
            x, channels = net.add("Flatten", x), channels * rows * columns
        case 3:
            channels *= rows * columns
            x = net.add("Reshape", x, net.constant("flat", np.array([-1, channels])))
    x = net.activation(net.dense(x, channels, 5))
    x = net.dense(x, 5, 3)
    return net.model(shape, net.add("Softmax", x) if net.chance() else x), shape

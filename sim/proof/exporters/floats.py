"""Float networks that grow node by node; their values stay near 1."""

import random

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["Floats"]


class Floats:
    """A float network of one input ``x`` and what its layers need; weights by its seed."""

    def __init__(self, seed: int):
        self.random, self.numbers = random.Random(seed), np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: np.ndarray) -> str:
        """The name of a constant tensor; real ones become float32."""
        self.constants.append(numpy_helper.from_array(
            array.astype(np.float32) if array.dtype.kind == "f" else array,
            f"c{len(self.constants)}"))
        return self.constants[-1].name

    def node(self, op: str, *inputs: str, **attributes: object) -> str:
        """The name of the tensor that a new node makes."""
        return self.nodes_of(op, 1, *inputs, **attributes)[0]

    def nodes_of(self, op: str, outputs: int, *inputs: str, **attributes: object) -> list[str]:
        """The names of the tensors that a new node makes."""
        name = f"{op.lower()}_{len(self.nodes)}"
        made = [name, *(f"{name}_{k}" for k in range(1, outputs))]
        self.nodes.append(helper.make_node(op, list(inputs), made, name=f"/{name}", **attributes))
        return made

    def weights(self, *shape: int) -> str:
        """Normal weights (outputs first) that keep the size of what they multiply."""
        return self.constant(self.numbers.normal(size=shape) / np.prod(shape[1:])**.5)

    def biases(self, outputs: int) -> str:
        return self.constant(self.numbers.normal(size=outputs) / 4)

    def conv(self, x: str, channels: int, outputs: int, size: int, **attributes: object) -> str:
        """A convolution of ``size`` x ``size`` with biases."""
        w = self.weights(outputs, channels // int(attributes.get("group", 1)), size, size)
        return self.node("Conv", x, w, self.biases(outputs), **attributes)

    def norm(self, x: str, channels: int) -> str:
        """A batch norm that is not the identity."""
        return self.node("BatchNormalization", x, *map(self.constant, (
            self.numbers.uniform(.5, 1.5, channels), self.numbers.normal(size=channels) / 4,
            self.numbers.normal(size=channels) / 4, self.numbers.uniform(.5, 2, channels))))

    def clip(self, x: str, low: float, high: float) -> str:
        return self.node("Clip", x, self.constant(np.array(low)), self.constant(np.array(high)))

    def reshape(self, x: str, *shape: int) -> str:
        """To a shape without the batch."""
        return self.node("Reshape", x, self.constant(np.array([-1, *shape])))

    def dense(self, x: str, inputs: int, outputs: int) -> str:
        """A layer of vectors, as PyTorch exports it."""
        return self.node("Gemm", x, self.weights(outputs, inputs), self.biases(outputs), transB=1)

    def model(self, shape: tuple[int, ...], *outputs: str, opset: int = 18) -> onnx.ModelProto:
        """The network of an input of ``shape``, without the batch."""
        graph = helper.make_graph(
            self.nodes, "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])],
            [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
            initializer=self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                                  ir_version=10)
        return onnx.shape_inference.infer_shapes(model)

"""A reader in memory, with an input, and the operators of nodes on it."""

from pathlib import Path

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Graph
from qhw.layers import Input
from qhw.loaders.onnx.file import OnnxFile, OnnxNode
from qhw.loaders.onnx.operators import understood
from qhw.loaders.onnx.reader import Reader
from qhw.loaders.onnx.values import Constant, Flow
from qhw.simulators.golden import evaluate

__all__ = ["begun", "calculated", "handled", "placed"]


BYTE = Int(-128, 127)


def begun(shape, codes=BYTE, opset=13, **constants):
    """A reader whose tensor ``x`` is the input, of ONNX's ``shape``, channels first."""
    file = OnnxFile(Path("net.onnx"), "net", (), {k: np.asarray(v) for k, v in constants.items()},
                    {"x": (1, *shape)}, {}, {"": opset})
    reader = Reader(file)
    reader.current = "y"
    own = shape if len(shape) < 3 else (*shape[1:], shape[0])
    places = np.arange(int(np.prod(shape))).reshape(own)
    node = reader.add(Input(own, codes), name="x")
    reader.values["x"] = Flow(node, places if len(shape) < 3 else np.moveaxis(places, -1, 0))
    return reader


def handled(reader, op, *inputs, domain="", outputs=("y",), **attributes):
    """What the handler of a node makes of tensors by name."""
    node = OnnxNode("own", op, domain, inputs or ("x",), outputs, attributes)
    operator, node = understood(node, reader.file.opsets)
    with reader.file.computed:
        return operator.handler(reader, node)


def calculated(reader, flow, x):
    """The numbers of a flow, for samples (N, *our shape) of the input."""
    if isinstance(flow, Constant):
        return flow.value
    graph = Graph("net", tuple(reader.nodes))
    made = reader.tensors[flow.node]
    value = evaluate(graph, x)[flow.node]
    real = value if made.codes is None else made.real(value)
    return real.reshape(len(x), -1)[:, flow.places]


def placed(reader, places, **more):
    """A flow of elements of the input."""
    return Flow(reader.values["x"].node, np.array(places), **more)

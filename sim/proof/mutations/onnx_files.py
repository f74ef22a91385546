"""Damaged ONNX models that are well formed as messages."""

import random

import onnx
from onnx import TensorProto

from .damage import NUMBERS, WORDS

__all__ = ["model_damaged"]

OPERATORS = [*sorted({s.name for s in onnx.defs.get_all_schemas()}), "Quant", "BipolarQuant",
             "Trunc", "MultiThreshold", "RequantShift", "QLinearAdd", "QGemm"]
WHOLE = [n for n in NUMBERS if isinstance(n, int) and -(1 << 63) <= n < 1 << 63]


def model_damaged(data: bytes, rng: random.Random) -> bytes:
    """The model with one to three things in it that are not right."""
    model = onnx.load_model_from_string(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        rng.choice((_node, _edge, _attribute, _attribute, _tensor, _tensor, _interface, _frame))(
            model, rng)
    return model.SerializeToString()


def _node(model: onnx.ModelProto, rng: random.Random) -> None:
    """A node is another operator, gone, there twice, or of constants."""
    nodes = model.graph.node
    if not nodes:
        return
    node = rng.choice(nodes)
    match rng.randrange(6):
        case 0 | 1:
            node.op_type = rng.choice(OPERATORS)
        case 2:
            nodes.remove(node)
        case 3:
            nodes.append(node)
        case 4:
            node.domain = rng.choice(("", "ai.onnx.ml", "com.microsoft", "odd", *WORDS))
        case _:
            made = nodes.add(op_type=rng.choice(OPERATORS), name="made")
            constants = [t.name for t in model.graph.initializer] or [""]
            made.input.extend(rng.choice(constants) for _ in range(rng.randrange(4)))
            made.output.append("made")
            if node.input:
                node.input[rng.randrange(len(node.input))] = "made"


def _edge(model: onnx.ModelProto, rng: random.Random) -> None:
    """A node reads another tensor, none, or one that is not there; or is called otherwise."""
    node = rng.choice(model.graph.node) if model.graph.node else None
    if node is None:
        return
    names = [n for other in model.graph.node for n in (*other.input, *other.output)]
    side = rng.choice((node.input, node.input, node.output))
    match rng.randrange(3):
        case 0 if side:
            side[rng.randrange(len(side))] = rng.choice([*names, "", "nothing", *WORDS])
        case 1 if side:
            del side[rng.randrange(len(side))]
        case _:
            side.append(rng.choice([*names, ""]))


def _attribute(model: onnx.ModelProto, rng: random.Random) -> None:
    """An attribute has a value at the end of what it can have, another type, or is gone."""
    nodes = [n for n in model.graph.node if n.attribute]
    if not nodes:
        return
    node = rng.choice(nodes)
    a = rng.choice(node.attribute)
    match rng.randrange(8):
        case 0:
            node.attribute.remove(a)
        case 1:
            a.type = rng.randrange(15)
        case 2:
            a.name = rng.choice([b.name for n in nodes for b in n.attribute] + list(WORDS))
        case 3:
            node.attribute.append(a)
        case 4 if a.ints:
            del a.ints[rng.randrange(len(a.ints))]
        case 5:
            a.s = rng.choice(WORDS).encode()
        case _:
            a.i, a.f = rng.choice(WHOLE), float(rng.choice(NUMBERS[:-1]))
            for values in (a.ints, a.floats):
                if values:
                    values[rng.randrange(len(values))] = rng.choice(WHOLE)


def _tensor(model: onnx.ModelProto, rng: random.Random) -> None:
    """A constant has another shape, type, content or place."""
    if not model.graph.initializer:
        return
    tensor = rng.choice(model.graph.initializer)
    match rng.randrange(8):
        case 0:
            tensor.dims[:] = [rng.choice((0, 1, 2, 7, -1, 1 << 20, 1 << 62))
                              for _ in range(rng.randrange(4))]
        case 1:
            tensor.data_type = rng.randrange(27)
        case 2:
            tensor.raw_data = tensor.raw_data[:rng.randrange(len(tensor.raw_data) + 1)]
        case 3 | 4:
            _values(tensor, rng)
        case 5:
            model.graph.initializer.remove(tensor)
        case 6:
            tensor.data_location = TensorProto.EXTERNAL
            for key in ("location", "offset", "length", "checksum"):
                if rng.random() < .7:
                    tensor.external_data.add(key=key, value=str(rng.choice(
                        ("net.onnx", "/etc/passwd", "../x", *WORDS, *WHOLE))))
        case _ if len(tensor.dims) < 3 and tensor.raw_data:
            size = rng.choice((1, 16, 1000))
            tensor.dims[:] = [size, *tensor.dims]
            tensor.raw_data *= size


def _values(tensor: TensorProto, rng: random.Random) -> None:
    """Numbers at their ends, or any bytes."""
    try:
        values = onnx.numpy_helper.to_array(tensor).copy()
        if values.size:
            values.flat[rng.randrange(values.size)] = rng.choice(NUMBERS)
        tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    except (OverflowError, TypeError, ValueError):
        tensor.raw_data = rng.randbytes(len(tensor.raw_data))


def _interface(model: onnx.ModelProto, rng: random.Random) -> None:
    """Inputs and outputs of other shapes, types and names."""
    side = list(rng.choice((model.graph.input, model.graph.input, model.graph.output)))
    if not side:
        return
    value = rng.choice(side)
    dims = value.type.tensor_type.shape.dim
    match rng.randrange(5):
        case 0 | 1 if dims:
            rng.choice(dims).dim_value = rng.choice(WHOLE)
        case 2:
            value.type.tensor_type.elem_type = rng.randrange(27)
        case 3:
            value.name = rng.choice(WORDS)
        case _:
            dims.add(dim_value=rng.choice(WHOLE)) if rng.random() < .7 else value.ClearField("type")


def _frame(model: onnx.ModelProto, rng: random.Random) -> None:
    """Versions, or the graph's lists out of order."""
    match rng.randrange(3):
        case 0 if model.opset_import:
            rng.choice(model.opset_import).version = rng.choice(WHOLE)
        case 1:
            nodes = list(model.graph.node)
            rng.shuffle(nodes)
            del model.graph.node[:]
            model.graph.node.extend(nodes)
        case _:
            model.graph.input.extend(list(model.graph.input)[:1])

"""Files whose sums ONNX Runtime computes exactly on every processor.

On x86 without VNNI, ONNX Runtime multiplies unsigned by signed bytes with ``vpmaddubsw``, which
saturates the sum of two products to 16 bits (its documentation of quantization, "when and why do I
need to try U8U8"). ONNX defines such sums in 32 bits. Bytes that are both signed or both unsigned
are summed exactly.
"""

import numpy as np
import onnx
from onnx import numpy_helper

__all__ = ["unsaturated"]

OPERANDS = {"QLinearConv": (0, 2, 3, 5), "QLinearMatMul": (0, 2, 3, 5), "QGemm": (0, 2, 3, 5),
            "ConvInteger": (0, 2, 1, 3), "MatMulInteger": (0, 2, 1, 3)}
"""The places of an operator's activations, their zero point, its weights, and their zero point."""
SIGNS: dict[int, type[np.uint8] | type[np.int8]] = {
    onnx.TensorProto.UINT8: np.uint8, onnx.TensorProto.INT8: np.int8}
OFFSET = 128


def unsaturated(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of the model, with its constant weights in memory, in which weights of 8 bits have the
    sign of the activations that they meet: codes and zero point are both moved by 128."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    constants = {t.name: t for t in copy.graph.initializer}
    kinds = _kinds(copy)
    for node in copy.graph.node:
        places = OPERANDS.get(node.op_type)
        if places is None:
            continue
        x, _, weights, zero = (node.input[place] if place < len(node.input) else ""
                               for place in places)
        kind, tensor = SIGNS.get(kinds.get(x, 0)), constants.get(weights)
        if kind is None or tensor is None or (zero and zero not in constants):
            continue
        codes = numpy_helper.to_array(tensor)
        if codes.dtype.kind == np.dtype(kind).kind:
            continue
        before = numpy_helper.to_array(constants[zero]) if zero else np.zeros((), codes.dtype)
        while len(node.input) <= places[3]:
            node.input.append("")
        for place, values in ((places[2], codes), (places[3], before)):
            moved = values.astype(int) + (OFFSET if codes.dtype.kind == "i" else -OFFSET)
            name = f"{node.output[0]}, operand {place} of the other sign"
            copy.graph.initializer.append(numpy_helper.from_array(moved.astype(kind), name))
            node.input[place] = name
    return copy


def _kinds(model: onnx.ModelProto) -> dict[str, int]:
    """Element types of the tensors, as ONNX infers them, and of activations whose zero point is a
    constant."""
    inferred = onnx.shape_inference.infer_shapes(model).graph
    kinds = {v.name: v.type.tensor_type.elem_type
             for v in (*inferred.input, *inferred.value_info, *inferred.output)}
    constants = {t.name: t.data_type for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type in OPERANDS:
            x, zero = OPERANDS[node.op_type][:2]
            if zero < len(node.input) and node.input[zero] in constants:
                kinds[node.input[x]] = constants[node.input[zero]]
    return kinds

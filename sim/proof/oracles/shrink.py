"""The least part of a file that is still wrong: up to the first tensor that is."""

from collections.abc import Callable
from dataclasses import replace

import onnx
from onnx import TensorProto, helper

from .maker import Made

__all__ = ["needed", "shrunk"]


def needed(model: onnx.ModelProto, output: str, kind: int = TensorProto.FLOAT) -> onnx.ModelProto:
    """The model up to a tensor."""
    wanted, nodes = {output}, []
    for node in reversed(model.graph.node):
        if wanted & set(node.output):
            nodes.insert(0, node)
            wanted |= set(node.input)
    found = onnx.ModelProto()
    found.CopyFrom(model)
    for field in ("node", "output", "initializer"):
        found.graph.ClearField(field)
    found.graph.node.extend(nodes)
    found.graph.initializer.extend(t for t in model.graph.initializer if t.name in wanted)
    was = next((o for o in model.graph.output if o.name == output), None)
    found.graph.output.append(was or helper.make_tensor_value_info(output, kind, None))
    return found


def shrunk(made: Made, wrong: Callable[[Made], bool]) -> Made:
    """Up to the first node whose result is wrong, with as few samples as still show it."""
    for node in made.model.graph.node[:-1]:
        for output in node.output:
            for kind in (TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT8, TensorProto.INT64):
                part = replace(made, model=needed(made.model, output, kind))
                if wrong(part):
                    return fewer(part, wrong)
    return fewer(made, wrong)


def fewer(made: Made, wrong: Callable[[Made], bool]) -> Made:
    for k in range(len(made.x)):
        part = replace(made, x=made.x[k:k + 1])
        if wrong(part):
            return part
    return made

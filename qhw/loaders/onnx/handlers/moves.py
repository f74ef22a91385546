"""ONNX's operators that move elements, and constants that are computed while reading."""

from dataclasses import replace

import numpy as np

from ..file import OnnxNode
from ..operators import ANY, handles, opset_of, schema
from ..reader import Reader
from ..values import Constant, Flow, Unsupported

__all__ = ["folded"]

MOVES = ("Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Identity")


def folded(reader: Reader, node: OnnxNode) -> list[Constant]:
    """Computes the outputs of one of ONNX's own operators with constant inputs."""
    _defined(node, opset_of(reader.file.opsets))
    inputs = [reader.constant(node, k) for k in range(len(node.inputs)) if node.inputs[k]]
    if node.op in MOVES and inputs:
        rest = [c.value for c in inputs[1:]]
        return [inputs[0].moved(lambda a: _run(reader, node, [a, *rest])[0])]
    return [Constant(v) for v in _run(reader, node, [c.value for c in inputs])]


def _defined(node: OnnxNode, opset: int) -> None:
    """Unsupported if the opset does not define the operator and all of its attributes."""
    found = schema(node.op, opset)
    if found is None or found.deprecated:
        raise Unsupported(f"operator {node.op} of opset {opset} is not known")
    for name, value in node.attributes.items():
        if name not in found.attributes:
            raise Unsupported(f"its attribute {name} ({str(value)[:40]}) is none that {node.op} "
                              f"has in opset {opset}")


def _run(reader: Reader, node: OnnxNode, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """The node by ONNX's reference implementation."""
    there = {name: value for name, value in node.attributes.items() if value is not None}
    return reader.file.computed.made(replace(node, attributes=there), arrays,
                                     opset_of(reader.file.opsets))


LATER = (13, 14, 19, 21, 23, 24, 25)


@handles("Shape", versions=(1, 13, 15, *LATER[2:]), start=ANY, end=ANY)
def _shape(reader: Reader, node: OnnxNode):
    flow = reader.flow(node)
    whole = [1, *flow.shape] if reader.batch else flow.shape
    return Constant(np.array(whole[node("start") or 0:node("end")], np.int64))


@handles("Reshape", versions=(5, *LATER), allowzero=ANY)
@handles("Flatten", versions=(1, 9, 11, 13, *LATER[3:]), axis=ANY)
@handles("Squeeze", "Unsqueeze", versions=(1, 11, 13, *LATER[3:]), axes=ANY)
@handles("Transpose", versions=(1, 13, *LATER[3:]), perm=ANY)
@handles("Gather", versions=(1, 11, 13), axis=ANY)
@handles("Tile", versions=(6, 13))
@handles("Expand", versions=(8, 13))
@handles("Split", versions=(2, 11, 13, 18), axis=ANY, split=ANY, num_outputs=ANY)
@handles("Slice", versions=(1, 10, 11, 13), starts=ANY, ends=ANY, axes=ANY)
def _move(reader: Reader, node: OnnxNode):
    """Applies the operator to the places of one sample's elements."""
    flow = reader.flow(node)
    rest = [reader.array(node, k) for k in range(1, len(node.inputs)) if node.inputs[k]]
    places = flow.places[None] if reader.batch else flow.places
    if node.op == "Reshape":
        rest = [np.array([places.size if n == -1 and len(rest[0]) == 1 else n
                          for n in _batched(rest[0], places, reader.samples)], np.int64)]
    return [Flow(flow.node, _sample(reader, moved), flow.codes, flow.whole)
            for moved in _run(reader, node, [places, *rest])]


def _sample(reader: Reader, moved: np.ndarray) -> np.ndarray:
    """The places of one sample."""
    if not reader.batch:
        return moved
    if moved.ndim == 0 or moved.shape[0] != 1:
        raise Unsupported(f"it moves elements between samples (to shape {moved.shape})")
    return moved[0]


def _batched(shape: np.ndarray, places: np.ndarray, samples: int) -> list[int]:
    """A new shape; a first -1 is the batch if the others take all of a sample, and so is the
    number of samples if they can."""
    shape = shape.astype(np.int64)
    if samples > 1 and len(shape) > 1 and shape[0] == samples and (
            (shape[1:] == -1).any() or shape[1:].prod() == places.size):
        return [1, *shape[1:].tolist()]
    rest = shape[1:]
    if len(rest) and shape[0] == -1 and (rest > 0).all() and rest.prod() == places.size:
        return [1, *rest.tolist()]
    return shape.tolist()

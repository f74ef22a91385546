"""Turns a TFLite network into a graph of layers whose real numbers are the file's integers."""

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from math import prod
from pathlib import Path

import numpy as np

from ... import limits
from ...errors import ModelError
from ...exact.num import Int, Rounding
from ...graph import Graph
from ...graph.source import Finding, said, understood_all
from ...layers import Input, Quantize
from ...layers.heads import Heads
from ...layers.shapes import Recode
from ...layers.single import Parts, SingleQuantize
from ...layers.softmax import Last
from ...ops import Take
from ...tools.members import members
from .file import TFLiteFile, TFLiteNode, read_tflite
from .handlers import constants, states
from .islands import joined
from .operators import understood
from .reader import Reader, safe
from .values import Coding, Flow, Given, Lost, TFLiteTensor, Unsupported, Variable

__all__ = ["inspect_tflite", "load_tflite", "places"]

members(f"{__package__}.handlers")
"""Their handlers fill the table of operators."""


def load_tflite(path: Path) -> Graph:
    """Loads the network in the file ``path``; ModelError names the first unsupported operator."""
    reader, findings = _read(read_tflite(path))
    understood_all(path, findings)
    try:
        _finish(reader)
        graph = Graph(safe(path.stem), tuple(reader.nodes))
        return graph.replaced(reader.nodes).check()
    except (ModelError, Unsupported) as e:
        raise ModelError(f"{path}: {e}") from None


def inspect_tflite(path: Path) -> list[Finding]:
    """Lists the result of reading for every operator of the file ``path``."""
    return _read(read_tflite(path))[1]


def places(path: Path) -> dict[int, Flow]:
    """Finds the layer that computes each tensor of the file ``path``, by the tensor's number."""
    values = _read(read_tflite(path))[0].values
    return {number: v for number, v in values.items() if isinstance(v, Flow)}


def _read(file: TFLiteFile) -> tuple[Reader, list[Finding]]:
    reader = Reader(joined(file))
    try:
        _begin(reader)
    except Unsupported as e:
        raise ModelError(f"{file.path}: its input: {e}") from None
    findings = [_one(reader, node) for node in reader.file.nodes]
    return reader, [states.checked(reader, finding) for finding in findings]


def _begin(reader: Reader) -> None:
    """The input's layer; that of a real input comes with its quantizer."""
    file = reader.file
    if not file.inputs:
        raise ModelError(f"{file.path}: it has no input")
    for number in file.inputs:
        tensor = reader.tensor(number)
        shape = tensor.shape
        if len(shape) > 1 and shape[0] != 1:
            raise ModelError(f"{file.path}: input {tensor.name!r} has the shape {list(shape)}, "
                             f"whose batch is {shape[0]}: only a batch of 1 is supported")
        if not shape or min(shape) < 1 or prod(shape) > limits.LAYER_ELEMENTS:
            raise ModelError(f"{file.path}: input {tensor.name!r} has the shape {list(shape)}; all "
                             f"dimensions must be at least 1, and not too large")
    if len(file.inputs) > 1:
        _several(reader)
        return
    number, = list(file.inputs)
    tensor = reader.tensor(number)
    shape, reader.current = tensor.shape, tensor.name
    if tensor.type == "FLOAT32":
        reader.values[number] = Given(tensor.name, shape, shape)
        return
    coding = reader.coding(number)
    op = Input(shape[1:] or shape, coding.codes, Fraction(1), Fraction(coding.zero),
               steps=(_near(coding),))
    reader.values[number] = Flow(reader.add(op), shape)


def _several(reader: Reader) -> None:
    """One vector of the codes of all inputs in order; real inputs come with their quantizers."""
    codings = [_quantized(reader, number) for number in reader.file.inputs]
    shapes = [reader.tensor(number).shape for number in reader.file.inputs]
    real = [reader.tensor(number).type == "FLOAT32" for number in reader.file.inputs]
    every = reduce(Int.__or__, (c.codes for c in codings))
    if any(c.codes != every for c in codings):
        raise ModelError(f"{reader.file.path}: its inputs have codes of several types, which one "
                         f"stream cannot carry")
    reader.current, first = "inputs", 0
    near = Parts(tuple((prod(shape), SingleQuantize(c.codes, float(c.scale), c.zero) if single
                        else _near(c)) for c, shape, single in
                       zip(codings, shapes, real, strict=True)))
    source = reader.add(Input((sum(map(prod, shapes)),), every, steps=(near,) if any(real) else ()))
    for number, coding, shape in zip(reader.file.inputs, codings, shapes, strict=True):
        reader.current = reader.tensor(number).name
        part = reader.add(Take(first, prod(shape)), source, part="codes")
        made = reader.add(Recode(Fraction(1), Fraction(coding.zero)), part)
        reader.values[number] = Flow(made, shape)
        first += prod(shape)


def _near(coding: Coding) -> Quantize:
    """The quantizer of real samples of an input of codes."""
    return Quantize(coding.codes, Fraction(float(coding.scale)), coding.zero, Rounding.HALF_AWAY,
                    zero_last=True)


def _quantized(reader: Reader, number: int) -> Coding:
    """Returns the coding of an input, or that of the only operator that reads it, which quantizes
    it; Unsupported if there is none."""
    if reader.tensor(number).type != "FLOAT32":
        return reader.coding(number)
    users = [node for node in reader.file.nodes if number in node.inputs]
    if [node.op for node in users] != ["QUANTIZE"] or len(users[0].outputs) != 1:
        raise Unsupported(f"its tensor {reader.tensor(number).name!r} is real-valued, and other "
                          f"operators than one QUANTIZE read it", "quantize the whole network")
    return reader.coding(users[0].outputs[0])


def _one(reader: Reader, node: TFLiteNode) -> Finding:
    """Reads an operator; if that fails, its layers are removed again."""
    before = len(reader.nodes)
    reader.current = node.name
    if (lost := reader.lost(node)) is not None:
        reader.values.update(dict.fromkeys(node.outputs, lost))
        return Finding(node, "", help=f"needs {lost.node}")
    reason, help = "", ""
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):    # no warnings
            handler = understood(node)
            reader.alike(node)
            made = (constants.folded(reader, node) or states.joined(reader, node)
                    or handler(reader, node))
        if isinstance(made, Variable):
            reader.values.update(dict.fromkeys(node.outputs, made))
            return Finding(node, "state")
        flows = [made] if isinstance(made, Flow | Given | TFLiteTensor) else list(made)
        _take(reader, node, flows)
        return _finding(reader, node, flows[0], before) if flows else Finding(node, "state")
    except Unsupported as e:
        reason, help = str(e), e.help
    except ModelError as e:
        reason = str(e)
    except (ArithmeticError, LookupError, TypeError, ValueError) as e:
        # numpy's complaint about shapes and options that a handler did not check
        reason = f"its inputs or options do not fit: {' '.join(str(e).split())[:200]}"
    for gone in reader.nodes[before:]:
        del reader.tensors[gone.name]
        reader.unjoined.pop(gone.name, None)
    del reader.nodes[before:]
    reader.values.update(dict.fromkeys(node.outputs, Lost(node.name)))
    return Finding(node, "", reason=reason, help=help)


def _take(reader: Reader, node: TFLiteNode, flows: Sequence[Flow | Given | TFLiteTensor]) -> None:
    """Makes the outputs known; Unsupported if they are not as the file says."""
    if len(flows) != len(node.outputs):
        raise Unsupported(f"it has {len(node.outputs)} outputs, not {len(flows)}")
    for number, flow in zip(node.outputs, flows, strict=True):
        tensor = reader.tensor(number)
        if tensor.shape != flow.shape:
            raise Unsupported(f"its output {tensor.name!r} has the shape {list(tensor.shape)} in "
                              f"the file, and {list(flow.shape)} by its inputs")
        if isinstance(flow, Flow) and not any(flow.pads) and (
                prod(flow.shape) != (size := reader.tensors[flow.node].size)):
            raise Unsupported(f"its output {tensor.name!r} has the shape {list(tensor.shape)} in "
                              f"the file, and {size} elements by its inputs")
        reader.values[number] = _moved(reader, flow, tensor) if isinstance(flow, Flow) else flow


def _moved(reader: Reader, flow: Flow, tensor: TFLiteTensor) -> Flow:
    """The codes of a flow, which the file reads with another zero point behind an operator that
    moves them."""
    made = reader.tensors[flow.node]
    if made.codes is None or len(tensor.scales) != 1:
        return flow
    return reader.recoded(flow, int(tensor.zeros[0]), "zero")


def _finding(reader: Reader, node: TFLiteNode, flow: Flow | Given | TFLiteTensor, before: int
             ) -> Finding:
    if isinstance(flow, TFLiteTensor):
        return Finding(node, "a constant", flow.shape)
    if isinstance(flow, Given):
        return Finding(node, f"{safe(flow.name)} as it is", flow.shape[1:] or flow.shape, "real")
    tensor = reader.tensors[flow.node]
    new = ", ".join(f"{n.op.name} on the host" if isinstance(n.op, Last) else n.op.kind
                    for n in reader.nodes[before:]) or f"{flow.node} as it is"
    made = reader.file.tensors[node.outputs[0]]
    known = said(tensor)
    if tensor.codes is not None and len(made.scales) == 1:
        known = f"{tensor.codes}, scale {float(made.scales[0]):g}, zero {int(made.zeros[0])}"
    return Finding(node, new, flow.own, known)


def _finish(reader: Reader) -> None:
    """Adds what makes the file's outputs of the last layers: reals, in its order; removes layers
    that no output reads."""
    ends: list[str] = []
    for number in reader.file.outputs:
        value = reader.values.get(number)
        if not isinstance(value, Flow):
            raise ModelError("its output is not computed from the input")
        reader.current = reader.file.tensors[number].name
        flow = reader.dealt(value)
        last = reader.viewed(flow, flow.own)
        if not flow.real and len(reader.tensor(number).scales):
            last = reader.dequantized(last, reader.coding(number))
        ends.append(last)
    reader.current = "outputs"
    last = reader.add(Heads(), *ends) if len(ends) > 1 else ends[0]
    read = {last}
    for node in reversed(reader.nodes):
        read.update(node.inputs if node.name in read else ())
    reader.nodes[:] = [n for n in reader.nodes if n.name in read]

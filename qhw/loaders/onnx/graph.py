"""Networks in ONNX: QONNX, QuantizeLinear/DequantizeLinear, operators on codes, integers."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from ... import limits
from ...errors import ModelError
from ...graph import Graph, Node
from ...graph.source import Finding, said, understood_all
from ...layers import Affine, Arrange, Input
from ...layers.heads import Heads
from ...ops import Take
from ...tools.members import members
from .biases import biases
from .file import OnnxFile, OnnxNode, read_onnx
from .handlers import moves, qdq
from .input_format import annotated, parse_format
from .operators import OPERATORS, Value, understood
from .reader import InputOrder, Reader, safe
from .values import Absent, Constant, Flow, Lost, Unsupported

__all__ = ["inspect_onnx", "load_onnx", "places"]

members(f"{__package__}.handlers")
"""Their handlers fill the table of operators."""

QUANTIZERS = ("QuantizeLinear", "DequantizeLinear")
"""ONNX's own operators whose handlers know what constants they make."""

AT_INPUT = ("QuantizeLinear", "Quant", "IntQuant", "BipolarQuant", "MultiThreshold")
"""Operators that make codes of real inputs."""


def load_onnx(path: Path, input_format: str | None = None,
              input_shape: tuple[int, ...] | None = None) -> Graph:
    """Loads the network in the file ``path``; ModelError names the first unsupported node.

    ``input_format`` and ``input_shape`` are those of ``loaders.load``.
    """
    reader, findings = _read(_file(path, input_shape), _format(input_format))
    file = reader.file
    understood_all(path, findings)
    try:
        nodes = _finished(reader)
        graph = Graph(safe(file.name), tuple(nodes))
        return biases(graph.replaced(nodes)).check()
    except ModelError as e:
        raise ModelError(f"{path}: {e}") from None


def inspect_onnx(path: Path, input_format: str | None = None,
                 input_shape: tuple[int, ...] | None = None) -> list[Finding]:
    """Lists the result of reading for every node of the file ``path``.

    ``input_format`` and ``input_shape`` are those of ``loaders.load``.
    """
    return _read(_file(path, input_shape), _format(input_format))[1]


def places(path: Path, input_format: str | None = None,
           input_shape: tuple[int, ...] | None = None) -> dict[str, Flow]:
    """Finds the layer that computes each tensor of the file ``path``, and the places of its
    elements.

    ``input_format`` and ``input_shape`` are those of ``loaders.load``.
    """
    values = _read(_file(path, input_shape), _format(input_format))[0].values
    return {name: v for name, v in values.items() if isinstance(v, Flow)}


def _file(path: Path, shape: tuple[int, ...] | None) -> OnnxFile:
    file = read_onnx(path)
    if shape is None:
        return file
    if len(file.inputs) != 1:
        raise ModelError(f"{path}: it has {len(file.inputs)} inputs, and one shape was given")
    return replace(file, inputs={name: (1, *shape) for name in file.inputs})


def _format(text: str | None) -> Input | None:
    return parse_format(text) if text else None


def _read(file: OnnxFile, format: Input | None) -> tuple[Reader, list[Finding]]:
    """The layers and findings; if not all is understood, of one sample of the file's batch."""
    reader, findings = _read_as(file, format)
    samples = {shape[0] for shape in file.inputs.values()}
    count, = samples if len(samples) == 1 else {0}
    if count < 2 or _understood(findings) == len(findings) or any(
            len(shape) < 2 for shape in file.inputs.values()):
        return reader, findings
    one = replace(file, inputs={name: (1, *shape[1:]) for name, shape in file.inputs.items()})
    sample, found = _read_as(one, format, count)
    if _understood(found) < _understood(findings):
        return reader, findings
    advice = f"its input has a batch of {count}: export the file with a batch of 1"
    return sample, [replace(f, help="; ".join(filter(None, (f.help, advice)))) if f.reason else f
                    for f in found]


def _understood(findings: list[Finding]) -> int:
    """How many of the first nodes were read."""
    return next((k for k, f in enumerate(findings) if f.reason), len(findings))


def _read_as(file: OnnxFile, format: Input | None, samples: int = 1
             ) -> tuple[Reader, list[Finding]]:
    order = None
    while True:
        reader = Reader(file, samples)
        reader.movable = order is None
        try:
            _begin(reader, format, order)
        except Unsupported as e:
            raise ModelError(f"{file.path}: input {next(iter(file.inputs))!r}: {e}") from None
        try:
            with file.computed:
                return reader, [_one(reader, node) for node in file.nodes]
        except InputOrder as wanted:
            order = wanted


def _begin(reader: Reader, format: Input | None, order: InputOrder | None) -> None:
    """The input's layer. Several inputs are one: the channels of one after those of the other."""
    file = reader.file
    if not file.inputs:
        raise ModelError(f"{file.path}: its graph has no input")
    for name, shape in file.inputs.items():
        if not shape or any(d < 1 for d in shape[1:]) or shape[0] < 0:
            raise ModelError(f"{file.path}: input {name!r} has the shape {list(shape)}; all but "
                             f"the batch must be fixed numbers")
        if np.prod([float(d or 1) for d in shape]) > limits.LAYER_ELEMENTS:
            raise ModelError(f"{file.path}: input {name!r} has the shape {list(shape)}, which is "
                             f"too large")
    shapes = list(file.inputs.values())
    reader.batch = all(s[0] in (0, 1) and len(s) > 1 for s in shapes)
    shapes = [s[1:] if reader.batch else s for s in shapes]
    every = [np.arange(int(np.prod(s))).reshape(s) for s in shapes]
    ours = [p if p.ndim < 3 else np.moveaxis(p, 0, -1) for p in every]
    if len({p.shape[:-1] for p in ours}) > 1:
        raise ModelError(f"{file.path}: its inputs {', '.join(map(repr, file.inputs))} have "
                         f"different shapes, which one stream cannot carry")
    starts = np.cumsum([0, *(p.size for p in every)])
    whole = np.concatenate([p + s for p, s in zip(ours, starts, strict=False)], axis=-1)
    if order is not None:
        whole = order.order.reshape(order.shape)
    codes, meant = _codes(file, format)
    single = len(shapes) == 1
    op = Input(whole.shape, codes.codes, codes.scale, codes.zero, codes.rounding,
               order=whole.ravel(), given=shapes[0] if single else (int(starts[-1]),))
    node = reader.add(op, name=next(iter(file.inputs)) if single else "inputs")
    if single:
        where = np.empty(whole.size, np.int64)
        where[whole.ravel()] = np.arange(whole.size)
        reader.values[next(iter(file.inputs))] = Flow(
            node, where.reshape(shapes[0]), meant, meant is not None)
        return
    first = 0
    for name, own, shape in zip(file.inputs, ours, shapes, strict=True):
        made = reader.add(Take(first, own.shape[-1]), node, name=name)
        first += own.shape[-1]
        where = np.empty(own.size, np.int64)
        where[own.ravel()] = np.arange(own.size)
        reader.values[name] = Flow(made, where.reshape(shape), meant, meant is not None)


def _codes(file: OnnxFile, format: Input | None) -> tuple[Input, tuple[Fraction, Fraction] | None]:
    """The format of the input, and what its numbers mean if the file's type says that they are
    codes; small integers need no other format."""
    types = {file.types.get(name, "unknown") for name in file.inputs}
    known = qdq.RANGES.get(min(types)) if len(types) == 1 else None
    if known is None or known.width > 16:
        return format or _annotated(file) or Input((1,), None), None
    if format is None:
        return Input((1,), known), (Fraction(1), Fraction(0))
    codes = format.codes or known
    if (format.scale, format.zero) != (1, 0) or codes | known != known:
        raise ModelError(f"{file.path}: its input has type {min(types)}, and the format {codes} "
                         f"with scale {format.scale} does not fit it")
    return format, (Fraction(1), Fraction(0))


def _annotated(file: OnnxFile) -> Input | None:
    """The format that the file names for all its inputs, if none of them has a quantizer."""
    names = {file.annotations.get(name, "") for name in file.inputs}
    if len(names) > 1 or any(n.op in AT_INPUT and n.inputs[0] in file.inputs for n in file.nodes):
        return None
    return annotated(names.pop())


def _one(reader: Reader, node: OnnxNode) -> Finding:
    """Reads a node; if that fails, its layers are removed again."""
    before = len(reader.nodes)
    reader.current = node.outputs[0] if node.outputs else node.name
    inputs = [reader.values.get(name) for name in node.inputs if name]
    lost = next((v for v in inputs if isinstance(v, Lost)), None)
    if lost is not None:
        for name in node.outputs:
            reader.values[name] = Lost(lost.node)
        return Finding(node, "", help=f"needs {lost.node}")
    try:
        if absent := next((v for v in inputs if isinstance(v, Absent)), None):
            raise Unsupported(f"it reads {absent.what}, which is not supported")
        with np.errstate(over="raise", invalid="raise"):    # an ArithmeticError, not a warning
            made = _handled(reader, node, inputs)
        if not made:
            raise Unsupported("it has no output")
        if any(isinstance(v, Flow) and not v.places.size for v in made):
            raise Unsupported("its result has no elements")
    except Unsupported as e:
        reason, help = str(e), e.help
    except ModelError as e:
        reason, help = str(e), ""
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as e:
        # numpy's complaint about shapes and attributes that a handler did not check
        reason, help = f"its inputs or attributes do not fit: {' '.join(str(e).split())[:200]}", ""
    else:
        for k, name in enumerate(node.outputs):
            reader.values[name] = made[k] if k < len(made) else Absent(
                f"output {k + 1} of {node.name!r} ({node.op})")
        return _finding(reader, node, made[0], before)
    for name in node.outputs:
        reader.values[name] = Lost(node.name)
    return Finding(node, "", reason=reason, help=help)


def _handled(reader: Reader, node: OnnxNode, inputs: list[Value | None]) -> list[Value]:
    own = node.domain in ("", "ai.onnx")
    if (node.domain, node.op) in reader.file.functions:
        raise Unsupported(f"{node.op} is a function of the file's own",
                          "inline it with onnx.inliner")
    if own and node.op == "Constant":
        return [Constant(np.asarray(_constant(node)))]
    foreign = not own or node.op in QUANTIZERS or (
        ("", node.op) in OPERATORS and not OPERATORS["", node.op].versions)
    if inputs and all(isinstance(v, Constant) for v in inputs) and not foreign:
        return list(moves.folded(reader, node))
    operator, node = understood(node, reader.file.opsets)
    made = operator.handler(reader, node)
    return [made] if isinstance(made, Absent | Constant | Flow | Lost) else list(made)


def _constant(node: OnnxNode):
    known = ("value", "value_float", "value_int", "value_floats", "value_ints")
    name, = node.attributes if len(node.attributes) == 1 else ("",)
    if name not in known:
        raise Unsupported(f"it has the attributes {', '.join(node.attributes) or 'none'}, and only "
                          f"one of {', '.join(known)} is supported")
    return node.attributes[name]


def _finding(reader: Reader, node: OnnxNode, value: Value, before: int) -> Finding:
    if isinstance(value, Constant):
        integers = np.zeros(0) if value.integers is None else value.integers
        known = f"integers {integers.min()}..{integers.max()}" if integers.size else ""
        return Finding(node, "a constant", value.value.shape, known)
    assert isinstance(value, Flow)
    tensor = reader.tensors[value.node]
    new = ", ".join(n.op.kind for n in reader.nodes[before:]) or f"{value.node} as it is"
    return Finding(node, new, value.shape, said(tensor))


def _finished(reader: Reader) -> list[Node]:
    """All layers, and the outputs in ONNX's order of elements."""
    values = [reader.values.get(name) for name in reader.file.outputs]
    if absent := next((v for v in values if isinstance(v, Absent)), None):
        raise ModelError(f"its output is {absent.what}, which is not supported")
    flows = [v for v in values if isinstance(v, Flow)]
    if len(flows) < len(values) or not flows:
        raise ModelError("an output is not computed from the input")
    if len({f.node for f in flows}) > 1:
        nodes = list(reader.nodes)
        ends = [_ended(reader, nodes, flow, flow.places) for flow in flows]
        return [*nodes, Node(reader.unique("outputs"), Heads(), tuple(ends))]
    flow = flows[0]
    nodes = reader.nodes[:1 + next(k for k, n in enumerate(reader.nodes) if n.name == flow.node)]
    _ended(reader, nodes, flow, flow.places if len(flows) == 1 else np.concatenate(
        [f.places.ravel() for f in flows]))
    return nodes


def _ended(reader: Reader, nodes: list[Node], flow: Flow, places: np.ndarray) -> str:
    """Adds to ``nodes`` what makes ONNX's numbers of a flow's elements at ``places``, and returns
    the last layer."""
    name, tensor = flow.node, reader.tensors[flow.node]
    if flow.codes is not None and (tensor.scale, tensor.zero) != (1, 0):
        channels = tensor.channels
        nodes.append(Node(reader.unique(f"{name}_codes"), Affine(
            (1 / tensor.scale,) * channels, (tensor.zero,) * channels), (name,)))
        name = nodes[-1].name
    if not np.array_equal(places, np.arange(tensor.size).reshape(tensor.shape)):
        nodes.append(Node(reader.unique(f"{name}_out"), Arrange(np.atleast_1d(places)), (name,)))
        name = nodes[-1].name
    return name

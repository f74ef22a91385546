"""Reads TFLite files safely, and makes plain Python of their tensors and operators."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ... import limits
from ...errors import ModelError
from ...tools.outside import read_bytes
from .flat import Damaged, Table, root
from .schema import DTYPES, OPERATORS, OPTIONS, TYPES, VERSION
from .values import TFLiteNode, TFLiteTensor

__all__ = ["TFLiteFile", "read_tflite"]

HOST = ("DEQUANTIZE", "QUANTIZE", "RESHAPE", "SQUEEZE", "SOFTMAX", "LOG_SOFTMAX")
"""Operators that the host computes behind a sigmoid that is no longer in hardware."""
MOST_INPUTS = 1 << 20
"""Inputs and outputs of all operators together."""


@dataclass(frozen=True)
class TFLiteFile:
    """A subgraph of a file: its operators in order, its tensors by number."""

    path: Path
    tensors: tuple[TFLiteTensor, ...]
    nodes: tuple[TFLiteNode, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    others: tuple["TFLiteFile", ...] = ()
    """The subgraphs behind the first one, in the file of the first one."""

    @cached_property
    def ending(self) -> frozenset[int]:
        """Finds the outputs, and the tensors from which only the host's layers compute the
        outputs."""
        found, others = set(self.outputs), set[int]()
        for node in reversed(self.nodes):
            if node.op in HOST and not found.isdisjoint(node.outputs):
                found.update(node.inputs)
            else:
                others.update(node.inputs)
        return frozenset(found - others)


def read_tflite(path: Path) -> TFLiteFile:
    """Reads the file ``path``; ModelError if it is damaged."""
    data = read_bytes(path, limits.FILE_BYTES)
    try:
        return _read(path, root(data))
    except (Damaged, ValueError) as e:
        raise ModelError(f"{path}: this TFLite file is damaged: {e}") from None


def _read(path: Path, model: Table) -> TFLiteFile:
    if (version := model.scalar(0, "uint")) != VERSION:
        raise ModelError(f"{path}: its schema has version {version}, and only {VERSION} is known")
    graphs = model.tables(2, limits.NODES)
    if not graphs:
        raise Damaged("it has no subgraph")
    buffers = model.tables(4, limits.NODES)
    codes = [_operator(code) for code in model.tables(1, limits.NODES)]
    first, *others = (_graph(path, graph, buffers, codes) for graph in graphs)
    if not first.outputs:
        raise Damaged("its inputs or outputs are no tensors")
    return replace(first, others=tuple(others))


def _graph(path: Path, graph: Table, buffers: list[Table], codes: list[str]) -> TFLiteFile:
    tensors = [_tensor(t, k, buffers) for k, t in enumerate(graph.tables(0, limits.NODES))]
    left, nodes = MOST_INPUTS, list[TFLiteNode]()
    for table in graph.tables(3, limits.NODES):
        ends = [_tensors_of(table, slot, len(tensors), left) for slot in (1, 2)]
        left -= sum(map(len, ends))
        nodes.append(_node(table, ends[0], ends[1], codes, tensors))
    inputs, outputs = (_tensors_of(graph, slot, len(tensors), left) for slot in (1, 2))
    if min((*inputs, *outputs), default=0) < 0:
        raise Damaged("its inputs or outputs are no tensors")
    return TFLiteFile(path, tuple(tensors), tuple(nodes), inputs, outputs)


def _operator(code: Table) -> str:
    """An operator's name. The older field holds numbers up to 127 alone, and files exist that leave
    one of both out, so the larger counts."""
    number: int = max(code.scalar(0, "byte"), code.scalar(3, "int"))
    if number < 0:
        raise Damaged(f"an operator has the number {number}")
    custom = code.text(1, limits.NAME)
    name = OPERATORS[number] if number < len(OPERATORS) else f"STABLEHLO_{number}"
    return f"CUSTOM {custom}" if name == "CUSTOM" else name


def _tensors_of(table: Table, slot: int, count: int, most: int) -> tuple[int, ...]:
    """Tensors by number; -1 is one that is left out."""
    found = table.vector(slot, "i4")
    if len(found) > most:
        raise Damaged("its operators have too many inputs")
    if len(found) and (found.min() < -1 or found.max() >= count):
        raise Damaged(f"there is no tensor {found.max()} of {count}")
    return tuple(found.tolist())


def _node(table: Table, inputs: tuple[int, ...], outputs: tuple[int, ...], codes: list[str],
          tensors: list[TFLiteTensor]) -> TFLiteNode:
    index: int = table.scalar(0, "uint")
    if index >= len(codes):
        raise Damaged(f"there is no operator code {index} of {len(codes)}")
    if min(outputs, default=0) < 0:
        raise Damaged("an operator's output is no tensor")
    op = codes[index]
    options, fault = _options(table, op)
    named = next((k for k in (*outputs, *inputs) if k >= 0), None)
    name = op if named is None else tensors[named].name
    return TFLiteNode(name, op, "", inputs, outputs, options, fault)


def _options(table: Table, op: str) -> tuple[dict[str, Any], str]:
    """An operator's options by name, and their fault if they have one."""
    if op not in OPTIONS:
        return {}, ""
    number, fields = OPTIONS[op]
    found, given = table.table(4), table.scalar(3, "ubyte")
    empty = {"[int]": np.zeros(0, "i4"), "string": ""}
    values: dict[str, Any] = {name: empty.get(kind, default)
                              for name, (_, kind, default) in fields.items()}
    if found is None or not number:
        return values, ""
    if given != number:
        return values, f"its options are of type {given}, not {number}"
    if unknown := set(found.slots) - {slot for slot, _, _ in fields.values()}:
        return values, f"its options have a field {min(unknown)}, which is not known"
    for name, (slot, kind, default) in fields.items():
        values[name] = (found.vector(slot, "i4") if kind == "[int]"
                        else found.text(slot, limits.NAME) if kind == "string"
                        else found.scalar(slot, kind, default))
        if kind == "float" and not np.isfinite(values[name]):
            return values, f"its option {name} is {values[name]}"
    return values, ""


def _tensor(table: Table, number: int, buffers: list[Table]) -> TFLiteTensor:
    kind: int = table.scalar(1, "byte")
    if not 0 <= kind < len(TYPES):
        raise Damaged(f"tensor {number} has the type {kind}, which is not known")
    shape = tuple(table.vector(0, "i4").tolist())
    name = table.text(3, limits.NAME).replace("\0", "") or f"tensor_{number}"
    if len(shape) > limits.DIMENSIONS or min(shape, default=1) < 0:
        raise Damaged(f"tensor {number} has the shape {list(shape)[:limits.DIMENSIONS]}")
    if prod(shape) > limits.ELEMENTS:
        raise Damaged(f"tensor {number} has {prod(shape)} elements, more than {limits.ELEMENTS}")
    scales, zeros, axis, fault = _scales(table.table(4))
    if table.table(6) is not None:
        fault = "it is sparse, which is not supported"
    data = _constant(table.scalar(2, "uint"), buffers, TYPES[kind], shape, number)
    return TFLiteTensor(name, TYPES[kind], shape, scales, zeros, axis, data, fault,
                        bool(table.scalar(5, "bool")))


def _scales(table: Table | None) -> tuple[np.ndarray, np.ndarray, int, str]:
    """Scales, zero points, their dimension, and their fault if they have one."""
    if table is None:
        return np.zeros(0, "f4"), np.zeros(0, "i8"), 0, ""
    scales, zeros, axis = table.vector(2, "f4"), table.vector(3, "i8"), table.scalar(6, "int")
    fault = ""
    if table.scalar(4, "ubyte"):
        fault = "its quantization is not the affine one"
    elif not (np.isfinite(scales).all() and (scales >= np.finfo(np.float32).tiny).all()):
        fault = "it has a scale that is no positive number, or one below 2**-126"
    elif len(zeros) not in (0, 1, len(scales)):
        fault = f"it has {len(scales)} scales and {len(zeros)} zero points"
    return scales, zeros if len(zeros) else np.zeros(len(scales), "i8"), axis, fault


def _constant(buffer: int, buffers: list[Table], kind: str, shape: tuple[int, ...], number: int
              ) -> np.ndarray | None:
    """A tensor's elements if its buffer has any."""
    if buffer >= len(buffers):
        raise Damaged(f"tensor {number} has the buffer {buffer} of {len(buffers)}")
    if buffers[buffer].scalar(1, "ulong") > 1:
        raise Damaged(f"buffer {buffer} lies behind the model, which is not supported")
    data = buffers[buffer].vector(0, "u1")
    if not len(data):
        return None
    count = prod(shape)
    if kind == "INT4":
        size = (count + 1) // 2
    elif kind in DTYPES:
        size = count * np.dtype(DTYPES[kind]).itemsize
    else:
        return None
    if len(data) != size:
        raise Damaged(f"tensor {number} of shape {list(shape)} needs {size} bytes, and its buffer "
                      f"has {len(data)}")
    if kind == "INT4":
        pairs = np.stack([data << 4, data & 0xF0], axis=1).ravel()[:count]
        return (pairs.view("i1") >> 4).reshape(shape)
    return data.view(np.dtype(DTYPES[kind]).newbyteorder("<")).reshape(shape)

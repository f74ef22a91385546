"""Moves in floating point between DEQUANTIZE and QUANTIZE, as converters leave them in networks of
integers, become moves of the codes."""

from collections.abc import Iterable
from dataclasses import replace

from .file import TFLiteFile
from .values import TFLiteNode, TFLiteTensor

__all__ = ["joined"]

MOVES = ("CONCATENATION", "EXPAND_DIMS", "GATHER", "PACK", "RESHAPE", "SLICE", "SPLIT", "SPLIT_V",
         "SQUEEZE", "STRIDED_SLICE", "TRANSPOSE", "UNPACK")
"""Operators whose outputs have elements of their inputs alone."""


def joined(file: TFLiteFile) -> TFLiteFile:
    """Returns the file without DEQUANTIZE operators behind which elements are only moved, and
    quantized again as they were; those in between move codes."""
    source = _sources(file)
    kept = _kept(file, source, _left(file, source))
    if not kept:
        return file
    given = {n.outputs[0]: n.inputs[0] for n in file.nodes
             if n.op == "DEQUANTIZE" and n.outputs[0] in kept}
    tensors = tuple(replace(t, type=source[k].type, scales=source[k].scales, zeros=source[k].zeros)
                    if k in kept else t for k, t in enumerate(file.tensors))
    nodes = (replace(n, inputs=tuple(given.get(k, k) for k in n.inputs)) for n in file.nodes
             if not given.keys() & set(n.outputs))
    return replace(file, tensors=tensors, nodes=tuple(nodes))


def _moved(file: TFLiteFile, node: TFLiteNode) -> list[int]:
    """The real tensors that a node moves; empty if it does anything else."""
    real = [k for k in node.inputs if k >= 0 and file.tensors[k].type == "FLOAT32"]
    return real if node.op in MOVES else []


def _sources(file: TFLiteFile) -> dict[int, TFLiteTensor]:
    """A tensor of integers with the coding of each real tensor that comes from DEQUANTIZE."""
    found: dict[int, TFLiteTensor] = {}
    for node in file.nodes:
        if node.op == "DEQUANTIZE" and len(file.tensors[node.inputs[0]].scales) == 1:
            found[node.outputs[0]] = file.tensors[node.inputs[0]]
        elif (moved := _moved(file, node)) and found.keys() >= set(moved) and _alike(
                found[k] for k in moved):
            found.update(dict.fromkeys(node.outputs, found[moved[0]]))
    return found


def _alike(tensors: Iterable[TFLiteTensor]) -> bool:
    """Whether all have one type and one coding."""
    return len({(t.type, tuple(t.scales), tuple(t.zeros)) for t in tensors}) == 1


def _left(file: TFLiteFile, source: dict[int, TFLiteTensor]) -> set[int]:
    """Real tensors that are needed as such, by an operator or as outputs."""
    found = set(file.outputs)
    for node in reversed(file.nodes):
        if node.op == "QUANTIZE" and node.inputs[0] in source:
            fits = _alike((source[node.inputs[0]], file.tensors[node.outputs[0]]))
        else:
            moved = _moved(file, node)
            fits = bool(moved) and node.outputs[0] in source and found.isdisjoint(node.outputs)
        if not fits:
            found.update(node.inputs)
    return found


def _kept(file: TFLiteFile, source: dict[int, TFLiteTensor], left: set[int]) -> set[int]:
    """Real tensors for which their codes stand."""
    found: set[int] = set()
    for node in file.nodes:
        first = node.op == "DEQUANTIZE" and node.outputs[0] in source
        moved = _moved(file, node)
        if left.isdisjoint(node.outputs) and (first or moved and found >= set(moved)):
            found.update(node.outputs)
    return found

"""TFLite's operators that deal the pixels of an image to the images of a batch, around a
convolution.

The convolution of the batch is a dilated convolution of the image. A ``Flow`` therefore keeps the
image, and only notes how it is dealt."""

from dataclasses import replace
from math import prod

import numpy as np

from ..operators import handles
from ..reader import Reader
from ..values import Flow, TFLiteNode, Unsupported
from .moves import Part, sliced, with_pads

__all__: list[str] = []


def _blocks(reader: Reader, node: TFLiteNode, flow: Flow) -> tuple[tuple[int, ...], np.ndarray]:
    """Reads the parts for each dimension but the first, and the elements added to or cut off
    each dimension, (rank, 2)."""
    blocks, ends = reader.integers(node, 1), np.array(reader.integers(node, 2)).reshape(-1, 2)
    rank = len(flow.shape)
    if not 3 <= rank <= 4 or len(blocks) != rank - 2 or len(ends) != rank - 2 or (
            min(blocks) < 1 or ends.min() < 0):
        raise Unsupported(f"its blocks {list(blocks)} and ends {ends.tolist()} do not fit "
                          f"{list(flow.shape)}")
    return (*blocks, 1), np.concatenate([[[0, 0]], ends, [[0, 0]]])


@handles("SPACE_TO_BATCH_ND", inputs=(3, 3))
def _space_to_batch(reader: Reader, node: TFLiteNode):
    flow = reader.plain(node)
    flow = reader.dealt(flow) if flow.blocks else flow
    blocks, pads = _blocks(reader, node, flow)
    if flow.shape[0] != 1 or flow.real:
        raise Unsupported(f"it reads a batch, {list(flow.shape)}, or real numbers")
    flow = with_pads(reader, flow, pads, reader.coding(node.outputs[0]).zero)
    if any(n % b for n, b in zip(flow.shape[1:], blocks, strict=True)):
        raise Unsupported(f"its blocks {list(blocks[:-1])} do not divide {list(flow.shape)}")
    shape = (prod(blocks), *(n // b for n, b in zip(flow.shape[1:], blocks, strict=True)))
    return replace(flow, shape=shape, blocks=blocks)


@handles("BATCH_TO_SPACE_ND", inputs=(3, 3))
def _batch_to_space(reader: Reader, node: TFLiteNode):
    flow = reader.plain(node)
    blocks, crops = _blocks(reader, node, flow)
    if flow.blocks == blocks:
        whole = reader.padded(replace(flow, shape=flow.whole, blocks=()))
    else:
        whole = _gathered(reader, reader.flow(node), blocks)
    parts: list[Part] = [(int(a), n - int(a) - int(b), 1) for n, (a, b) in
                         zip(whole.shape, crops, strict=True)]
    return sliced(reader, whole, parts)


def _gathered(reader: Reader, flow: Flow, blocks: tuple[int, ...]) -> Flow:
    """Adds a layer that makes one image of a batch that no layer dealt."""
    batch, *sizes = flow.shape
    if batch != prod(blocks):
        raise Unsupported(f"its blocks {list(blocks[:-1])} do not fit {list(flow.shape)}")
    inner = prod(sizes)
    loops: list[tuple[int, int]] = []
    for k, (n, b) in enumerate(zip(sizes, blocks, strict=True)):
        loops += [(n, prod(sizes[k + 1:])), (b, prod(blocks[k + 1:]) * inner)]
    shape = (1, *(n * b for n, b in zip(sizes, blocks, strict=True)))
    return Flow(reader.reordered(flow.node, batch * inner, loops, shape[1:], "whole"), shape)

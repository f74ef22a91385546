"""Reads an ONNX graph into our layers: the state that handlers of operators share.

Our tensors are channels last, ONNX's mostly channels first. A ``Flow`` records the place of each of
ONNX's elements in our tensor. Reshaping, flattening and transposing therefore change only the
record, until a layer needs its elements in a certain order."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ... import limits
from ...errors import ModelError
from ...graph import Node, Op, Tensor
from ...layers import Affine, Input, Quantizer, Reshape
from ...layers.real import Elementwise
from ...ops import Reorder, Take
from .file import OnnxFile, OnnxNode
from .operators import Value
from .orders import walk
from .values import Constant, Flow, Unsupported

__all__ = ["InputOrder", "Reader", "rational", "safe", "standard"]


def safe(name: str) -> str:
    """Makes a layer's name from a tensor's name."""
    found = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    return found if found[:1].isalpha() else f"t{found}"


class InputOrder(Exception):
    """A layer needs the input's elements in another order; the input can be declared in that order
    at no cost."""

    def __init__(self, order: np.ndarray, shape: tuple[int, ...]):
        super().__init__("another order")
        self.order, self.shape = order, shape


class Reader:
    """The layers made so far, and the values of ONNX's tensors by name.

    The input is one of the ``samples`` of the batch that a file may say."""

    def __init__(self, file: OnnxFile, samples: int = 1):
        self.file, self.samples = file, samples
        self.nodes: list[Node] = []
        self.tensors: dict[str, Tensor] = {}
        self.used: dict[str, int] = {}
        """By name, the last number that was put behind it."""
        self.by_name: dict[str, Node] = {}
        self.values: dict[str, Value] = {
            k: Constant(v, name=k) for k, v in file.constants.items()}
        self.batch = True
        self.movable = True
        """Whether the input may come in another order of elements."""
        self.current = ""

    # -- what handlers ask for

    def value(self, node: OnnxNode, k: int) -> Value | None:
        """Returns input ``k`` of a node; None if it is left out."""
        if k >= len(node.inputs) or not node.inputs[k]:
            return None
        return self.values[node.inputs[k]]

    def flow(self, node: OnnxNode, k: int = 0) -> Flow:
        """Returns input ``k`` of a node, an index, as a tensor; Unsupported if it is a constant."""
        found = self.value(node, k)
        if not isinstance(found, Flow):
            raise Unsupported(f"its input {k} is a constant or missing, not a layer's output")
        return found

    def real(self, node: OnnxNode, k: int = 0) -> Flow:
        """Returns input ``k`` of a node, an index, as a tensor of real numbers; Unsupported if it
        is codes with a scale."""
        found = self.flow(node, k)
        if found.codes is not None and found.codes != (1, 0):
            raise Unsupported("it computes with codes that have a scale",
                              "dequantize before it")
        return found

    def constant(self, node: OnnxNode, k: int) -> Constant:
        """Returns input ``k`` of a node, an index, as a constant; Unsupported if it is not
        constant."""
        found = self.value(node, k)
        if not isinstance(found, Constant):
            raise Unsupported(f"its input {k} must be a constant")
        return found

    def number(self, node: OnnxNode, k: int, *, infinite: bool = False) -> float:
        """Returns input ``k``, an index, of ``node`` as a constant number, which may be
        ``infinite`` if that is true; Unsupported if it has several elements."""
        array = self.array(node, k, infinite=infinite)
        if array.size != 1:
            raise Unsupported(f"its input {k} must be one number, and has shape {array.shape}")
        return float(array.ravel()[0])

    def array(self, node: OnnxNode, k: int, *, infinite: bool = False) -> np.ndarray:
        """Returns input ``k``, an index, of ``node`` as an array of finite constants, or
        ``infinite`` ones if that is true; Unsupported otherwise."""
        array = self.constant(node, k).value
        if array.dtype.kind == "f":
            wrong: np.ndarray = np.isnan(array) if infinite else ~np.isfinite(array)
            if wrong.any():
                raise Unsupported(f"its input {node.inputs[k]!r} has {array[wrong].ravel()[0]}, "
                                  f"which is not finite")
        return array

    def axis(self, axis: int, flow: Flow) -> int:
        """Converts an axis of ONNX's tensor to an axis without the batch.

        Unsupported for the batch's axis, and for an axis that does not exist."""
        rank = len(flow.shape) + self.batch
        if not -rank <= axis < rank:
            raise Unsupported(f"there is no axis {axis} in {rank} dimensions")
        axis %= rank
        if self.batch and axis == 0:
            raise Unsupported("it works across samples (axis 0)")
        return axis - self.batch

    # -- layers

    def add(self, op: Op, *inputs: str, name: str = "") -> str:
        """Adds a layer and returns its name, which is that of the current ONNX tensor unless
        ``name`` is given.

        Unsupported if the layer does not fit its inputs."""
        name = self.unique(safe(name or self.current))
        try:
            made = op.infer(*(self.tensors[i] for i in inputs))
        except (ModelError, ValueError) as e:
            raise Unsupported(str(e)) from None
        if not made.shape or min(made.shape) < 1:
            raise Unsupported(f"its output would have shape {made.shape}")
        for what, count, most in (("elements", made.size, limits.LAYER_ELEMENTS),
                                  ("channels", made.channels, limits.CHANNELS)):
            if count > most:
                raise Unsupported(f"its output would have {count} {what}, more than {most}")
        self.nodes.append(Node(name, op, inputs))
        self.tensors[name], self.by_name[name] = made, self.nodes[-1]
        return name

    def unique(self, name: str) -> str:
        """Returns ``name``, made unique among the layers."""
        found, k = name, self.used.get(name, 1)
        while found in self.tensors:
            k += 1
            found = f"{name}_{k}"
        self.used[name] = k
        return found

    def each(self, op: Op, flow: Flow, name: str = "", *, whole: bool = False) -> Flow:
        """Adds a layer that leaves the elements at their places.

        Parameters
        ----------
        op : the layer
        flow : its input
        name : its name; derived from the node's if empty
        whole : whether its results are integers
        """
        return Flow(self.add(op, flow.node, name=name), flow.places, whole=whole)

    def channelwise(self, flow: Flow, *arrays: np.ndarray) -> tuple[Flow, list[np.ndarray]]:
        """Reduces parameters that ONNX broadcasts to the flow's shape to one number for each
        channel.

        If a parameter differs between places of a channel, the tensor first becomes a vector, each
        element a channel. Returns the flow and the parameters, (channels,) each."""
        flow = self.packed(flow)
        tensor = self.tensors[flow.node]
        rows = [self._ours(flow, a, tensor) for a in arrays]
        if all((row == row[0]).all() for row in rows):
            return flow, [row[0] for row in rows]
        if (self.movable and len(flow.shape) == 2 and self._root(flow.node)
                and all((row == row[:, :1]).all() for row in rows)):
            self.image(flow, channels_last=False)       # its rows are channels, which come last
        flow = self.reshaped(flow, (tensor.size,))
        return flow, [row.ravel() for row in rows]

    def _ours(self, flow: Flow, array: np.ndarray, tensor: Tensor) -> np.ndarray:
        """A broadcast parameter in our order, (places, channels)."""
        if self.batch and array.ndim == len(flow.shape) + 1 and array.shape[0] == 1:
            array = array[0]
        try:
            full = np.broadcast_to(array, flow.shape)
        except ValueError:
            raise Unsupported(f"a parameter of shape {array.shape} does not fit the tensor's "
                              f"{flow.shape}") from None
        ours = np.empty(tensor.size, full.dtype)
        ours[flow.places.ravel()] = full.ravel()
        return ours.reshape(-1, tensor.channels)

    def affine(self, flow: Flow, slope: np.ndarray, offset: np.ndarray, name: str = "") -> Flow:
        """Adds ``slope * x + offset``.

        Parameters
        ----------
        flow : the input x
        slope, offset : numbers that broadcast to the flow's shape, (..., channels)
        name : the layer's name; derived from the node's if empty
        """
        flow, (slopes, offsets) = self.channelwise(flow, slope, offset)
        channels = self.tensors[flow.node].channels
        slopes, offsets = (np.broadcast_to(v, channels) for v in (slopes, offsets))
        op = Affine(tuple(map(rational, slopes)), tuple(map(rational, offsets)))
        whole = all(v.denominator == 1 for v in (*op.slope, *op.offset))
        return self.each(op, flow, name, whole=flow.whole and whole)

    # -- order of elements

    def whole(self, flow: Flow) -> Flow:
        """Makes a flow a whole layer: if it holds some of a layer's channels, these are selected by
        a layer of their own."""
        tensor = self.tensors[flow.node]
        rows, channels = np.divmod(flow.places, tensor.channels)
        first, count = int(channels.min()), int(np.ptp(channels)) + 1
        places = rows * count + channels - first
        if count == tensor.channels or not np.array_equal(
                np.sort(places, axis=None), np.arange(tensor.size // tensor.channels * count)):
            return flow
        node = self.add(Take(first, count), flow.node, name=f"{flow.node}_part")
        return replace(flow, node=node, places=places)

    def packed(self, flow: Flow) -> Flow:
        """Makes a flow a whole layer with the channels last, in which each element occurs once."""
        flow = self.whole(flow)
        size = self.tensors[flow.node].size
        if (np.bincount(flow.places.ravel(), minlength=size) == 1).all():
            return flow
        rank = len(flow.shape)
        x = self.image(flow, channels_last=False) if rank in (2, 3) else self.rows(flow)
        shape = self.tensors[x.node].shape
        return replace(flow, node=x.node, places=standard(shape, channels_last=False, rank=rank)
                       if rank in (2, 3) else np.arange(flow.places.size).reshape(shape))

    def reshaped(self, flow: Flow, shape: tuple[int, ...]) -> Flow:
        """Adds a layer that gives the flow other dimensions; the elements keep their order."""
        if self.tensors[flow.node].shape == shape:
            return flow
        return flow.at(self.add(Reshape(shape), flow.node, name=f"{flow.node}_flat"))

    def vector(self, flow: Flow) -> tuple[Flow, np.ndarray]:
        """Makes a vector of a flow; returns it and the place of each element in it."""
        if len(flow.shape) != 1:
            raise Unsupported(f"it needs a vector, and its input has shape {flow.shape}")
        flow = self.packed(flow)
        return self.reshaped(flow, flow.shape), flow.places

    def image(self, flow: Flow, *, channels_last: bool) -> Flow:
        """Makes a flow of rows, columns and channels, in our order; a sequence becomes an image of
        one row."""
        flow = self.whole(flow)
        places = flow.places
        if len(places.shape) not in (2, 3):
            raise Unsupported(f"it needs an image or a sequence, and its input has shape "
                              f"{flow.shape}")
        if not channels_last:
            places = np.moveaxis(places, 0, -1)
        if places.ndim == 2:
            places = places[None]
        return self.ordered(flow, places)

    def last(self, flow: Flow) -> bool:
        """Tells whether the last of a flow's three dimensions are our channels, in order."""
        places = flow.places
        channels = self.tensors[flow.node].channels
        return places.ndim == 3 and places.shape[-1] == channels > 1 and bool(
            (np.diff(places) == 1).all())

    def rows(self, flow: Flow) -> Flow:
        """Makes a flow a layer of its own dimensions, with the elements in ONNX's order."""
        flow = self.whole(flow)
        return self.ordered(flow, flow.places)

    def like(self, flow: Flow, other: Flow) -> Flow:
        """Rearranges a flow so that its elements stand at the places of ``other``, which is a whole
        layer."""
        flow, tensor = self.whole(flow), self.tensors[other.node]
        wanted = np.empty(tensor.size, np.int64)
        wanted[other.places.ravel()] = flow.places.ravel()
        return replace(self.ordered(flow, wanted.reshape(tensor.shape)), places=other.places)

    def ordered(self, flow: Flow, places: np.ndarray) -> Flow:
        """Makes a layer whose elements are the flow's elements at ``places``, in this order and
        shape.

        InputOrder if the input can be declared in this order instead, Unsupported if hardware
        cannot stream this order."""
        tensor = self.tensors[flow.node]
        if places.size == tensor.size and np.array_equal(places.ravel(), np.arange(tensor.size)):
            return self.reshaped(flow, places.shape)
        every = np.array_equal(np.sort(places, axis=None), np.arange(tensor.size))
        if every and self.movable and (root := self._root(flow.node)):
            op = root.op
            assert isinstance(op, Input)
            before = np.arange(tensor.size) if op.order is None else op.order
            raise InputOrder(before[places.ravel()], places.shape)
        found = walk(places.ravel(), tensor.size)
        if found is None:
            raise Unsupported("its elements are in an order that cannot be streamed: no loops of "
                              "few steps make it")
        if found.count < (each := tensor.size // found.blocks):
            flow = self.reshaped(flow, (found.blocks, each) if found.blocks > 1 else (each,))
            flow = flow.at(self.add(Take(found.first, found.count), flow.node,
                                    name=f"{flow.node}_part"))
        if not found.straight:
            flow = flow.at(self.add(Reorder(found.count, found.loops, places.shape,
                                            start=found.start), flow.node,
                                    name=f"{flow.node}_order"))
        return self.reshaped(flow, places.shape)

    def _root(self, name: str) -> Node | None:
        """The input, if all layers from there keep elements where they are."""
        while True:
            node = self.by_name[name]
            if isinstance(node.op, Input):
                return node
            if not isinstance(node.op, Quantizer | Elementwise):
                return None
            name, = node.inputs


def rational(value: Any) -> Fraction:
    """Converts a stored parameter to an exact fraction."""
    return Fraction(int(value)) if isinstance(value, int | np.integer) else Fraction(float(value))  # pyright: ignore[reportUnknownArgumentType]


def standard(shape: tuple[int, ...], *, channels_last: bool, rank: int) -> np.ndarray:
    """Numbers the elements of a channels-last tensor (rows, columns, channels) in ONNX's order.

    Parameters
    ----------
    shape : (rows, columns, channels)
    channels_last : whether ONNX's tensor is channels-last too
    rank : number of dimensions of ONNX's tensor without the batch
    """
    places = np.arange(int(np.prod(shape))).reshape(shape)
    if rank == 2:
        places = places[0]
    return places if channels_last else np.moveaxis(places, -1, 0)

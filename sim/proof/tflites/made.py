"""TFLite files made with the flatbuffers package, and the answers of TensorFlow Lite Micro to them.
"""

from typing import Any

import flatbuffers
import numpy as np

from qhw.loaders.tflite.schema import ACTIVATIONS, DTYPES, OPERATORS, OPTIONS, TYPES, VERSION

__all__ = ["Made", "answers", "table"]

PREPEND = {"byte": "PrependInt8Slot", "ubyte": "PrependUint8Slot", "bool": "PrependBoolSlot",
           "int": "PrependInt32Slot", "uint": "PrependUint32Slot", "float": "PrependFloat32Slot"}


class Made:
    """A network that grows tensor by tensor, and then is written as a file."""

    def __init__(self):
        self.tensors: list[dict[str, Any]] = []
        self.nodes: list[tuple[str, list[int], list[int], dict[str, Any]]] = []
        self.others: list[Made] = []
        """Subgraphs behind this one."""

    def tensor(self, shape, type="INT8", scale=None, zero=0, data=None, *, axis=0, name="",
               variable=False):
        """Adds a tensor and returns its number.

        Parameters
        ----------
        shape : its dimensions
        type : its elements' type
        scale, zero : a number, or several along ``axis``; None if it is not quantized
        data : its elements if it is a constant
        axis : index of the dimension that has several scales
        name : its name
        variable : whether it keeps its elements from one inference to the next
        """
        self.tensors.append({"shape": tuple(shape), "type": type, "scale": scale, "zero": zero,
                             "data": data, "axis": axis, "variable": variable,
                             "name": name or f"tensor_{len(self.tensors)}"})
        return len(self.tensors) - 1

    def constant(self, data, type="INT32", **more):
        """Adds a constant tensor."""
        data = np.asarray(data)
        return self.tensor(data.shape, type, data=data, **more)

    def op(self, name, inputs, outputs, **options):
        """Adds an operator; ``activation`` may be given by its name."""
        if isinstance(activation := options.get("activation"), str):
            options["activation"] = ACTIVATIONS.index(activation)
        self.nodes.append((name, list(inputs), list(outputs), options))

    def file(self, inputs, outputs):
        """Returns the bytes of a file with these tensors, by number, as inputs and outputs."""
        b = flatbuffers.Builder(1024)
        every = [self, *self.others]
        names = sorted({name for made in every for name, *_ in made.nodes})
        buffers, graphs = [self._buffer(b, {"data": None, "type": ""})], []
        for made in every:
            first = len(buffers)
            buffers += [self._buffer(b, t) for t in made.tensors]
            ends = (inputs, outputs) if made is self else ([], [])
            graphs.append(made._graph(b, names, first, *ends))
        codes = vector(b, [self._code(b, OPERATORS.index(name)) for name in names])
        root = table(b, {1: codes, 2: vector(b, graphs), 4: vector(b, buffers)},
                     {0: ("uint", VERSION)})
        b.Finish(root, b"TFL3")
        return bytes(b.Output())

    def _graph(self, b, names, first, inputs, outputs):
        tensors = [self._tensor(b, t, k + first) for k, t in enumerate(self.tensors)]
        nodes = [self._node(b, names.index(node[0]), *node) for node in self.nodes]
        return table(b, {0: vector(b, tensors), 1: numbers(b, inputs), 2: numbers(b, outputs),
                         3: vector(b, nodes), 4: b.CreateString("main")})

    def _code(self, b, number):
        return table(b, {}, {0: ("byte", min(number, 127)), 2: ("int", 3), 3: ("int", number)})

    def _buffer(self, b, t):
        if t["data"] is None:
            return table(b, {})
        if t["type"] == "INT4":
            low = np.asarray(t["data"], np.int8).ravel()
            low = np.append(low, [0] * (low.size % 2)).astype(np.int8).view(np.uint8)
            raw = (low[::2] & 15 | low[1::2] << 4).astype(np.uint8)
        else:
            raw = np.frombuffer(np.asarray(t["data"], DTYPES[t["type"]]).tobytes(), np.uint8)
        return table(b, {0: b.CreateNumpyVector(raw)})

    def _tensor(self, b, t, buffer):
        offsets = {0: numbers(b, t["shape"]), 3: b.CreateString(t["name"])}
        if t["scale"] is not None:
            scale = np.atleast_1d(np.asarray(t["scale"], np.float32))
            zero = np.broadcast_to(np.asarray(t["zero"], np.int64), scale.shape)
            offsets[4] = table(b, {2: b.CreateNumpyVector(scale),
                                   3: b.CreateNumpyVector(zero.copy())}, {6: ("int", t["axis"])})
        return table(b, offsets, {1: ("byte", TYPES.index(t["type"])), 2: ("uint", buffer),
                                  5: ("bool", t["variable"])})

    def _node(self, b, index, name, inputs, outputs, options):
        number, fields = OPTIONS[name]
        write = {"[int]": numbers, "string": type(b).CreateString}
        lists = {fields[k][0]: write[fields[k][1]](b, v) for k, v in options.items()
                 if fields[k][1] in write}
        scalars = {fields[k][0]: (fields[k][1], v) for k, v in options.items()
                   if fields[k][1] not in write}
        offsets = {1: numbers(b, inputs), 2: numbers(b, outputs)}
        if number:
            offsets[4] = table(b, lists, scalars)
        return table(b, offsets, {0: ("uint", index), 3: ("ubyte", number)})


def table(b, offsets, scalars=None):
    """Writes a table with the builder ``b``: offsets and (kind, value) pairs by slot."""
    b.StartObject(max([*offsets, *(scalars or {}), 0]) + 1)
    for slot, at in offsets.items():
        b.PrependUOffsetTRelativeSlot(slot, at, 0)
    for slot, (kind, value) in (scalars or {}).items():
        getattr(b, PREPEND[kind])(slot, value, None)
    return b.EndObject()


def numbers(b, values):
    """Writes a vector of 32-bit integers."""
    return b.CreateNumpyVector(np.asarray(values, np.int32))


def vector(b, offsets):
    """Writes a vector of tables."""
    b.StartVector(4, len(offsets), 4)
    for at in reversed(offsets):
        b.PrependUOffsetTRelative(at)
    return b.EndVector()


def answers(data, x, output=0):
    """Computes an output of a file by TensorFlow Lite Micro's kernels.

    Parameters
    ----------
    data : the file's bytes
    x : samples (N, *shape), the batch of 1 among the shape
    output : number of the output
    """
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(data, arena_size=1 << 22)
    found = []
    for sample in x:
        interpreter.set_input(sample, 0)
        interpreter.invoke()
        found.append(interpreter.get_output(output))
    return np.array(found)

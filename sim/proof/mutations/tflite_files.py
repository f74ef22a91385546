"""TFLite files with words, tables and numbers that are not right."""

import random
import struct
from contextlib import suppress

import numpy as np

from qhw.errors import QhwError
from qhw.loaders import load
from qhw.loaders.tflite.graph import inspect_tflite
from qhw.loaders.tflite.schema import OPTIONS, TYPES

from ..tflites import Made, grown, network
from .damage import NUMBERS as REALS
from .kind import SEEDS, Kind
from .networks import through

__all__ = ["TFLiteFiles"]

NUMBERS = (0, 1, 2, 3, 4, 5, 7, 8, 16, 127, 128, 255, 1 << 15, 1 << 16, 1 << 20, (1 << 31) - 1,
           1 << 31, (1 << 32) - 1, 0x7F800000, 0x7FC00000, 0x80000000, 0x00000001, 0x3F800000)
"""Integers at their ends; as floats infinite, no number, negative zero, the smallest and 1."""


def _changed(made: Made, ends: list[int], rng: random.Random) -> None:
    """Changes a shape, type, scale, constant, option, input or operator of a network."""
    tensor, k = rng.choice(made.tensors), rng.randrange(len(made.nodes))
    name, inputs, outputs, options = made.nodes[k]
    match rng.randrange(9):
        case 0:
            shape = list(tensor["shape"])
            shape[rng.randrange(len(shape))] = rng.choice((0, 1, 2, 3, 7, 1000, 1 << 20, -1))
            tensor["shape"] = tuple(shape)
        case 1:
            tensor["shape"] = (*tensor["shape"], 1)[rng.randrange(2):]
        case 2:
            tensor["type"] = rng.choice(TYPES)
        case 3:
            tensor["scale"] = rng.choice((None, 0.0, 1e-30, 1e30, float("nan"), [0.1, 0.2], -1.0,
                                          2.0**-31, float(abs(rng.choice(REALS)) % 1e38)))
        case 4:
            tensor["zero"] = rng.choice((0, -128, 127, 128, 1 << 40, -32768))
        case 5:
            flat = np.array(tensor["data"]).copy()
            flat.ravel()[rng.randrange(flat.size)] = rng.choice((-1, 0, 1, 5, 127, 1 << 30))
            tensor["data"] = flat
        case 6:
            option = rng.choice(sorted(OPTIONS[name][1]))
            options[option] = rng.choice((0, 1, 2, 3, 5, 100, -1, 120))
        case 7:
            end = rng.choice((inputs, inputs, outputs, ends))
            end[rng.randrange(len(end))] = rng.choice((-1, rng.randrange(len(made.tensors))))
        case _:
            made.nodes[k] = rng.choice(sorted(OPTIONS)), inputs, outputs, {}


class TFLiteFiles(Kind):
    name, file = "tflite", "net.tflite"

    def whole(self, seed):
        return network(seed)[0]

    def damaged(self, data, rng):
        """Some aligned words become other numbers, are moved by one, or copied."""
        found = bytearray(data)
        for _ in range(rng.choice((1, 1, 2, 3, 8))):
            at = 4 * rng.randrange(2, len(found) // 4)
            word, = struct.unpack_from("<I", found, at)
            value = rng.choice((rng.choice(NUMBERS), word + 1, word - 1, 2 * word, -word, word ^ (
                1 << rng.randrange(32)), struct.unpack_from("<I", found, 4 * rng.randrange(
                    len(found) // 4))[0]))
            if rng.random() < .3:
                found[at + rng.randrange(4)] = value & 255
            else:
                struct.pack_into("<I", found, at, value & 0xFFFFFFFF)
        return bytes(found)

    def write(self, rng):
        """In two of three files something is not right that the format can say."""
        if rng.random() < 1 / 3:
            return super().write(rng)
        found = grown(rng.randrange(SEEDS))
        made, ends = found.made, [found.first.number, *found.ends]
        for _ in range(rng.choice((1, 1, 2, 3))):
            with suppress(IndexError, KeyError, OverflowError, TypeError, ValueError):
                _changed(made, ends, rng)
        try:
            data = made.file(ends[:1], ends[1:])
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error):
            return super().write(rng)       # what cannot be written
        path = self.folder / self.file
        path.write_bytes(data)
        return path

    def read(self, path):
        try:
            graph = load(path)
        except QhwError as e:
            if "node " in str(e) and not any(f.reason for f in inspect_tflite(path)):
                raise AssertionError(f"inspect finds nothing wrong: {e}") from None
            raise
        through(graph)

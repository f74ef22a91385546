"""Networks, their weights and their folds as damaged files."""

import io
import json
import random
import tomllib
import zipfile
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np
import tomli_w

from qhw.errors import QhwError
from qhw.fold.files import read_folds
from qhw.graph import Graph
from qhw.loaders import load
from qhw.loaders.onnx.graph import inspect_onnx
from qhw.loaders.samples import read_input
from qhw.lower import lower
from qhw.simulators.golden import evaluate

from ..descriptions.generate import draw
from ..oracles.generate import made
from .damage import NUMBERS, WORDS, bytes_damaged, tree_damaged
from .kind import SEEDS, Kind
from .onnx_files import model_damaged

__all__ = ["Folds", "Npz", "Onnx", "Toml"]

MOST = 1 << 16
"""Elements of an input on which a network is evaluated too."""


def through(graph: Graph) -> None:
    """Lowers a network, and evaluates it on a sample."""
    lowered = lower(graph)
    first = lowered.nodes[0].op
    shape = getattr(first, "given", ()) or getattr(first, "shape", ())
    if np.prod([float(n) for n in shape]) < MOST:
        evaluate(lowered, np.zeros((1, *shape)))


class Onnx(Kind):
    name, file = "onnx", "net.onnx"

    def whole(self, seed):
        """The first of some models that can be read, so that damage is what is wrong."""
        path = self.folder / self.file
        for k in range(seed, MOST, SEEDS):
            path.write_bytes(made(k).model.SerializeToString())
            with suppress(QhwError):
                through(load(path))
                break
        return path.read_bytes()

    def damaged(self, data, rng):
        return model_damaged(data, rng)

    def read(self, path):
        format = "u8" if path.stat().st_size % 2 else None
        try:
            graph = load(path, format)
        except QhwError as e:
            if "node " in str(e) and not any(f.reason for f in inspect_onnx(path, format)):
                raise AssertionError(f"inspect finds nothing wrong: {e}") from None
            raise
        through(graph)


class Toml(Kind):
    name, file = "toml", "model.toml"

    def whole(self, seed):
        """The first of some descriptions that can be read, so that damage is what is wrong."""
        for k in range(seed, MOST, SEEDS):
            self.drawn[seed] = draw(k)
            with suppress(QhwError):
                Toml.read(self, self.drawn[seed].write(self.folder) / "model.toml")
                break
        return tomli_w.dumps(self.drawn[seed].text).encode()

    @cached_property
    def drawn(self) -> dict[int, Any]:
        return {}

    def damaged(self, data, rng):
        text = tomllib.loads(data.decode())
        return tomli_w.dumps(tree_damaged(text, rng)).encode()

    def write(self, rng):
        k = rng.randrange(SEEDS)
        data, other = self.seed(k), self.seed(rng.randrange(SEEDS))
        (self.folder / self.file).write_bytes(self.changed(data, other, rng))
        np.savez(self.folder / "weights.npz", **self.drawn[k].arrays)
        return self.folder / self.file

    def read(self, path):
        through(load(path.parent))


class Npz(Toml):
    """Weights of a description, or samples."""

    name, file = "npz", "weights.npz"

    def write(self, rng):
        k, self.samples = rng.randrange(SEEDS), rng.random() < .3
        text = self.seed(k)
        (self.folder / "model.toml").write_bytes(text)
        self.now = k
        data, other = (self.packed(n) for n in (k, rng.randrange(SEEDS)))
        path = self.folder / self.file
        path.write_bytes(self.changed(data, other, rng))
        return path

    def damaged(self, data, rng):
        return self.archive(self.now, rng)

    def packed(self, k: int) -> bytes:
        self.seed(k)
        stream = io.BytesIO()
        np.savez(stream, **self.arrays(k))
        return stream.getvalue()

    def arrays(self, k: int) -> dict[str, np.ndarray]:
        return {"x": self.drawn[k].x} if self.samples else self.drawn[k].arrays

    def archive(self, k: int, rng: random.Random) -> bytes:
        """An archive whose checksums are right, of arrays that are not."""
        self.seed(k)
        stream = io.BytesIO()
        arrays = self.arrays(k)
        wrong = rng.choice(list(arrays))
        with zipfile.ZipFile(stream, "w", rng.choice((0, 8, 12, 14))) as archive:
            for name, array in arrays.items():
                if name != wrong:
                    archive.writestr(f"{name}.npy", self.npy(array))
                elif rng.random() < .9:
                    name = rng.choice((name, name, name, *WORDS)) or "a"
                    archive.writestr(f"{name}.npy", self.member(array, rng))
                if rng.random() < .02:
                    archive.writestr(name, rng.choice((b"", b"text", self.npy(array))))
        return stream.getvalue()

    def npy(self, array: np.ndarray) -> bytes:
        stream = io.BytesIO()
        np.save(stream, array)
        return stream.getvalue()

    def member(self, array: np.ndarray, rng: random.Random) -> bytes:
        """An array of another type, shape or content, or with a damaged header."""
        array = array.copy()
        match rng.randrange(6):
            case 0:
                with np.errstate(all="ignore"):
                    array = array.astype(rng.choice((
                        "f2", "f4", "f8", "i1", "u8", "c16", "?", "U3", "O", "S2", "V4")))
            case 1:
                array = array.ravel()[:rng.randrange(array.size + 1)]
            case 2 if array.size:
                value = rng.choice(NUMBERS)
                if array.dtype.kind == "f" or isinstance(value, int) and abs(value) < 128:
                    array.flat[rng.randrange(array.size)] = value if array.dtype.kind != "u" else (
                        abs(value))
            case 3:
                array = np.full(array.shape, rng.choice((1e300, -1e300, 5e-324, 1 << 62, 2.5)))
            case _:
                data = self.npy(array)
                head = bytes_damaged(data[:128], data, rng)
                for old in (b"<f8", b"(", b"False", b"1"):
                    if rng.random() < .3:
                        head = head.replace(old, rng.choice((b"|O", b"9" * 30, b"True", b"((((",
                                                             b"-1", b"<f4")), 1)
                return head + data[128:]
        return self.npy(array)

    def read(self, path):
        if self.samples:
            read_input(path)
        else:
            through(load(path.parent))


class Folds(Kind):
    name, file = "fold", "fold.json"

    def whole(self, seed):
        rng = random.Random(seed)
        known = {"fc1": {"pe": 8, "simd": 4}, "fc2": {"spatial": True}, "act1": {"lanes": 2},
                 "fc3": {"spatial": True, "levels": 2}, "*": {"pe": 1, "simd": 1}}
        return json.dumps(dict(rng.sample(sorted(known.items()), rng.randrange(1, 6)))).encode()

    def damaged(self, data, rng):
        return json.dumps(tree_damaged(json.loads(data), rng)).encode()

    @cached_property
    def graph(self) -> Graph:
        return load("digits-ternary")

    def read(self, path):
        folds = read_folds(path)
        if path.stat().st_size % 8 == 0:    # lowering takes far longer than reading
            lower(self.graph, folds)
